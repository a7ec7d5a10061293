"""Reads a finished response for the log: tokens, stop reason, tool calls, and the message as one piece.

Runs in the recorder's process. It gets the bytes that the client got, so what it finds is what the client saw.
"""

from __future__ import annotations

from typing import Any

import msgspec

from providers.protocol.errors import ErrorDetail, read_error
from providers.protocol.messages_stream import MessageAccumulator
from providers.protocol.sse import EventTooLarge, SSEDecoder
from providers.protocol.usage import Usage
from requestlog.content_encoding import decode_content
from requestlog.digest import ResponseDigest
from requestlog.exchange import Exchange

_LIMIT_BYTES = 64 << 20
NO_MESSAGE_STOP = ErrorDetail("api_error", "The stream ended before its message_stop event.")


def digest_response(exchange: Exchange, response: bytes) -> ResponseDigest:
    """The digest of a response body; what cannot be read is left out. See `requestlog.digest.Digester`."""
    headers = {name.lower(): value for name, value in exchange.response_headers}
    decoded = decode_content(response, headers.get("content-encoding", ""), _LIMIT_BYTES)
    whole = len(response) == exchange.response_bytes and not decoded.cut and not decoded.problem
    if headers.get("content-type", "").startswith("text/event-stream"):
        return _digest_stream(decoded.content, whole)
    return _digest_json(decoded.content)


def _digest_stream(content: bytes, whole: bool) -> ResponseDigest:
    """`whole`: nothing was left out of `content`, so that a missing end means that the stream had none."""
    decoder, accumulator = SSEDecoder(), MessageAccumulator()
    try:
        for event in decoder.feed(content):
            accumulator.feed(event)
    except EventTooLarge:
        return ResponseDigest(complete=False)
    error = accumulator.error or (NO_MESSAGE_STOP if whole and not accumulator.stopped else None)
    return _digest(accumulator.message, accumulator.usage, error)


def _digest_json(content: bytes) -> ResponseDigest:
    try:
        message = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ResponseDigest()
    if not isinstance(message, dict) or message.get("type") != "message":
        return _digest(None, _counted_tokens(message), read_error(content))
    return _digest(message, Usage().merged_with(message.get("usage")), None)


def _counted_tokens(answer: Any) -> Usage:
    """What count_tokens answers is `{"input_tokens": …}`, a usage of its own."""
    return Usage().merged_with(answer)


def _digest(message: dict[str, Any] | None, usage: Usage, error: ErrorDetail | None) -> ResponseDigest:
    content = message.get("content") if message else None
    blocks = [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
    return ResponseDigest(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_5m_tokens=usage.cache_write_5m_tokens,
        cache_write_1h_tokens=usage.cache_write_1h_tokens,
        stop_reason=str((message or {}).get("stop_reason") or ""),
        tools_called=tuple(str(block.get("name")) for block in blocks if block.get("type") == "tool_use"),
        message=msgspec.json.encode(message) if message else b"",
        complete=error is None,
        error_type=error.type if error else "",
        error_message=error.message if error else "",
    )
