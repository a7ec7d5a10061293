"""Entries logged without a name get it once it is learned, whoever learns it and whenever they are written."""

from __future__ import annotations

from typing import Any
from unittest import mock

from gateway.subagents.service import Subagents
from requestlog.models import Entry
from routing.identification.prompts import fingerprint_of_body
from routing.models import SubagentFingerprint
from tests.gateway.subagents.clients import (
    SESSION,
    call_agent,
    configured_with,
    definition,
    launch,
    write_down,
)
from tests.support.log_entries import store_exchange

SCOUT = "You look for things."
COOK = "You cook."
UNKNOWN = ("", "")


def log(agent_id: str, body: str, **columns: Any) -> Entry:
    """An entry of an agent's call, as the recorder writes it."""
    known = {"call_kind": "subagent", "session_id": SESSION, "agent_fingerprint": fingerprint_of_body(body)}
    return store_exchange(agent_id=agent_id, **known | columns)


def logged_names() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("subagent", flat=True))


def test_entries_without_a_name_get_it_once_the_prompt_is_learned(process: Subagents, no_patience: None) -> None:
    log("a0", SCOUT)
    log("a9", COOK)
    call_agent(process, "a0", SCOUT, "Early.")
    write_down(process)
    assert logged_names() == ["", ""]
    launch(process, ("scout", "Look out."))
    call_agent(process, "a1", SCOUT, "Look out.")
    write_down(process)
    write_down(process)
    assert logged_names() == ["scout", ""]


def test_an_entry_that_the_recorder_writes_after_the_learning_is_named_too(process: Subagents) -> None:
    launch(process, ("scout", "Look out."))
    call_agent(process, "a1", SCOUT, "Look out.")
    write_down(process)
    write_down(process)
    log("a0", SCOUT)
    write_down(process)
    assert logged_names() == ["scout"]


def test_a_process_names_what_another_one_has_learned_or_left_behind(
    process: Subagents, other_process: Subagents
) -> None:
    launch(process, ("scout", "Look out."))
    call_agent(process, "a1", SCOUT, "Look out.")
    write_down(process)
    log("a0", SCOUT)
    write_down(other_process)
    assert logged_names() == ["scout"]


def test_a_definition_that_comes_later_names_what_was_logged(process: Subagents, no_patience: None) -> None:
    log("a1", SCOUT)
    call_agent(process, "a1", SCOUT, "Look out.")
    write_down(process)
    snapshot = configured_with(definition("scout", SCOUT))
    with mock.patch("gateway.subagents.identifier.PATIENCE_SECONDS", 5.0):
        call_agent(process, "a2", COOK, "Cook.", later=True, snapshot=snapshot)  # any call brings the news
    write_down(process)
    assert logged_names() == ["scout"]
    write_down(process)
    assert SubagentFingerprint.objects.get(fingerprint=fingerprint_of_body(SCOUT)).source == "pasted"


def test_a_launch_that_comes_too_late_names_the_agent_from_then_on(
    process: Subagents, other_process: Subagents, no_patience: None
) -> None:
    log("a1", SCOUT)
    assert call_agent(other_process, "a1", SCOUT, "Look out.") == UNKNOWN
    launch(process, ("scout", "Look out."))
    write_down(process)
    write_down(other_process)
    assert call_agent(other_process, "a1", SCOUT, "Look out.", later=True) == ("scout", "launched")
    write_down(other_process)
    assert logged_names() == ["scout"]
    assert SubagentFingerprint.objects.get().source == "launched"
