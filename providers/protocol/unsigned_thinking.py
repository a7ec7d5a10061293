"""Takes thinking without a signature out of a request for an API that signs all of its own.

Such blocks are other models' reasoning, as the gateway's conversion and some providers write it. A conversation that
goes on with one of Anthropic's models after that would be refused with each request (`Invalid signature in thinking
block`), for good, because the client sends its history again. The blocks that are left keep every byte, as their
signatures demand, and so do all other values of the request. A message of which nothing is left goes too: the API
refuses one without content. A turn that has no thinking any more is none of its problems: it answers that request
without thinking (Anthropic's guide to extended thinking, "Graceful thinking degradation").
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

_SIGNATURE = b'"signature":'
_EMPTY_SIGNATURE = re.compile(rb'"signature":\s*""')
"""A signature inside of a text has backslashes before its quotes."""

_Message = dict[str, msgspec.Raw]


class _Block(msgspec.Struct):
    type: Any = None
    signature: Any = None


_decode_request = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_messages = msgspec.json.Decoder(list[_Message]).decode
_decode_content = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_block = msgspec.json.Decoder(_Block).decode
_encode = msgspec.json.Encoder().encode


def without_unsigned_thinking(body: bytes) -> bytes:
    """The same object where there is none. A body that is no request stays what it is: the API will say so."""
    # The plain search is the quick one, and nearly every request is done with it.
    if _SIGNATURE not in body or not _EMPTY_SIGNATURE.search(body):
        return body
    try:
        request = _decode_request(body)
        messages = _decode_messages(request.get("messages", b"[]"))
        kept = [message for message in map(_cleaned, messages) if message is not None]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body
    if kept == messages:
        return body
    return _encode(request | {"messages": kept})


def _cleaned(message: _Message) -> _Message | None:
    """None where nothing of the message is left."""
    content = message.get("content", msgspec.Raw())
    if not bytes(content).startswith(b"["):
        return message
    blocks = _decode_content(content)
    kept = [block for block in blocks if not _is_unsigned_thinking(block)]
    if len(kept) == len(blocks):
        return message
    return message | {"content": msgspec.Raw(_encode(kept))} if kept else None


def _is_unsigned_thinking(raw: msgspec.Raw) -> bool:
    block = _decode_block(raw)
    return bool(block.type == "thinking" and block.signature == "")
