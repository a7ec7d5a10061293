"""Requests of the Messages API as literal JSON, and what goes out of them."""

from __future__ import annotations

import json
from typing import Any

from providers.protocol.chat.capabilities import Capabilities
from providers.protocol.chat.context import ThoughtSignatures
from providers.protocol.chat.requests.request import ConvertedRequest
from tests.providers.protocol.chat.requests.converting import convert_body

HELLO = b'[{"role":"user","content":"Hello"}]'


READ_A = b'{"type":"tool_use","id":"t1","name":"Read","input":{"path":"a"}}'


IMAGE = b'{"type":"image","source":{"type":"base64","media_type":"image/png","data":"QQ=="}}'


SHOWN = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}}


def convert(fields: bytes, signatures: ThoughtSignatures | None = None, **capabilities: Any) -> ConvertedRequest:
    """A request with these fields, sent to a provider that has these capabilities."""
    body = b'{"model":"claude-opus-5-5","max_tokens":1000,' + fields + b"}"
    return convert_body(body, Capabilities().overridden(capabilities), signatures=signatures)


def sent(fields: bytes, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(convert(fields, **options).body)
    return found


def turn(*blocks: bytes) -> bytes:
    """A conversation in which the assistant has called `Read` and a user message with `blocks` follows."""
    return (
        b'"messages":[{"role":"user","content":"Go"},{"role":"assistant","content":[%s]},{"role":"user","content":[%s]}]'
        % (
            READ_A,
            b",".join(blocks),
        )
    )


def result(content: bytes, more: bytes = b"") -> bytes:
    return b'{"type":"tool_result","tool_use_id":"t1","content":%s%s}' % (content, more)


def answer(content: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": "t1", "content": content}


def assistant(blocks: bytes) -> bytes:
    return (
        b'"messages":[{"role":"user","content":"Go"},{"role":"assistant","content":[%s]},{"role":"user","content":"On"}]'
        % blocks
    )
