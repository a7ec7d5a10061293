"""Subagents on a converted model, and a provider that wants its reasoning back."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.e2e.test_claude_code import agent_call
from tests.support.claude_code import ClaudeCode
from tests.support.gateway import RunningGateway
from tests.support.loop_thread import Gate
from tests.support.openai_api import OpenAIUpstream, streamed, tool_results
from tests.support.openai_stream import Call, Reasoning, Text, Usage
from tests.support.scripted_response import Response
from tests.support.upstream import RecordedRequest


def test_two_parallel_subagents_each_get_their_own_answer(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    converted.define_agent("scout", "You look for things.")
    converted.define_agent("critic", "You find faults.")
    scout, critic = agent("scout", "Find the harbour."), agent("critic", "Find the fault.")
    critic_called = Gate()

    def script(request: RecordedRequest) -> Response:
        if tool_results(request):
            return streamed(Text("Both are back."), usage=Usage(400))
        if b"Find the fault." in request.body:
            critic_called.open()
            return streamed(Text("A fault in the hull."), usage=Usage(300))
        if b"Find the harbour." in request.body:
            # Answered only when the other one has asked: agents that do not run side by side would wait for ever.
            return streamed(Text("A harbour in the north."), usage=Usage(200)).held(critic_called)
        return streamed(Text("I send two."), scout, critic, usage=Usage(100), interleaved=True)

    openai_upstream.answer_by(script)
    run = converted.run("Send two agents.")

    assert run.result["result"] == "Both are back."
    reports = tool_results(openai_upstream.chats[-1])
    assert "A harbour in the north." in reports[scout.id]
    assert "A fault in the hull." in reports[critic.id]
    entries = {entry["input_tokens"]: entry for entry in gateway.log_entries(4)}
    assert {entry["session_id"] for entry in entries.values()} == {run.session_id}
    assert entries[100]["tools_called"] == ["Agent", "Agent"]
    assert entries[100]["agent_id"] == entries[400]["agent_id"] == ""
    assert len({entries[200]["agent_id"], entries[300]["agent_id"], ""}) == 3


def test_a_provider_that_wants_its_reasoning_back_gets_it(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    """DeepSeek refuses a conversation with tools whose assistant turns come without their reasoning (B31)."""
    gateway.set_openai_provider("reasoning", openai_upstream.address, preset="deepseek")
    openai_upstream.extensions = ("reasoning_content", "thinking")
    look = Call("Bash", {"command": "echo seven boats", "description": "Count"})
    openai_upstream.answer(
        streamed(Reasoning("I should count them."), look), streamed(Reasoning("Seven."), Text("There are seven."))
    )

    client = replace(converted, environment={"ANTHROPIC_MODEL": "reasoning:deepseek-v4"})
    run = client.run("How many boats?")

    assert run.thoughts() == ["I should count them.", "Seven."]
    asked, resumed = (request.json() for request in openai_upstream.chats)
    assert asked["thinking"] == {"type": "enabled"}
    [turn] = [message for message in resumed["messages"] if message["role"] == "assistant"]
    assert turn["reasoning_content"] == "I should count them."
    assert "I should count them." not in json.dumps([message.get("content") for message in resumed["messages"]])
    assert [entry["outcome"] for entry in gateway.log_entries(2)] == ["completed", "completed"]


def agent(name: str, prompt: str) -> Call:
    return Call("Agent", agent_call(name, prompt).input)
