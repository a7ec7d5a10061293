"""How long a request waits to learn a name: not for long, not twice for the same, not for a lame database."""

from __future__ import annotations

import threading
from typing import Any
from unittest import mock

from django.db import OperationalError

from gateway.subagents import storage
from gateway.subagents.lookups import PATIENCE_SECONDS
from gateway.subagents.service import Subagents
from tests.gateway.subagents.clients import (
    call_agent,
    launch,
    write_down,
)

SCOUT = "You look for things."
COOK = "You cook."
UNKNOWN = ("", "")


def out_of_reach(*_: Any) -> Any:
    raise OperationalError("the database is out of reach")


def test_an_unknown_first_call_waits_for_its_launch_once_and_its_prompts_next_one_does_not(
    process: Subagents,
) -> None:
    pauses = mock.AsyncMock()
    with (
        mock.patch("gateway.subagents.identifier.asyncio.sleep", pauses),
        mock.patch("gateway.subagents.identifier.PATIENCE_SECONDS", 0.05),
    ):
        assert call_agent(process, "a1", SCOUT, "Look out.") == UNKNOWN
        assert pauses.await_count > 0
        pauses.reset_mock()
        assert call_agent(process, "a2", SCOUT, "Look out again.") == UNKNOWN
        assert pauses.await_count == 0


def test_a_later_call_of_an_unknown_agent_never_waits(process: Subagents) -> None:
    with mock.patch("gateway.subagents.identifier.asyncio.sleep", mock.AsyncMock()) as pause:
        assert call_agent(process, "a1", SCOUT, "Look out.", later=True) == UNKNOWN
    assert pause.await_count == 0


def test_without_a_database_memory_still_names(process: Subagents, no_patience: None) -> None:
    with (
        mock.patch.object(storage, "prompts_of", out_of_reach),
        mock.patch.object(storage, "launched_names", out_of_reach),
    ):
        launch(process, ("scout", "Look out."))
        assert call_agent(process, "a1", SCOUT, "Look out.") == ("scout", "launched")
        assert call_agent(process, "a1", SCOUT, "Look out.", later=True) == ("scout", "launched")
        assert call_agent(process, "a2", SCOUT, "Unseen.") == ("scout", "fingerprint")
        assert call_agent(process, "a3", COOK, "Cook.") == UNKNOWN


def test_a_database_that_fails_is_not_asked_by_every_request(process: Subagents) -> None:
    with mock.patch.object(storage, "prompts_of", side_effect=out_of_reach) as asked:
        for number in range(5):
            call_agent(process, f"a{number}", f"You are number {number}.", "Go.", later=True)
    assert asked.call_count == 1


def test_a_database_that_hangs_is_waited_for_once(process: Subagents) -> None:
    answers = threading.Event()

    def hang(*_: Any) -> dict[str, Any]:
        answers.wait(20)
        return {}

    with (
        mock.patch.object(storage, "prompts_of", side_effect=hang) as asked,
        mock.patch("gateway.subagents.lookups.PATIENCE_SECONDS", 0.05),
    ):
        for number in range(5):
            assert call_agent(process, f"a{number}", f"You are number {number}.", "Go.", later=True) == UNKNOWN
        process._lookups._rests_until = 0.0  # some seconds later: the question is still under way
        call_agent(process, "a9", SCOUT, "Go.", later=True)
        assert asked.call_count == 1
        answers.set()


def test_a_request_waits_no_longer_than_a_third_of_a_second() -> None:
    assert PATIENCE_SECONDS <= 1 / 3


def test_a_launch_that_another_process_is_about_to_write_is_waited_for(
    process: Subagents, other_process: Subagents
) -> None:
    launch(process, ("scout", "Look out."))
    asked = storage.launched_names

    def write_before_the_third_question(*question: Any) -> frozenset[str]:
        if names.call_count == 3:
            writing = threading.Thread(target=write_down, args=[process])
            writing.start()
            writing.join()
        return asked(*question)

    with mock.patch.object(storage, "launched_names", side_effect=write_before_the_third_question) as names:
        assert call_agent(other_process, "a1", SCOUT, "Look out.") == ("scout", "launched")
