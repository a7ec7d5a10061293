"""A conversation that goes on with a model of another format, its history sent again by the official SDK."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from anthropic import Anthropic

from requestlog.models import BodyKind
from tests.support import anthropic_api, openai_api
from tests.support.anthropic_stream import MODEL, Text, Thinking
from tests.support.gateway import RunningGateway
from tests.support.openai_api import OpenAIUpstream
from tests.support.openai_stream import Reasoning
from tests.support.openai_stream import Text as ChatText
from tests.support.upstream import ScriptedUpstream

CONVERTED = "scripted:gpt-test"
ASKED = {"role": "user", "content": "When does the tide turn?"}
AGAIN = {"role": "user", "content": "And tomorrow?"}


@pytest.fixture
def sdk(gateway: RunningGateway) -> Iterator[Anthropic]:
    with Anthropic(base_url=gateway.base_url, api_key="sk-ant-mine", max_retries=0) as sdk:
        yield sdk


def turn(sdk: Anthropic, model: str, *messages: Any) -> dict[str, Any]:
    """The answer as a message of the history."""
    with sdk.messages.stream(model=model, max_tokens=64, messages=messages) as stream:
        message = stream.get_final_message()
    return {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in message.content]}


def test_b26_thinking_of_a_converted_model_is_not_sent_to_anthropic(
    sdk: Anthropic, upstream: ScriptedUpstream, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    openai_upstream.answer(openai_api.streamed(Reasoning("Hm."), ChatText("At noon.")))
    upstream.answer(anthropic_api.streamed(Text("Later.")))

    first = turn(sdk, CONVERTED, ASKED)
    turn(sdk, MODEL, ASKED, first, AGAIN)

    assert first["content"][0] == {"type": "thinking", "thinking": "Hm.", "signature": ""}
    [request] = upstream.requests
    assert request.json()["messages"] == [ASKED, {**first, "content": first["content"][1:]}, AGAIN]
    _, entry = gateway.log_entries(2)
    assert entry["wire_format"] == "anthropic"
    assert [note.partition(" in ")[0] for note in entry["conversion_notes"]] == ["thinking of other models"]
    assert gateway.log.body(entry, BodyKind.SENT) == request.body


def test_b26_thinking_of_anthropics_model_is_not_sent_to_a_converted_one(
    sdk: Anthropic, upstream: ScriptedUpstream, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(anthropic_api.streamed(Thinking("Hm."), Text("At noon.")))
    openai_upstream.answer(openai_api.streamed(ChatText("Later.")))

    turn(sdk, CONVERTED, ASKED, turn(sdk, MODEL, ASKED), AGAIN)

    [request] = openai_upstream.chats
    assert request.json()["messages"] == [ASKED, {"role": "assistant", "content": "At noon."}, AGAIN]
    _, entry = gateway.log_entries(2)
    assert "thinking of another provider's model in the history is left out" in entry["conversion_notes"]
