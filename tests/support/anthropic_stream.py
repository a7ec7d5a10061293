"""Messages and event streams as the Messages API writes them.

A stream is a list of complete events in bytes, so that a test may put a gate or a cut between any two of them. The
shapes: `message_start` carries the whole input usage (with the cache writes by lifetime) and a first output count, a
`ping` follows the first block's start, and `message_delta` carries the stop reason and the final output count.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_numbers = itertools.count(1)
MODEL = "claude-opus-5-5"
PING = b'event: ping\ndata: {"type": "ping"}\n\n'


def next_id(prefix: str) -> str:
    """An id of the API's form, new in this process."""
    return f"{prefix}_01Test{next(_numbers):08d}"


@dataclass(frozen=True)
class Usage:
    """Token counts. `input_tokens` are those neither read from nor written to the cache, as in the API."""

    input_tokens: int = 12
    output_tokens: int = 7
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0

    def as_json(self, output_tokens: int | None = None) -> dict[str, Any]:
        return {
            "input_tokens": self.input_tokens,
            "cache_creation_input_tokens": self.cache_write_5m + self.cache_write_1h,
            "cache_read_input_tokens": self.cache_read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.cache_write_5m,
                "ephemeral_1h_input_tokens": self.cache_write_1h,
            },
            "output_tokens": self.output_tokens if output_tokens is None else output_tokens,
            "service_tier": "standard",
        }


USUAL = Usage()


@dataclass(frozen=True)
class Text:
    text: str

    def whole(self) -> dict[str, Any]:
        return {"type": "text", "text": self.text}

    def opened(self) -> dict[str, Any]:
        return {"type": "text", "text": ""}

    def deltas(self) -> Iterator[dict[str, Any]]:
        return ({"type": "text_delta", "text": piece} for piece in pieces(self.text))


@dataclass(frozen=True)
class Thinking:
    thinking: str
    signature: str = "c2lnbmVkIGJ5IHRoZSB0ZXN0"

    def whole(self) -> dict[str, Any]:
        return {"type": "thinking", "thinking": self.thinking, "signature": self.signature}

    def opened(self) -> dict[str, Any]:
        return {"type": "thinking", "thinking": "", "signature": ""}

    def deltas(self) -> Iterator[dict[str, Any]]:
        yield from ({"type": "thinking_delta", "thinking": piece} for piece in pieces(self.thinking))
        yield {"type": "signature_delta", "signature": self.signature}


@dataclass(frozen=True)
class ToolUse:
    name: str
    input: dict[str, Any]
    id: str = field(default_factory=lambda: next_id("toolu"))

    def whole(self) -> dict[str, Any]:
        return {"type": "tool_use", "id": self.id, "name": self.name, "input": self.input}

    def opened(self) -> dict[str, Any]:
        return {**self.whole(), "input": {}}

    def deltas(self) -> Iterator[dict[str, Any]]:
        for piece in ("", *pieces(json.dumps(self.input))):
            yield {"type": "input_json_delta", "partial_json": piece}


Block = Text | Thinking | ToolUse


def pieces(text: str, size: int = 7) -> list[str]:
    """The text in pieces as small as a model's tokens."""
    return [text[start : start + size] for start in range(0, len(text), size)]


def stop_reason_of(blocks: tuple[Block, ...]) -> str:
    return "tool_use" if any(isinstance(block, ToolUse) for block in blocks) else "end_turn"


def message(*blocks: Block, usage: Usage = USUAL, model: str = MODEL, stop_reason: str | None = None) -> dict[str, Any]:
    """A whole message, as the API answers it without streaming."""
    return {
        "id": next_id("msg"),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [block.whole() for block in blocks],
        "stop_reason": stop_reason or stop_reason_of(blocks),
        "stop_sequence": None,
        "usage": usage.as_json(),
    }


def stream(*blocks: Block, usage: Usage = USUAL, model: str = MODEL, stop_reason: str | None = None) -> list[bytes]:
    """The events of one message, each with the blank line that ends it."""
    started = message(model=model, usage=usage) | {"stop_reason": None, "usage": usage.as_json(output_tokens=1)}
    delta = {"stop_reason": stop_reason or stop_reason_of(blocks), "stop_sequence": None}
    events = [event("message_start", message=started)]
    for index, block in enumerate(blocks):
        events += block_events(index, block)
    events.insert(2, PING)
    events.append(event("message_delta", delta=delta, usage={"output_tokens": usage.output_tokens}))
    events.append(event("message_stop"))
    return events


def block_events(index: int, block: Block) -> list[bytes]:
    return [
        event("content_block_start", index=index, content_block=block.opened()),
        *(event("content_block_delta", index=index, delta=delta) for delta in block.deltas()),
        event("content_block_stop", index=index),
    ]


def event(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def error_event(kind: str, text: str) -> bytes:
    """An error in the middle of a stream."""
    return event("error", error={"type": kind, "message": text})
