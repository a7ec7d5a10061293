"""Subagents in the database. Several processes write at the same time; each count is added to what the row holds.

Rows are touched in a fixed order, so that two processes never wait for each other in a circle; who calls takes no more
than `PER_TRANSACTION` at a time, so that nobody waits long. A row's name changes by conditions on the row itself:
whoever comes first has named the prompt, and a second name from a launch takes the first one away (see `judgement`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Lower

from gateway.subagents.backlog import Launch, SeenAgent, SeenPrompt
from gateway.subagents.judgement import AMBIGUOUS_SOURCE, DEFINED, KnownPrompt, known_prompt, same_name
from requestlog.bulk import Table
from routing.models import AgentLaunch, KnownBy, Subagent, SubagentFingerprint

PER_TRANSACTION = 200
_COUNT = """requests = {table}.requests + excluded.requests,
    last_seen = CASE WHEN excluded.requests > 0 AND excluded.last_seen > {table}.last_seen
    THEN excluded.last_seen ELSE {table}.last_seen END"""
_FIRST_NAME = """{column} = CASE WHEN {table}.subagent_id IS NULL AND {table}.source <> '{ambiguous}'
    AND excluded.subagent_id IS NOT NULL THEN excluded.{column} ELSE {table}.{column} END"""


def _on_conflict(key: str, *updates: str) -> str:
    """The rest of an INSERT for a row that is there already."""
    return f"({key}) DO UPDATE SET {', '.join(updates)}"


_PROMPT_TABLE = SubagentFingerprint._meta.db_table
_AGENT_VALUES = ("name", "description", "known_by", "first", "last", "requests")
_AGENTS = Table(
    Subagent,
    ["name", "description", "known_by", "first_seen", "last_seen", "requests"],
    conflict=_on_conflict("name", _COUNT.format(table=Subagent._meta.db_table)),
)
_PROMPTS = Table(
    SubagentFingerprint,
    ["fingerprint", "subagent_id", "source", "first_seen", "last_seen", "requests", "sample"],
    conflict=_on_conflict(
        "fingerprint",
        _COUNT.format(table=_PROMPT_TABLE),
        _FIRST_NAME.format(table=_PROMPT_TABLE, column="subagent_id", ambiguous=AMBIGUOUS_SOURCE),
        _FIRST_NAME.format(table=_PROMPT_TABLE, column="source", ambiguous=AMBIGUOUS_SOURCE),
    ),
)
_STRENGTH = [KnownBy.ANNOUNCED, KnownBy.PASTED, KnownBy.FILE, KnownBy.FINGERPRINT, KnownBy.LAUNCHED]
"""Of two ways in which a subagent is known, its row shows the later one in this list."""


def store_launches(launches: Sequence[Launch]) -> None:
    rows = [
        AgentLaunch(
            session_id=launch.session_id, prompt_digest=launch.digest, subagent=launch.name, launched_at=launch.at
        )
        for launch in launches
    ]
    AgentLaunch.objects.bulk_create(rows, batch_size=PER_TRANSACTION)


def prune_launches(before: datetime) -> int:
    """Delete some of the launches that are older; how many."""
    old = AgentLaunch.objects.filter(launched_at__lt=before).order_by("launched_at")
    with transaction.atomic():
        free = old.select_for_update(skip_locked=True).values_list("pk", flat=True)
        deleted, _ = AgentLaunch.objects.filter(pk__in=list(free[:PER_TRANSACTION])).delete()
    return deleted


def launched_names(session_id: str, digests: Iterable[str]) -> frozenset[str]:
    """The names of the session's launches with one of the prompts."""
    launches = AgentLaunch.objects.filter(session_id=session_id, prompt_digest__in=list(digests))
    return frozenset(launches.values_list("subagent", flat=True))


def prompt_of(fingerprint: str) -> KnownPrompt:
    return prompts_of([fingerprint]).get(fingerprint, KnownPrompt())


def prompts_of(fingerprints: Sequence[str]) -> dict[str, KnownPrompt]:
    """Those of the fingerprints, a thousand at most, that the database knows."""
    rows = SubagentFingerprint.objects.filter(fingerprint__in=fingerprints)
    columns = rows.values_list("fingerprint", "subagent__name", "source")
    return {fingerprint: known_prompt(name or "", source) for fingerprint, name, source in columns}


def spellings_of(names: Iterable[str]) -> dict[str, str]:
    """For each of the names how a subagent that is known already writes it; nothing for one that nobody writes."""
    wanted = set(names)
    exact = set(Subagent.objects.filter(name__in=wanted).values_list("name", flat=True))
    by_key = {name.lower(): name for name in wanted - exact}
    # SQLite's own lower() knows ASCII alone: names of other letters are taken for different ones there.
    similar = Subagent.objects.annotate(key=Lower("name")).filter(key__in=list(by_key)).order_by("-pk")
    found = similar.values_list("key", "name") if by_key else ()
    return {name: name for name in exact} | {by_key[key]: name for key, name in found}


def store_agents(seen: Sequence[SeenAgent]) -> None:
    with transaction.atomic():
        rows = Subagent.objects.filter(name__in=[agent.name for agent in seen])
        known = {name: rest for name, *rest in rows.values_list("name", "known_by", "description")}
        agents = sorted(seen, key=lambda agent: agent.name)
        _AGENTS.write([getattr(agent, name) for name in _AGENT_VALUES] for agent in agents)
        for agent in agents:
            if agent.name in known:
                _describe_agent(agent, *known[agent.name])


def _describe_agent(seen: SeenAgent, known_by: str, description: str) -> None:
    """What counting leaves out: it seldom changes."""
    row = Subagent.objects.filter(name=seen.name)
    if seen.requests and _strength(seen.known_by) > _strength(known_by):
        row.update(known_by=seen.known_by)
    if seen.description and seen.description != description:
        row.update(description=seen.description)


def _strength(known_by: str) -> int:
    return _STRENGTH.index(KnownBy(known_by)) if known_by in _STRENGTH else -1


def store_prompts(seen: Sequence[SeenPrompt]) -> None:
    """The subagents that the prompts name are there already."""
    with transaction.atomic():
        rows = SubagentFingerprint.objects.filter(fingerprint__in=[prompt.fingerprint for prompt in seen])
        known = {print_: (id, source) for print_, id, source in rows.values_list("fingerprint", "subagent", "source")}
        ids = _ids_of({prompt.name for prompt in seen})
        prompts = sorted(seen, key=lambda prompt: (prompt.fingerprint, prompt.name))
        _PROMPTS.write(_prompt_row(prompt, ids.get(prompt.name)) for prompt in prompts)
        for prompt in prompts:
            if subagent_id := ids.get(prompt.name):
                before = known.setdefault(prompt.fingerprint, (subagent_id, prompt.source))
                _name_again(prompt, subagent_id, before)


def _ids_of(names: Iterable[str]) -> dict[str, int]:
    return dict(Subagent.objects.filter(name__in=names).values_list("name", "id"))


def _prompt_row(seen: SeenPrompt, subagent_id: int | None) -> list[Any]:
    source = "" if subagent_id is None else seen.source
    return [seen.fingerprint, subagent_id, source, seen.first, seen.last, seen.requests, seen.sample]


def _name_again(seen: SeenPrompt, subagent_id: int, before: tuple[int | None, str]) -> None:
    """Weigh a name against the one that the prompt had before; its first name it has got with its row."""
    if before[0] is None or before == (subagent_id, seen.source) or seen.source != KnownBy.LAUNCHED:
        return
    row = SubagentFingerprint.objects.filter(fingerprint=seen.fingerprint)
    if not row.filter(source__in=DEFINED).update(subagent=subagent_id, source=seen.source):
        other = row.filter(source=KnownBy.LAUNCHED).exclude(subagent=subagent_id)
        name = other.values_list("subagent__name", flat=True).first()
        if name and not same_name(name, seen.name):
            other.update(subagent=None, source=AMBIGUOUS_SOURCE)
