"""Converts requests in tests, and says what they became."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from providers.protocol.chat.capabilities import Capabilities
from providers.protocol.chat.context import ThoughtSignatures
from providers.protocol.chat.requests.request import ConvertedRequest, convert_request
from providers.protocol.messages_request import InvalidRequest

Json = dict[str, Any]
HELLO: list[Json] = [{"role": "user", "content": "Hello"}]
READ: Json = {
    "name": "Read",
    "description": "Reads a file.",
    "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
}
BASH: Json = {"name": "Bash", "input_schema": {"type": "object", "properties": {"command": {"type": "string"}}}}


def request_body(**fields: Any) -> bytes:
    return json.dumps({"model": "claude-opus-5-5", "max_tokens": 1000, "messages": HELLO} | fields).encode()


def convert_body(
    body: bytes,
    capabilities: Capabilities,
    read_pdf: Callable[[bytes], str] | None = None,
    signatures: ThoughtSignatures | None = None,
    session_id: str = "",
) -> ConvertedRequest:
    return convert_request(
        body,
        model="gpt-x",
        capabilities=capabilities,
        requested_model="claude-opus-5-5",
        message_id="msg_01",
        session_id=session_id,
        read_pdf=read_pdf,
        signatures=signatures,
    )


def converted(capabilities: Capabilities | None = None, **fields: Any) -> ConvertedRequest:
    options = {name: fields.pop(name) for name in ("read_pdf", "signatures", "session_id") if name in fields}
    return convert_body(request_body(**fields), capabilities or Capabilities(), **options)


def chat(capabilities: Capabilities | None = None, **fields: Any) -> Json:
    """The request that goes out."""
    found: Json = json.loads(converted(capabilities, **fields).body)
    return found


def chat_messages(messages: list[Json], capabilities: Capabilities | None = None, **fields: Any) -> list[Json]:
    """The messages that go out."""
    found: list[Json] = chat(capabilities, messages=messages, **fields)["messages"]
    return found


def notes(capabilities: Capabilities | None = None, **fields: Any) -> tuple[str, ...]:
    return converted(capabilities, **fields).notes


def refusal(capabilities: Capabilities | None = None, **fields: Any) -> str:
    with pytest.raises(InvalidRequest) as refused:
        converted(capabilities, **fields)
    return str(refused.value)


def user(*blocks: Json | str) -> Json:
    return {"role": "user", "content": [text(block) if isinstance(block, str) else block for block in blocks]}


def assistant(*blocks: Json | str) -> Json:
    return {"role": "assistant", "content": [text(block) if isinstance(block, str) else block for block in blocks]}


def text(value: str) -> Json:
    return {"type": "text", "text": value}


def tool_use(tool_use_id: str, name: str = "Read", **arguments: Any) -> Json:
    return {"type": "tool_use", "id": tool_use_id, "name": name, "input": arguments}


def tool_result(tool_use_id: str, *content: Any, **fields: Any) -> Json:
    if len(content) == 1 and isinstance(content[0], str):
        return {"type": "tool_result", "tool_use_id": tool_use_id, "content": content[0], **fields}
    return {"type": "tool_result", "tool_use_id": tool_use_id, "content": list(content), **fields}


def image(data: str = "aW1n") -> Json:
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}


def image_part(data: str = "aW1n") -> Json:
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}


def called(tool_use_id: str, name: str = "Read", arguments: str = "{}") -> Json:
    """A tool call as it goes out."""
    return {"id": tool_use_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def tool_message(tool_use_id: str, content: str) -> Json:
    return {"role": "tool", "tool_call_id": tool_use_id, "content": content}
