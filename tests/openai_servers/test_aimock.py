"""The gateway in front of aimock, a Chat Completions server from npm that this project did not write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic

from tests.openai_servers.conftest import SERVER_KEY, TOOLS
from tests.support.claude_code import ClaudeCode
from tests.support.foreign_server import Aimock
from tests.support.gateway import RunningGateway

MODEL = "aimock:gpt-5"
HALVES = "🌊⚓🛟 " * 8
"""This server cuts texts by UTF-16 units, so that the halves of such a character come in different chunks."""
LONG = "The tide tables say 潮汐表显示水位很低 and so on 🌊. " * 40
CALLS = [
    {"name": "get_tide", "arguments": {"place": f"north {HALVES}"}, "id": "call_tide"},
    {"name": "get_boats", "arguments": {"pier": "2"}, "id": "call_boats"},
]
FIXTURES: list[dict[str, Any]] = [
    {"match": {"hasToolResult": True, "toolResultContains": "seven"}, "response": {"content": "Low, and seven boats."}},
    {"match": {"userMessage": "harbour-long"}, "response": {"content": LONG, "finishReason": "length"}},
    {
        "match": {"userMessage": "harbour-think"},
        "response": {"content": "Low.", "reasoning": f"The table says low. {HALVES}"},
    },
    {"match": {"userMessage": "harbour-tools"}, "response": {"content": "I look.", "toolCalls": CALLS}},
    {
        "match": {"userMessage": "harbour-limit"},
        "response": {
            "error": {"message": "Too many boats.", "type": "rate_limit_error", "code": "rate_limit_exceeded"},
            "status": 429,
            "retryAfter": 7,
        },
    },
    {"match": {"userMessage": "harbour-cut"}, "response": {"content": LONG}, "truncateAfterChunks": 4, "latency": 20},
    {
        "match": {"userMessage": "harbour-run", "hasToolResult": False},
        "response": {"toolCalls": [{"name": "Bash", "arguments": {"command": "echo seven boats | tee made.txt"}}]},
    },
    {"match": {"userMessage": "harbour-greeting"}, "response": {"content": "Hello from the harbour."}},
]


@pytest.fixture(scope="session")
def aimock(running_gateway: RunningGateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aimock]:
    with Aimock(tmp_path_factory.mktemp("aimock"), FIXTURES, SERVER_KEY) as server:
        running_gateway.set_openai_provider("aimock", server.address, credential=SERVER_KEY)
        yield server


def asked(text: str, **fields: Any) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": text}]} | fields


def test_a_text_streamed_and_whole(client: Anthropic, aimock: Aimock, gateway: RunningGateway) -> None:
    whole = client.messages.create(**asked("harbour-greeting"))
    with client.messages.stream(**asked("harbour-greeting")) as stream:
        pieces = list(stream.text_stream)
        streamed = stream.get_final_message()

    assert whole.content[0].text == streamed.content[0].text == "".join(pieces) == "Hello from the harbour."
    assert len(pieces) > 1
    assert (whole.model, whole.stop_reason) == (streamed.model, streamed.stop_reason) == (MODEL, "end_turn")
    assert whole.usage.output_tokens == streamed.usage.output_tokens > 0
    for entry in gateway.log_entries(2):
        assert (entry["outcome"], entry["usage_is_estimate"]) == ("completed", False)


def test_a_long_text_that_reached_its_limit(client: Anthropic, aimock: Aimock) -> None:
    with client.messages.stream(**asked("harbour-long")) as stream:
        message = stream.get_final_message()

    assert (message.content[0].text, message.stop_reason) == (LONG, "max_tokens")


def test_reasoning_becomes_thinking(client: Anthropic, aimock: Aimock) -> None:
    whole = client.messages.create(**asked("harbour-think"))
    with client.messages.stream(**asked("harbour-think")) as stream:
        streamed = stream.get_final_message()

    for message in (whole, streamed):
        assert [block.type for block in message.content] == ["thinking", "text"]
        assert (message.content[0].thinking, message.content[1].text) == (f"The table says low. {HALVES}", "Low.")


@pytest.mark.parametrize("streams", [True, False])
def test_tools_are_called_and_their_results_come_back(client: Anthropic, aimock: Aimock, streams: bool) -> None:
    request = asked("harbour-tools", tools=TOOLS)
    if streams:
        with client.messages.stream(**request) as stream:
            called = stream.get_final_message()
    else:
        called = client.messages.create(**request)

    text, *calls = called.content
    assert (text.text, called.stop_reason) == ("I look.", "tool_use")
    assert [(call.name, call.input) for call in calls] == [(call["name"], call["arguments"]) for call in CALLS]
    results = [
        {"type": "tool_result", "tool_use_id": calls[0].id, "content": "low"},
        {"type": "tool_result", "tool_use_id": calls[1].id, "content": [{"type": "text", "text": "seven"}]},
    ]
    history = [*request["messages"], {"role": "assistant", "content": called.content}]
    answer = client.messages.create(**request | {"messages": [*history, {"role": "user", "content": results}]})
    assert answer.content[0].text == "Low, and seven boats."


def test_a_rate_limit(client: Anthropic, aimock: Aimock, gateway: RunningGateway) -> None:
    with pytest.raises(anthropic.RateLimitError, match=r"Too many boats\.") as raised:
        client.messages.create(**asked("harbour-limit", stream=True))

    assert raised.value.response.headers["retry-after"] == "7"
    [entry] = gateway.log_entries(1)
    assert (entry["status"], entry["error_type"]) == (429, "rate_limit_error")


def test_a_key_that_is_refused(client: Anthropic, aimock: Aimock, gateway: RunningGateway) -> None:
    gateway.set_openai_provider("aimock-without-key", aimock.address, credential="sk-another")

    with pytest.raises(anthropic.AuthenticationError):
        client.messages.create(**asked("harbour-greeting", model="aimock-without-key:gpt-5"))


def test_a_stream_that_is_cut_ends_in_an_error(client: Anthropic, aimock: Aimock, gateway: RunningGateway) -> None:
    with pytest.raises(anthropic.APIStatusError), client.messages.stream(**asked("harbour-cut")) as stream:
        stream.until_done()

    [entry] = gateway.log_entries(1)
    assert (entry["status"], entry["outcome"]) == (200, "upstream_failed")


def test_claude_code_runs_a_tool(claude: ClaudeCode, aimock: Aimock, gateway: RunningGateway) -> None:
    run = replace(claude, environment={"ANTHROPIC_MODEL": MODEL}).run("harbour-run")

    assert run.result["result"] == "Low, and seven boats."
    assert claude.work.joinpath("made.txt").read_text() == "seven boats\n"
    assert [entry["outcome"] for entry in gateway.log_entries(2)] == ["completed", "completed"]
