"""Which of the log's entries are named, and how long an agent's name is kept for entries that are still to come."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from gateway.subagents import naming as module
from gateway.subagents.backlog import NamedAgent
from gateway.subagents.naming import LogNaming
from requestlog.models import Entry
from requestlog.naming import AgentName
from requestlog.status import RecorderStatus
from routing.models import Subagent, SubagentFingerprint
from tests.support.log_entries import store_entries

pytestmark = pytest.mark.django_db

SCOUT = AgentName("scout", "launched")
AGENT = NamedAgent("s", "a1", SCOUT)


@pytest.fixture
def recorded_until() -> Any:
    """Sets how far the recorder is, in seconds from now."""

    def set_to(seconds: float) -> None:
        status.return_value = RecorderStatus(pid=1, heartbeat_at=0, backlog_bytes=0, committed_until=now + seconds)

    now = time.time()
    with mock.patch.object(module, "read_status") as status:
        set_to(-1)
        yield set_to


def sweep(naming: LogNaming) -> None:
    naming._swept_at = float("-inf")
    while naming.step():
        pass


def log_agent(fingerprint: str = "f", count: int = 1) -> None:
    known = {"call_kind": "subagent", "session_id": "s", "agent_id": "a1"}
    store_entries(count, **known, agent_fingerprint=fingerprint)


def naming_of(defined: dict[str, AgentName] | None = None, told: list[str] | None = None) -> LogNaming:
    noted = [] if told is None else told
    return LogNaming(lambda: defined or {}, lambda fingerprint, name: noted.append(fingerprint))


def names() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("subagent", flat=True))


def learn(fingerprint: str, name: str) -> None:
    subagent, _ = Subagent.objects.get_or_create(name=name, defaults={"known_by": "launched"})
    SubagentFingerprint.objects.create(fingerprint=fingerprint, subagent=subagent, source="launched")


def test_an_agents_name_is_kept_until_the_recorder_has_written_what_was_served_before(
    recorded_until: Callable[[float], None],
) -> None:
    naming = naming_of()
    naming.add_agent(AGENT)
    sweep(naming)
    log_agent()
    sweep(naming)
    assert names() == ["scout"]
    recorded_until(5)
    sweep(naming)
    log_agent()
    sweep(naming)
    assert names() == ["scout", ""]


def test_an_agent_with_more_entries_than_a_batch_gets_them_all_named(recorded_until: Callable[[float], None]) -> None:
    recorded_until(5)
    log_agent(count=5)
    naming = naming_of()
    naming.add_agent(AGENT)
    with mock.patch("requestlog.naming.PER_BATCH", 2), mock.patch.object(module, "PER_BATCH", 2):
        for _ in range(3):
            sweep(naming)
    assert names() == ["scout"] * 5


def test_all_entries_of_a_prompt_are_named_batch_by_batch() -> None:
    log_agent(count=5)
    learn("f", "scout")
    naming = naming_of()
    with mock.patch("requestlog.naming.PER_BATCH", 2), mock.patch.object(module, "PER_BATCH", 2):
        assert [naming.step() for _ in range(4)] == [True, True, False, False]
    assert names() == ["scout"] * 5


def test_many_prompts_that_nobody_knows_do_not_hide_one_that_is_known() -> None:
    for fingerprint in ("f1", "f2", "f3", "f4", "f5"):
        log_agent(fingerprint)
    learn("f5", "scout")
    naming = naming_of()
    with mock.patch.object(module, "FINGERPRINTS", 2):
        for _ in range(3):
            sweep(naming)
    assert names() == ["", "", "", "", "scout"]


def test_a_definition_names_a_prompt_that_nobody_has_learned_and_this_is_told() -> None:
    log_agent("f1")
    log_agent("f2")
    learn("f2", "cook")
    told: list[str] = []
    defined = {"f1": AgentName("scout", "file"), "f2": AgentName("somebody", "file")}
    sweep(naming_of(defined, told))
    assert names() == ["scout", "cook"]
    assert told == ["f1"]


def test_the_log_is_looked_through_every_few_seconds_and_not_with_each_round() -> None:
    naming = naming_of()
    naming.step()
    log_agent()
    learn("f", "scout")
    naming.step()
    assert names() == [""]
