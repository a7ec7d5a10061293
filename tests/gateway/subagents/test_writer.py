"""The writer's thread: at once where another process waits, patient with a database that fails, and never twice."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError

from gateway.subagents import storage
from gateway.subagents import writer as module
from gateway.subagents.backlog import Backlog, Launch, SeenAgent, SeenPrompt
from gateway.subagents.writer import Writer
from routing.models import Subagent, SubagentFingerprint
from tests.support.waiting import wait_until

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LAUNCH = Launch("s", "d", "scout", NOON)


def seen(name: str = "scout") -> SeenAgent:
    return SeenAgent(name, "launched", NOON, NOON, requests=1)


def prompt(fingerprint: str = "f", name: str = "scout") -> SeenPrompt:
    return SeenPrompt(fingerprint, NOON, NOON, requests=1, name=name, source="launched")


class FakeDatabase:
    """Takes what the thread writes; `problem` makes it fail."""

    def __init__(self) -> None:
        self.launches: list[Launch] = []
        self.agents: list[SeenAgent] = []
        self.prompts: list[SeenPrompt] = []
        self.problem = ""
        self.refusals = 0

    def take(self, table: list[Any]) -> Callable[[list[Any]], None]:
        def store(rows: list[Any]) -> None:
            if rows and self.problem:
                self.refusals += 1
                raise OperationalError(self.problem)
            table.extend(rows)

        return store


@contextmanager
def usable(self: Any) -> Iterator[bool]:
    """Stands in for `Database.use`, without a database behind it."""
    try:
        yield False
    except OperationalError as error:
        raise module.DatabaseUnavailable(str(error)) from error


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> FakeDatabase:
    made = FakeDatabase()
    monkeypatch.setattr(storage, "store_launches", made.take(made.launches))
    monkeypatch.setattr(storage, "store_agents", made.take(made.agents))
    monkeypatch.setattr(storage, "store_prompts", made.take(made.prompts))
    monkeypatch.setattr(storage, "spellings_of", lambda names: {})
    monkeypatch.setattr(storage, "prune_launches", lambda before: 0)
    monkeypatch.setattr(module.Database, "use", usable)
    monkeypatch.setattr(module.Database, "close", lambda self: None)
    monkeypatch.setattr(module, "ROUND_SECONDS", 0.05)
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.05)
    return made


@pytest.fixture
def backlog() -> Backlog:
    return Backlog()


@pytest.fixture
def writer(database: FakeDatabase, backlog: Backlog) -> Iterator[Writer]:
    made = Writer(backlog, lambda: False, lambda name: None)
    made.start()
    yield made
    made.close()


def test_launches_calls_and_prompts_are_written(writer: Writer, backlog: Backlog, database: FakeDatabase) -> None:
    backlog.add_launch(LAUNCH)
    backlog.add_agent(seen())
    backlog.add_prompt(prompt())
    wait_until(lambda: database.prompts)
    assert (database.launches, database.agents, database.prompts) == ([LAUNCH], [seen()], [prompt()])


def test_a_launch_does_not_wait_for_the_round(database: FakeDatabase, backlog: Backlog) -> None:
    with mock.patch.object(module, "ROUND_SECONDS", 3600):
        writer = Writer(backlog, lambda: False, lambda name: None)
        writer.start()
        backlog.add_launch(LAUNCH)
        wait_until(lambda: database.launches)
        backlog.add_launch(LAUNCH)
        wait_until(lambda: len(database.launches) == 2)
        writer.close()


def test_what_a_failing_database_does_not_take_is_written_once_when_it_is_back(
    writer: Writer, backlog: Backlog, database: FakeDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        database.problem = "the disk is full"
        backlog.add_launch(LAUNCH)
        backlog.add_agent(seen())
        wait_until(lambda: database.refusals > 2)
        backlog.add_agent(seen())
        backlog.add_prompt(prompt())
        database.problem = ""
        wait_until(lambda: database.prompts)
    assert database.launches == [LAUNCH]
    assert [(agent.name, agent.requests) for agent in database.agents] == [("scout", 2)]
    assert database.prompts == [prompt()]
    assert [record.message for record in caplog.records] == [
        "What is new of subagents is kept in memory, because it cannot be written: the disk is full"
    ]


def test_what_was_written_before_a_failure_is_not_written_again(
    database: FakeDatabase, backlog: Backlog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "PER_TRANSACTION", 2)
    for number in range(5):
        backlog.add_agent(seen(f"agent-{number}"))
    store, calls = storage.store_agents, iter([True, False, True, True])
    monkeypatch.setattr(
        storage, "store_agents", lambda rows: store(rows) if next(calls) else database.take([])(_fail(database, rows))
    )
    writer = Writer(backlog, lambda: False, lambda name: None)
    writer._try(writer._write_pending)
    database.problem = ""
    writer._try(writer._write_pending)
    assert sorted(agent.name for agent in database.agents) == [f"agent-{number}" for number in range(5)]


def _fail(database: FakeDatabase, rows: list[Any]) -> list[Any]:
    database.problem = "gone"
    return rows


def test_a_stop_writes_what_is_pending(database: FakeDatabase, backlog: Backlog) -> None:
    with mock.patch.object(module, "ROUND_SECONDS", 3600):
        writer = Writer(backlog, lambda: False, lambda name: None)
        writer.start()
        wait_until(lambda: writer._next_round > 0)
        backlog.add_agent(seen())
        writer.close()
    assert database.agents == [seen()]
    assert not [thread for thread in threading.enumerate() if thread is writer._thread]


def test_a_stop_that_cannot_write_says_so(
    database: FakeDatabase, backlog: Backlog, caplog: pytest.LogCaptureFixture
) -> None:
    database.problem = "gone"
    writer = Writer(backlog, lambda: False, lambda name: None)
    backlog.add_agent(seen())
    with caplog.at_level(logging.WARNING):
        writer.start()
        writer.close()
    assert caplog.messages[-1].startswith("What was new of subagents is lost")


@pytest.mark.django_db
def test_ten_thousand_subagents_are_stored_with_their_prompts(backlog: Backlog) -> None:
    for number in range(10_000):
        backlog.add_agent(seen(f"agent-{number}"))
        backlog.add_prompt(prompt(f"f{number}", f"agent-{number}"))
    writer = Writer(backlog, lambda: False, lambda name: None)
    for _ in range(2):
        writer._write_pending()
        backlog.add_agent(seen("Agent-77"))
    assert Subagent.objects.count() == 10_000
    assert SubagentFingerprint.objects.exclude(subagent=None).count() == 10_000
    assert Subagent.objects.get(name="agent-77").requests == 2
