"""Gives entries the names of subagents that were learned after their calls had been logged.

Nothing else about an entry changes, and a name once given stays. Every function works on one batch of entries, a short
transaction of its own, so that naming never keeps the database from the recorder for long; entries that the recorder is
writing in this moment are passed over, and found again by the next batch.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from requestlog.models import Entry, EntryQuerySet

PER_BATCH = 500
SUBAGENT = "subagent"
"""`Entry.call_kind` of a subagent's own calls."""


@dataclass(frozen=True, slots=True)
class AgentName:
    """`known_by` says in one word how the name is known."""

    name: str
    known_by: str


def unnamed_fingerprints(limit: int, after: str = "") -> list[str]:
    """Fingerprints, in their order, that have entries without a name."""
    unnamed = Entry.objects.of_unnamed_subagents().filter(agent_fingerprint__gt=after).order_by("agent_fingerprint")
    return list(unnamed.values_list("agent_fingerprint", flat=True).distinct()[:limit])


def name_by_fingerprint(fingerprint: str, name: AgentName) -> int:
    """How many entries got the name: `PER_BATCH` of them mean that there may be more."""
    return _name_batch(Entry.objects.of_unnamed_subagents().filter(agent_fingerprint=fingerprint), name)


def name_by_agent(session_id: str, agent_id: str, name: AgentName) -> int:
    """The same for the calls of one agent, but not for the side calls that the client makes under its id."""
    unnamed = Entry.objects.of_agent(session_id, agent_id).filter(subagent="", call_kind=SUBAGENT)
    return _name_batch(unnamed, name)


def name_of_agent(session_id: str, agent_id: str) -> AgentName | None:
    """The name that an agent has in the log; there is never more than one."""
    if not agent_id:
        return None
    named = Entry.objects.of_agent(session_id, agent_id).exclude(subagent="").order_by()
    # Not `first()`, which orders by id: SQLite would then go through the whole session.
    found = named.values_list("subagent", "subagent_known_by")[:1]
    return AgentName(*found[0]) if found else None


def _name_batch(unnamed: EntryQuerySet, name: AgentName) -> int:
    with transaction.atomic():
        free = unnamed.select_for_update(skip_locked=True).order_by("id")
        ids = list(free.values_list("id", flat=True)[:PER_BATCH])
        return Entry.objects.filter(id__in=ids).update(subagent=name.name, subagent_known_by=name.known_by)
