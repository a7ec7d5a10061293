"""Puts a streamed message together again, for the log and for counting.

Strategy: it watches and never judges. Blocks are kept by their index, deltas are added to the block that they name,
and what does not fit (an unknown event, a delta for no block, broken JSON) is passed over: the bytes have gone to the
client as they were, and the log keeps them too. Nearly all events of a stream are deltas, and nobody needs them before
the message is asked for: they are put aside unread and then decoded all at once. Source: the Messages API's public
streaming reference.
"""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec

from providers.protocol.errors import ErrorDetail
from providers.protocol.sse import ServerSentEvent
from providers.protocol.usage import Usage

_APPENDED = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
    "input_json_delta": "partial_json",
}
"""Delta type -> the field of the delta that is added to what the block has of it."""


class _Delta(msgspec.Struct):
    type: str = ""
    text: str = ""
    thinking: str = ""
    signature: str = ""
    partial_json: str = ""
    citation: Any = None


class _BlockDelta(msgspec.Struct):
    index: int
    delta: _Delta


_decode_deltas = msgspec.json.Decoder(list[_BlockDelta]).decode
_decode_delta = msgspec.json.Decoder(_BlockDelta).decode
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class MessageAccumulator:
    """`message` is the message so far, in the shape of a non-streamed response; None before `message_start`."""

    def __init__(self) -> None:
        self.usage = Usage()
        self.error: ErrorDetail | None = None
        self.stopped = False
        self._message: dict[str, Any] | None = None
        self._blocks: dict[int, dict[str, Any]] = {}
        self._deltas: list[bytes] = []
        self._appended: dict[int, dict[str, list[str]]] = {}

    @property
    def message(self) -> dict[str, Any] | None:
        if self._message is None:
            return None
        self._apply_deltas()
        return self._message | {"content": [self._finished_block(index) for index in sorted(self._blocks)]}

    def feed(self, event: ServerSentEvent) -> None:
        """Take in one event of the stream."""
        if event.event == "content_block_delta":
            self._deltas.append(event.data)
            return
        data = _read_object(event.data)
        handler = self._HANDLERS.get(_text(data.get("type")) or event.event)
        if handler is not None:
            handler(self, data)

    def _on_message_start(self, data: dict[str, Any]) -> None:
        if isinstance(message := data.get("message"), dict):
            self._message = message
            self.usage = self.usage.merged_with(message.get("usage"))

    def _on_block_start(self, data: dict[str, Any]) -> None:
        index, block = data.get("index"), data.get("content_block")
        if isinstance(index, int) and isinstance(block, dict):
            self._blocks[index] = dict(block)

    def _on_unnamed_delta(self, data: dict[str, Any]) -> None:
        self._deltas.append(msgspec.json.encode(data))

    def _apply_deltas(self) -> None:
        for block_delta in _read_deltas(self._deltas):
            index, delta = block_delta.index, block_delta.delta
            if (block := self._blocks.get(index)) is None:
                continue
            if (field := _APPENDED.get(delta.type)) is not None:
                self._appended.setdefault(index, {}).setdefault(field, []).append(getattr(delta, field))
            elif delta.type == "citations_delta":
                block["citations"] = [*_list(block.get("citations")), delta.citation]
        self._deltas.clear()

    def _on_message_delta(self, data: dict[str, Any]) -> None:
        self.usage = self.usage.merged_with(data.get("usage"))
        if self._message is None:
            return
        if isinstance(delta := data.get("delta"), dict):
            self._message |= delta
        if isinstance(usage := data.get("usage"), dict):
            self._message["usage"] = _dict(self._message.get("usage")) | usage

    def _on_message_stop(self, data: dict[str, Any]) -> None:
        self.stopped = True

    def _on_error(self, data: dict[str, Any]) -> None:
        error = data.get("error")
        fields = error if isinstance(error, dict) else {"message": error}
        self.error = ErrorDetail(_text(fields.get("type")) or "api_error", _text(fields.get("message")))

    def _finished_block(self, index: int) -> dict[str, Any]:
        block = self._blocks[index]
        appended = {field: "".join(parts) for field, parts in self._appended.get(index, {}).items()}
        if "partial_json" in appended:
            block = block | {"input": _read_input(appended.pop("partial_json"))}
        return block | {field: _text(block.get(field)) + text for field, text in appended.items()}

    _HANDLERS = {
        "message_start": _on_message_start,
        "content_block_start": _on_block_start,
        "content_block_delta": _on_unnamed_delta,
        "message_delta": _on_message_delta,
        "message_stop": _on_message_stop,
        "error": _on_error,
    }


def _read_deltas(deltas: list[bytes]) -> list[_BlockDelta]:
    """What can be read of `deltas`: in one go, and one by one only where something among them cannot be read."""
    with contextlib.suppress(*_UNREADABLE):
        return _decode_deltas(b"[" + b",".join(deltas) + b"]")
    found = []
    for delta in deltas:
        with contextlib.suppress(*_UNREADABLE):
            found.append(_decode_delta(delta))
    return found


def _read_object(data: bytes) -> dict[str, Any]:
    try:
        return _dict(msgspec.json.decode(data))
    except _UNREADABLE:
        return {}


def _read_input(text: str) -> Any:
    """A tool call's input; the text itself when the stream ended in the middle of it."""
    try:
        return msgspec.json.decode(text) if text else {}
    except (msgspec.DecodeError, RecursionError):
        return text


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
