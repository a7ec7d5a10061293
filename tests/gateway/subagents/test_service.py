"""From requests and answers to names, rows and log entries; two processes on one database."""

from __future__ import annotations

import dataclasses
from typing import Any
from unittest import mock

import pytest

from gateway.subagents.definitions import pasted_definitions
from gateway.subagents.identity import Identity
from gateway.subagents.service import Subagents
from requestlog.exchange import Exchange
from requestlog.models import Entry
from routing.identification.callers import CallKind
from routing.identification.prompts import fingerprint_of_body
from routing.models import AgentDefinition, Subagent, SubagentFingerprint
from tests.gateway.subagents.clients import (
    SESSION,
    agent_request,
    call_agent,
    configured_with,
    definition,
    identify,
    launch,
    main_request,
    write_down,
)
from tests.routing.identification.client import BILLING, MAIN_BILLING, SDK, blocks, request, user
from tests.support.log_entries import store_exchange

SCOUT = "You look for things."
COOK = "You cook."
UNKNOWN = ("", "")


def rows() -> dict[str, tuple[int, str]]:
    return {agent.name: (agent.requests, agent.known_by) for agent in Subagent.objects.all()}


def log(agent_id: str, body: str, **columns: Any) -> Entry:
    """An entry of an agent's call, as the recorder writes it."""
    known = {"call_kind": "subagent", "session_id": SESSION, "agent_fingerprint": fingerprint_of_body(body)}
    return store_exchange(agent_id=agent_id, **known | columns)


def test_the_main_loop_and_side_calls_are_nobody(process: Subagents) -> None:
    main = identify(process, main_request())
    side = identify(process, request(blocks(MAIN_BILLING, SDK, "Name it."), user("A title."), tools=()))
    assert (main.caller.kind, main.name) == (CallKind.MAIN_LOOP, "")
    assert (side.caller.kind, side.name) == (CallKind.SIDE_CALL, "")
    write_down(process)
    assert rows() == {}


def test_an_agent_is_named_by_its_launch_in_all_its_calls(process: Subagents) -> None:
    launch(process, ("scout", "Look out."))
    assert call_agent(process, "a1", SCOUT, "Look out.") == ("scout", "launched")
    assert call_agent(process, "a1", SCOUT, "Look out.", later=True) == ("scout", "launched")


def test_parallel_agents_are_told_apart_by_their_prompts(process: Subagents) -> None:
    launch(process, ("scout", "Look out."), ("cook", "Cook."))
    assert call_agent(process, "a2", COOK, "Cook.") == ("cook", "launched")
    assert call_agent(process, "a1", SCOUT, "Look out.") == ("scout", "launched")


def test_a_launch_counts_in_its_session_alone(process: Subagents, no_patience: None) -> None:
    launch(process, ("scout", "Look out."), session="another")
    assert call_agent(process, "a1", SCOUT, "Look out.") == UNKNOWN


def test_an_identity_is_noted_for_the_log(process: Subagents) -> None:
    launch(process, ("scout", "Look out."))
    exchange = Exchange()
    identify(process, agent_request(SCOUT, "Look out."), "a1").note_in(exchange)
    noted = (exchange.call_kind, exchange.subagent, exchange.subagent_known_by, exchange.agent_fingerprint)
    assert noted == ("subagent", "scout", "launched", fingerprint_of_body(SCOUT))


def test_a_prompt_that_a_launch_has_named_names_later_agents(process: Subagents, other_process: Subagents) -> None:
    launch(process, ("scout", "Look out."))
    call_agent(process, "a1", SCOUT, "Look out.")
    assert call_agent(process, "a2", SCOUT, "Unseen launch.") == ("scout", "fingerprint")
    write_down(process)
    assert call_agent(other_process, "a3", SCOUT, "Elsewhere.", session="other") == ("scout", "fingerprint")


def test_a_launch_of_another_process_is_found(process: Subagents, other_process: Subagents) -> None:
    launch(process, ("scout", "Look out."))
    write_down(process)
    assert call_agent(other_process, "a1", SCOUT, "Look out.") == ("scout", "launched")


def test_a_later_call_in_another_process_is_named_by_the_log_where_the_prompt_says_nothing(
    process: Subagents, other_process: Subagents
) -> None:
    for name in ("scout", "lookout"):  # two agents with one body
        launch(process, (name, f"As {name}."))
        call_agent(process, f"a-{name}", SCOUT, f"As {name}.")
    write_down(process)
    log("a-lookout", SCOUT, subagent="lookout", subagent_known_by="launched")
    assert call_agent(other_process, "a-lookout", SCOUT, "As lookout.", later=True) == ("lookout", "launched")
    assert call_agent(other_process, "a-other", SCOUT, "As lookout.", later=True) == UNKNOWN


def test_one_prompt_launched_under_two_names_is_no_guess(process: Subagents, no_patience: None) -> None:
    launch(process, ("scout", "Do it."), ("cook", "Do it."))
    assert call_agent(process, "a1", SCOUT, "Do it.") == UNKNOWN
    launch(process, ("cook", "Cook."))
    call_agent(process, "a2", COOK, "Cook.")
    assert call_agent(process, "a3", COOK, "Do it.") == ("cook", "fingerprint")


def test_a_name_launched_in_another_process_before_makes_the_launch_here_no_guess(
    process: Subagents, other_process: Subagents, no_patience: None
) -> None:
    launch(process, ("scout", "Do it."))
    write_down(process)
    launch(other_process, ("cook", "Do it."))
    with mock.patch("gateway.subagents.identifier.PATIENCE_SECONDS", 1.0):
        assert call_agent(other_process, "a1", COOK, "Do it.") == UNKNOWN


def test_a_prompt_that_was_launched_under_two_names_is_nobodys_in_every_process(
    process: Subagents, other_process: Subagents
) -> None:
    for name in ("scout", "lookout"):
        launch(process, (name, f"As {name}."))
        assert call_agent(process, f"a-{name}", SCOUT, f"As {name}.") == (name, "launched")
        write_down(process)
    assert call_agent(process, "a3", SCOUT, "Unseen.", later=True) == UNKNOWN
    assert call_agent(other_process, "a4", SCOUT, "Unseen.", later=True) == UNKNOWN
    assert SubagentFingerprint.objects.get().subagent is None


def test_a_name_is_spelled_as_the_client_announces_it(process: Subagents, other_process: Subagents) -> None:
    listed = "Available agent types for the Agent tool:\n- Explore: Looks around. (Tools: *)\n"
    body = request(blocks(MAIN_BILLING, SDK, "You steer."), user("Go."), {"role": "system", "content": listed})
    identify(process, body)
    write_down(process)
    assert rows() == {"Explore": (0, "announced")}
    for number, each in enumerate((process, other_process)):
        launch(each, ("explore", f"Look {number}."))
        assert call_agent(each, f"a{number}", f"You explore {number}.", f"Look {number}.") == ("Explore", "launched")
        write_down(each)
    assert rows() == {"Explore": (2, "launched")}
    assert set(SubagentFingerprint.objects.values_list("subagent__name", flat=True)) == {"Explore"}


def test_a_fork_is_told_by_its_conversation(process: Subagents) -> None:
    forked = user("<fork-boilerplate>\nYou are a fork.\n</fork-boilerplate>\n\nGo on.")
    body = request(blocks(BILLING, SDK, "You steer."), user("Hi."), {"role": "assistant", "content": "Yes."}, forked)
    identity = identify(process, body, "a1")
    assert (identity.name, identity.known_by, identity.caller.fingerprint) == ("fork", "launched", "")


def test_a_pasted_definition_names_its_agent(process: Subagents) -> None:
    snapshot = configured_with(definition("scout", SCOUT))
    assert call_agent(process, "a1", SCOUT, "Look out.", snapshot=snapshot) == ("scout", "pasted")
    # A body that goes on is recognised by its beginning.
    assert call_agent(process, "a2", f"{SCOUT}\n\nMind the rocks.", "Go.", snapshot=snapshot) == ("scout", "pasted")


def test_a_definition_that_is_gone_has_named_its_agent_all_the_same(
    process: Subagents, other_process: Subagents
) -> None:
    call_agent(process, "a1", SCOUT, "Look out.", snapshot=configured_with(definition("scout", SCOUT)))
    write_down(process)
    assert call_agent(other_process, "a2", SCOUT, "Look out.", later=True) == ("scout", "pasted")
    renamed = configured_with(definition("lookout", SCOUT))
    assert call_agent(other_process, "a3", SCOUT, "Look.", later=True, snapshot=renamed) == ("lookout", "pasted")


def test_a_pasted_definition_that_is_broken_is_left_out(process: Subagents) -> None:
    AgentDefinition(name="scout", text=definition("scout", SCOUT)).save()
    AgentDefinition(name="broken", text="no front matter").save()
    assert [each.name for each in pasted_definitions()] == ["scout"]


def test_calls_are_counted_and_prompts_that_nobody_knows_are_listed(process: Subagents, no_patience: None) -> None:
    launch(process, ("scout", "Look out."))
    for later in (False, True, True):
        call_agent(process, "a1", SCOUT, "Look out.", later=later)
    call_agent(process, "a2", "You are nobody.", "Go.")
    write_down(process)
    assert rows() == {"scout": (3, "launched")}
    named, unnamed = SubagentFingerprint.objects.order_by("-requests")
    assert (named.subagent and named.subagent.name, named.source, named.requests) == ("scout", "launched", 3)
    assert (unnamed.subagent, unnamed.sample[:15], unnamed.requests) == (None, "You are nobody.", 1)


def test_a_prompt_is_learned_from_a_first_call_and_from_no_other(process: Subagents) -> None:
    launch(process, ("scout", "Look out."))
    call_agent(process, "a1", SCOUT, "Look out.")
    call_agent(process, "a1", "Something else under the agent's id.", "Look out.", later=True)
    write_down(process)
    named = SubagentFingerprint.objects.exclude(subagent=None)
    assert [row.fingerprint for row in named] == [fingerprint_of_body(SCOUT)]


@pytest.mark.parametrize("text", ["scout\0", "s" * 5000, "\ud83d scout"], ids=["NUL", "long", "half a character"])
def test_names_and_ids_that_no_column_takes_do_not_stop_the_writer(process: Subagents, text: str) -> None:
    launch(process, (text, "Look out."))
    name, known_by = call_agent(process, "a1", SCOUT, "Look out.")
    write_down(process)
    assert known_by == "launched"
    assert rows() == {name: (1, "launched")}


def test_an_answer_is_watched_only_where_it_can_launch_an_agent(process: Subagents) -> None:
    main = identify(process, main_request())
    assert process.watch(main) is not None
    assert process.watch(identify(process, agent_request(SCOUT, "Go.", later=True), "a1")) is None
    without_session = Identity(dataclasses.replace(main.caller, session_id=""))
    assert process.watch(without_session) is None
