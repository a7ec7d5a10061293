"""What waits to be written: summed up, bounded, and never in anybody's way."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from gateway.subagents import backlog as module
from gateway.subagents.backlog import Backlog, Launch, SeenAgent, SeenPrompt

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=5)


def launch(name: str = "scout") -> Launch:
    return Launch("s", "d", name, NOON)


def seen(name: str = "scout", at: datetime = NOON, **fields: object) -> SeenAgent:
    return SeenAgent(**{"name": name, "known_by": "launched", "first": at, "last": at, "requests": 1} | fields)  # type: ignore[arg-type]


def prompt(fingerprint: str = "f", at: datetime = NOON, **fields: object) -> SeenPrompt:
    return SeenPrompt(**{"fingerprint": fingerprint, "first": at, "last": at, "requests": 1} | fields)  # type: ignore[arg-type]


def test_calls_of_one_agent_are_one_row_whatever_the_case_of_its_name() -> None:
    backlog = Backlog()
    backlog.add_agent(seen("Scout", LATER))
    backlog.add_agent(seen("scout", NOON))
    assert backlog.take_all().agents == {"scout": seen("Scout", first=NOON, last=LATER, requests=2)}
    assert not backlog.take_all()


def test_an_announcement_adds_the_description_and_says_nothing_of_how_a_caller_is_known() -> None:
    backlog = Backlog()
    backlog.add_agent(seen())
    backlog.add_agent(seen(known_by="announced", requests=0, description="Looks around."))
    [agent] = backlog.take_all().agents.values()
    assert (agent.known_by, agent.requests, agent.description) == ("launched", 1, "Looks around.")


def test_a_call_says_how_an_announced_agent_is_known() -> None:
    backlog = Backlog()
    backlog.add_agent(seen(known_by="announced", requests=0))
    backlog.add_agent(seen(known_by="fingerprint"))
    assert backlog.take_all().agents["scout"].known_by == "fingerprint"


def test_each_name_that_a_prompt_was_launched_under_is_kept() -> None:
    backlog = Backlog()
    for name in ("scout", "Scout", "lookout", ""):
        backlog.add_prompt(prompt(name=name, source="launched" if name else ""))
    kept = backlog.take_all().prompts.values()
    assert [(each.name, each.requests) for each in kept] == [("scout", 2), ("lookout", 1), ("", 1)]


def test_a_launch_wakes_the_writer_at_once() -> None:
    backlog = Backlog()
    woken: list[bool] = []
    writer = Thread(target=lambda: woken.append(backlog.wait(20)))
    writer.start()
    backlog.add_launch(launch())
    writer.join(5)
    assert woken == [True]
    assert backlog.take_launches() == [launch()]
    assert backlog.take_launches() == []


def test_a_call_alone_waits_for_the_next_round_and_so_does_a_launch_while_the_database_fails() -> None:
    backlog = Backlog()
    backlog.add_agent(seen())
    assert backlog.wait(0)
    backlog.add_launch(launch())
    assert backlog.wait(0.01, for_launches=False)
    assert backlog.take_launches() == [launch()]


def test_closing_ends_the_waiting() -> None:
    backlog = Backlog()
    backlog.close()
    assert not backlog.wait(20)


def test_what_was_not_written_comes_before_what_is_newer() -> None:
    backlog = Backlog()
    backlog.add_launch(launch("scout"))
    backlog.add_agent(seen())
    backlog.add_prompt(prompt())
    failed = backlog.take_all()
    backlog.add_launch(launch("lookout"))
    backlog.add_agent(seen(at=LATER))
    backlog.add_prompt(prompt(at=LATER))
    backlog.put_back(failed)
    pending = backlog.take_all()
    assert [each.name for each in pending.launches] == ["scout", "lookout"]
    assert pending.agents["scout"] == seen(first=NOON, last=LATER, requests=2)
    assert [each.requests for each in pending.prompts.values()] == [2]


def test_what_goes_past_the_limit_is_dropped_with_one_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LIMIT", 2)
    backlog = Backlog()
    with caplog.at_level(logging.WARNING):
        for number in range(4):
            backlog.add_launch(launch(f"agent-{number}"))
            backlog.add_agent(seen(f"agent-{number}"))
            backlog.add_prompt(prompt(f"f{number}"))
        backlog.add_agent(seen("agent-0"))
    pending = backlog.take_all()
    assert [each.name for each in pending.launches] == ["agent-2", "agent-3"]
    assert {name: each.requests for name, each in pending.agents.items()} == {"agent-0": 2, "agent-1": 1}
    assert [each.fingerprint for each in pending.prompts.values()] == ["f0", "f1"]
    assert [record.message for record in caplog.records] == [
        "More than 2 facts about subagents wait for the database: the request log is complete, but the list of "
        "subagents and their counts will not be."
    ]
