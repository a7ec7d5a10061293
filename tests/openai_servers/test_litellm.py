"""The gateway in front of LiteLLM's proxy, which this project did not write.

One of its models is an Anthropic model, which LiteLLM reaches at the scripted Messages API. So what the client asks is
converted to the Chat Completions format by the gateway and back by LiteLLM, and the answer the other way round: what
arrives at the end must mean what was said at the beginning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic

from tests.openai_servers.conftest import SERVER_KEY, TOOLS
from tests.support.anthropic_api import prompt_too_long, streamed, whole
from tests.support.anthropic_stream import Text, Thinking, ToolUse, Usage
from tests.support.claude_code import ClaudeCode
from tests.support.foreign_server import LiteLLM
from tests.support.gateway import RunningGateway
from tests.support.log_entries import PIXEL
from tests.support.upstream import RecordedRequest, ScriptedUpstream

CHAINED = "litellm:chained"
USAGE = Usage(input_tokens=120, output_tokens=34, cache_read=5600)


@pytest.fixture(scope="session")
def litellm(
    running_gateway: RunningGateway, scripted_upstream: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiteLLM]:
    models = [
        mocked("text", "The tide is low."),
        mocked("limited", "litellm.RateLimitError"),
        mocked("broken", "litellm.InternalServerError"),
        model("chained", "anthropic/claude-sonnet-4-5", api_base=scripted_upstream.base_url),
    ]
    with LiteLLM(tmp_path_factory.mktemp("litellm"), models, SERVER_KEY) as server:
        running_gateway.set_openai_provider("litellm", server.address, credential=SERVER_KEY, preset="litellm")
        yield server


def model(name: str, upstream_model: str, **parameters: Any) -> dict[str, Any]:
    fixed = {"model": upstream_model, "api_key": "none", "max_retries": 0}
    return {"model_name": name, "litellm_params": fixed | parameters}


def mocked(name: str, response: str) -> dict[str, Any]:
    return model(name, "openai/gpt-4o", mock_response=response)


def asked(model: str, *messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    said = list(messages) or [{"role": "user", "content": "How is the tide?"}]
    return {"model": model, "max_tokens": 2000, "messages": said} | fields


def test_a_text_streamed_and_whole(client: Anthropic, litellm: LiteLLM, gateway: RunningGateway) -> None:
    whole = client.messages.create(**asked("litellm:text"))
    with client.messages.stream(**asked("litellm:text")) as stream:
        pieces = list(stream.text_stream)
        streamed = stream.get_final_message()

    assert whole.content[0].text == streamed.content[0].text == "".join(pieces) == "The tide is low."
    assert len(pieces) > 1
    assert whole.model == streamed.model == "litellm:text"
    assert whole.stop_reason == streamed.stop_reason == "end_turn"
    for entry in gateway.log_entries(2):
        assert (entry["outcome"], entry["usage_is_estimate"]) == ("completed", False)
        assert entry["output_tokens"] > 0


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("litellm:limited", anthropic.RateLimitError),
        ("litellm:broken", anthropic.InternalServerError),
        ("litellm:unknown", anthropic.BadRequestError),
    ],
)
def test_an_error_has_its_class(
    client: Anthropic, litellm: LiteLLM, gateway: RunningGateway, model: str, kind: type[Exception], streams: bool
) -> None:
    with pytest.raises(anthropic.APIStatusError) as raised:
        client.messages.create(**asked(model, stream=streams))

    assert type(raised.value) is kind
    [entry] = gateway.log_entries(1)
    assert (entry["status"], entry["outcome"]) == (raised.value.status_code, "upstream_failed")
    assert entry["error_message"]


def test_a_context_that_is_too_long_says_so_through_both(
    client: Anthropic, litellm: LiteLLM, upstream: ScriptedUpstream
) -> None:
    upstream.answer_by(lambda request: prompt_too_long())

    with pytest.raises(anthropic.BadRequestError, match="prompt is too long"):
        client.messages.create(**asked(CHAINED, stream=True))


@pytest.mark.parametrize("streams", [True, False])
def test_parallel_tools_there_and_back(
    client: Anthropic, litellm: LiteLLM, upstream: ScriptedUpstream, gateway: RunningGateway, streams: bool
) -> None:
    tide, boats = ToolUse("get_tide", {"place": "nördlich 🌊"}), ToolUse("get_boats", {"pier": "2"})
    parts = (Text("I look."), tide, boats)
    upstream.answer(streamed(*parts, usage=USAGE) if streams else whole(*parts, usage=USAGE))

    message = answer(client, streams, asked(CHAINED, tools=TOOLS))

    assert [block.type for block in message.content] == ["text", "tool_use", "tool_use"]
    assert [(call.name, call.input) for call in message.content[1:]] == [
        ("get_tide", tide.input),
        ("get_boats", boats.input),
    ]
    assert message.stop_reason == "tool_use"
    assert (message.usage.input_tokens, message.usage.cache_read_input_tokens) == (120, 5600)
    [request] = upstream.posts()
    assert [tool["name"] for tool in request.json()["tools"]] == ["get_tide", "get_boats"]
    assert [tool["input_schema"]["required"] for tool in request.json()["tools"]] == [["place"], ["pier"]]
    [entry] = gateway.log_entries(1)
    assert entry["tools_called"] == ["get_tide", "get_boats"]


def test_a_history_with_results_arrives_as_it_was(
    client: Anthropic, litellm: LiteLLM, upstream: ScriptedUpstream
) -> None:
    upstream.answer(whole(Text("Low.")))
    calls = [
        {"type": "tool_use", "id": "toolu_1", "name": "get_tide", "input": {"place": "north"}},
        {"type": "tool_use", "id": "toolu_2", "name": "get_boats", "input": {"pier": "2"}},
    ]
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
    results = [
        {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "low"}, picture]},
        {"type": "tool_result", "tool_use_id": "toolu_2", "content": "no such pier", "is_error": True},
    ]
    messages = [
        {"role": "user", "content": "How is the tide?"},
        {"role": "assistant", "content": [{"type": "text", "text": "I look."}, *calls]},
        {"role": "user", "content": [*results, {"type": "text", "text": "Well?"}]},
    ]

    request = asked(CHAINED, *messages, tools=TOOLS, system="Be brief.")
    client.messages.create(**request, extra_body={"temperature": 0.3})

    [arrived] = upstream.posts()
    body = arrived.json()
    assert "Be brief." in str(body["system"])
    assert body["temperature"] == 0.3
    assert body["max_tokens"] == 2000
    assert [block["input"] for block in blocks_of(arrived, "tool_use")] == [{"place": "north"}, {"pier": "2"}]
    assert [block["tool_use_id"] for block in blocks_of(arrived, "tool_result")] == ["toolu_1", "toolu_2"]
    texts = [str(block["content"]) for block in blocks_of(arrived, "tool_result")]
    assert "low" in texts[0]
    assert "Error" in texts[1] and "no such pier" in texts[1]
    assert [image["source"]["data"] for image in blocks_of(arrived, "image")] == [PIXEL]
    assert "Well?" in str(body["messages"][-1])


@pytest.mark.parametrize("streams", [True, False])
def test_thinking_comes_through(client: Anthropic, litellm: LiteLLM, upstream: ScriptedUpstream, streams: bool) -> None:
    parts = (Thinking("The table says low."), Text("It is low."))
    upstream.answer(streamed(*parts) if streams else whole(*parts))

    message = answer(client, streams, asked(CHAINED))

    assert [block.type for block in message.content] == ["thinking", "text"]
    assert (message.content[0].thinking, message.content[1].text) == ("The table says low.", "It is low.")


def test_claude_code_works_through_both(
    claude: ClaudeCode, litellm: LiteLLM, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    claude.work.joinpath("note.txt").write_text("the sea is calm\n")
    write = ToolUse("Bash", {"command": "echo seven boats | tee made.txt", "description": "Count"})
    read = ToolUse("Read", {"file_path": str(claude.work / "note.txt")})
    upstream.answer(streamed(Text("I look."), write, read), streamed(Text("Seven, and calm.")))

    run = replace(claude, environment={"ANTHROPIC_MODEL": CHAINED}).run("Look at the harbour.")

    assert run.result["result"] == "Seven, and calm."
    assert claude.work.joinpath("made.txt").read_text() == "seven boats\n"
    results = [str(block["content"]) for block in blocks_of(upstream.posts()[1], "tool_result")]
    assert ["seven boats" in results[0], "the sea is calm" in results[1]] == [True, True]
    assert [entry["outcome"] for entry in gateway.log_entries(2)] == ["completed", "completed"]


def answer(client: Anthropic, streams: bool, request: dict[str, Any]) -> anthropic.types.Message:
    if not streams:
        return client.messages.create(**request)
    with client.messages.stream(**request) as stream:
        return stream.get_final_message()


def blocks_of(request: RecordedRequest, kind: str) -> list[dict[str, Any]]:
    """All blocks of a kind, in the order in which they stand in the conversation, those in results included."""
    contents = [message["content"] for message in request.json()["messages"]]
    blocks = [block for content in contents if isinstance(content, list) for block in content]
    inner = [part for block in blocks if isinstance(block.get("content"), list) for part in block["content"]]
    return [block for block in (*blocks, *inner) if block["type"] == kind]
