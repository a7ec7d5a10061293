"""Claude Code's subagents through the gateway: the log names each of them, and nothing changes for the main loop."""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.test_claude_code import agent_call, prompt_of
from tests.support.anthropic_api import streamed
from tests.support.anthropic_stream import Text
from tests.support.claude_code import ClaudeCode
from tests.support.gateway import RunningGateway
from tests.support.log_reader import Row
from tests.support.loop_thread import Gate
from tests.support.passthrough import assert_requests_unchanged, assert_responses_unchanged
from tests.support.scripted_response import Response
from tests.support.upstream import RecordedRequest, ScriptedUpstream
from tests.support.waiting import wait_until
from tests.support.wiretap import Wiretap

SUBAGENTS = """
import json
from routing.models import Subagent
print(json.dumps({agent.name: [agent.requests, agent.known_by, agent.description] for agent in Subagent.objects.all()}))
"""
PROMPTS = {"scout": "Find the harbour.", "critic": "Find the fault.", "Explore": "Look around."}


def is_first_turn(request: RecordedRequest) -> bool:
    return all(message["role"] != "assistant" for message in request.json()["messages"])


def by_subagent(entries: list[Row]) -> dict[str, list[Row]]:
    return {name: [entry for entry in entries if entry["subagent"] == name] for name in ["", *PROMPTS]}


def known_subagents(gateway: RunningGateway) -> Any:
    return json.loads(gateway.shell(SUBAGENTS))


def test_two_custom_agents_and_a_built_in_one_run_side_by_side_and_are_named(
    claude: ClaudeCode, upstream: ScriptedUpstream, gateway: RunningGateway, tap: Wiretap
) -> None:
    claude.define_agent("scout", "You look for things.")
    claude.define_agent("critic", "You find faults.")
    calls = [agent_call(name, prompt) for name, prompt in PROMPTS.items()]
    all_called = {name: Gate() for name in PROMPTS}

    def script(request: RecordedRequest) -> Response:
        name = next((name for name, prompt in PROMPTS.items() if prompt_of(request) == prompt), "")
        if name:
            all_called[name].open()
            others = iter(gate for other, gate in all_called.items() if other != name)
            return streamed(Text(f"{name} is back.")).held(next(others))
        return streamed(Text("I send three."), *calls) if is_first_turn(request) else streamed(Text("All are back."))

    upstream.answer_by(script)
    run = claude.run("Send three agents.")

    assert run.result["result"] == "All are back."
    assert_requests_unchanged(tap, upstream)
    assert_responses_unchanged(tap, upstream)
    entries = gateway.log_entries(5)
    assert {entry["session_id"] for entry in entries} == {run.session_id}
    named = by_subagent(entries)
    assert {name: len(found) for name, found in named.items()} == {"": 2, "scout": 1, "critic": 1, "Explore": 1}
    assert {entry["call_kind"] for entry in named[""]} == {"main loop"}
    agent_ids = {prompt_of(request): request.header("x-claude-code-agent-id") for request in upstream.requests}
    for name, prompt in PROMPTS.items():
        [entry] = named[name]
        assert (entry["call_kind"], entry["subagent_known_by"]) == ("subagent", "launched")
        assert (entry["agent_id"], entry["parent_agent_id"]) == (agent_ids[prompt], "")
        assert len(entry["agent_fingerprint"]) == 32


def test_an_agent_of_an_agent_is_named_and_shows_its_parent(
    claude: ClaudeCode, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    claude.define_agent("outer", "You delegate.", tools="Agent, Read")
    claude.define_agent("inner", "You do the work.")
    upstream.answer(
        streamed(agent_call("outer", "Have it done.")),
        streamed(agent_call("inner", "Do it.")),
        *(streamed(Text("Done.")) for _ in range(3)),
    )

    claude.run("Get it done.")

    entries = gateway.log_entries(5)
    assert [entry["subagent"] for entry in entries] == ["", "outer", "inner", "outer", ""]
    outer, inner = entries[1], entries[2]
    assert (outer["parent_agent_id"], inner["parent_agent_id"]) == ("", outer["agent_id"])


def test_agents_that_exist_are_listed_before_they_have_called(
    claude: ClaudeCode, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    claude.define_agent("idler", "You wait.")
    upstream.answer(streamed(Text("Nothing to do.")))

    claude.run("Anything to do?")

    gateway.log_entries(1)
    known = wait_until(lambda: (found := known_subagents(gateway)) and "idler" in found and found)
    assert known["idler"] == [0, "announced", "idler of the tests"]
    assert known["Explore"][2]
