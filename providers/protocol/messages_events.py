"""Encodes the events of a Messages stream, each as the bytes that go out.

Strategy: an event's frame never changes, so it is kept as bytes and only values are encoded into it. A block's deltas
are the hot path: `delta_head` is made once for a block, and a delta is its head, one encoded string and a tail.
Source: the Messages API's public streaming reference.
"""

from __future__ import annotations

import enum
from typing import Any

import msgspec

from providers.protocol.errors import ErrorType, error_body, error_event

encode_text = msgspec.json.Encoder().encode
"""A text, or any other value, as JSON."""

DELTA_TAIL = b"}}\n\n"
MESSAGE_STOP = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
PING = b'event: ping\ndata: {"type":"ping"}\n\n'

_BLOCK_START = b'event: content_block_start\ndata: {"type":"content_block_start","index":%d,"content_block":%b}\n\n'
_BLOCK_STOP = b'event: content_block_stop\ndata: {"type":"content_block_stop","index":%d}\n\n'
_DELTA_HEAD = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":{"type":"%b_delta","%b":'
)


class DeltaKind(enum.Enum):
    """What a delta adds to its block: the delta's name and the name of its field."""

    TEXT = (b"text", b"text")
    THINKING = (b"thinking", b"thinking")
    SIGNATURE = (b"signature", b"signature")
    INPUT_JSON = (b"input_json", b"partial_json")


def message_start(message_id: str, model: str, usage: dict[str, int]) -> bytes:
    message: dict[str, Any] = {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }
    return b'event: message_start\ndata: {"type":"message_start","message":%b}\n\n' % encode_text(message)


def block_start(index: int, block: dict[str, Any]) -> bytes:
    return _BLOCK_START % (index, encode_text(block))


def delta_head(index: int, kind: DeltaKind) -> bytes:
    """What comes before the encoded text of a delta; `DELTA_TAIL` comes after it."""
    return _DELTA_HEAD % (index, *kind.value)


def block_delta(index: int, kind: DeltaKind, text: str) -> bytes:
    return delta_head(index, kind) + encode_text(text) + DELTA_TAIL


def block_stop(index: int) -> bytes:
    return _BLOCK_STOP % index


def message_delta(stop_reason: str, stop_sequence: str | None, usage: dict[str, int]) -> bytes:
    """The end of a message; `usage` is cumulative."""
    delta = {"stop_reason": stop_reason, "stop_sequence": stop_sequence}
    return b'event: message_delta\ndata: {"type":"message_delta","delta":%b,"usage":%b}\n\n' % (
        encode_text(delta),
        encode_text(usage),
    )


def error(error_type: ErrorType, message: str) -> bytes:
    return error_event(error_body(error_type, message))
