"""Checks a Messages stream against its grammar, event by event.

    stream  = message_start block* message_delta message_stop, or any beginning of it and then `error`
    block   = content_block_start delta* content_block_stop

Blocks are numbered from 0 without gaps and do not overlap; a delta fits its block's type; a text block has text;
`message_delta` has the stop reason and the usage. A `ping` may stand anywhere. Nothing comes after the end. Source: the
Messages API's public streaming reference.

Strategy: the checker goes on after a violation, as the client would. What an event breaks is said in words and what it
means is done all the same, so that one fault gives one violation and not a flood.
"""

from __future__ import annotations

import enum
from typing import Any

import msgspec

from providers.protocol.sse import ServerSentEvent

_DELTAS_OF_BLOCK = {
    "text": {"text_delta": "text", "citations_delta": "citation"},
    "thinking": {"thinking_delta": "thinking", "signature_delta": "signature"},
    "tool_use": {"input_json_delta": "partial_json"},
    "server_tool_use": {"input_json_delta": "partial_json"},
}
"""Block type -> the types of its deltas, each with the field that it carries. Other blocks come whole."""
_MESSAGE_FIELDS = ("id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage")
_STOP_REASONS = {
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
}


class _Phase(enum.Enum):
    BEFORE = "before message_start"
    CONTENT = "among the content blocks"
    AFTER_DELTA = "after message_delta"
    ENDED = "after the end of the stream"


class StreamGrammar:
    """`violations` are the faults so far, each with the number of its event. `close()` ends the stream."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self._phase = _Phase.BEFORE
        self._events = 0
        self._blocks = 0
        self._open_block: dict[str, Any] | None = None
        self._has_text = False

    def feed(self, event: ServerSentEvent) -> None:
        self._events += 1
        data = self._read(event)
        if event.event == "ping":
            return
        if self._phase is _Phase.ENDED:
            self._fault(f"{event.event} {self._phase.value}")
            return
        handler = self._HANDLERS.get(event.event)
        if handler is None:
            self._fault(f"unknown event {event.event!r}")
        else:
            handler(self, data)

    def close(self) -> None:
        """The stream has ended; it must have come to its end."""
        if self._phase is not _Phase.ENDED:
            self._fault("the stream ended without message_stop or error")

    def _read(self, event: ServerSentEvent) -> dict[str, Any]:
        try:
            data = msgspec.json.decode(event.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            data = None
        if not isinstance(data, dict):
            self._fault(f"the data of {event.event} is not a JSON object")
            return {}
        if data.get("type") != event.event:
            self._fault(f"the data of {event.event} has the type {data.get('type')!r}")
        return data

    def _on_message_start(self, data: dict[str, Any]) -> None:
        self._expect(_Phase.BEFORE, "message_start")
        self._phase = _Phase.CONTENT
        message = _dict(data.get("message"))
        if missing := [field for field in _MESSAGE_FIELDS if field not in message]:
            self._fault(f"the message of message_start lacks {', '.join(missing)}")
        if message.get("content") != []:
            self._fault("message_start begins with content")
        self._check_usage(message, "message_start")

    def _on_block_start(self, data: dict[str, Any]) -> None:
        self._expect(_Phase.CONTENT, "content_block_start")
        if self._open_block is not None:
            self._fault(f"block {self._blocks} begins while block {self._blocks - 1} is open")
        if data.get("index") != self._blocks:
            self._fault(f"block {data.get('index')!r} begins where block {self._blocks} is due")
        self._blocks += 1
        self._open_block = _dict(data.get("content_block"))
        self._has_text = bool(self._open_block.get("text"))
        if "type" not in self._open_block:
            self._fault("content_block_start has no block")
        if self._open_block.get("type") == "tool_use" and self._open_block.get("input") != {}:
            self._fault("a tool_use block begins with input")

    def _on_block_delta(self, data: dict[str, Any]) -> None:
        if self._open_block is None:
            self._fault("a delta outside of any block")
            return
        self._check_index(data, "a delta")
        block_type, delta = self._open_block.get("type"), _dict(data.get("delta"))
        field = _DELTAS_OF_BLOCK.get(str(block_type), {}).get(str(delta.get("type")))
        if field is None:
            self._fault(f"{delta.get('type')!r} in a block of the type {block_type!r}")
        elif field not in delta or (field != "citation" and not isinstance(delta[field], str)):
            self._fault(f"{delta['type']} without its {field}")
        self._has_text = self._has_text or bool(delta.get("text"))

    def _on_block_stop(self, data: dict[str, Any]) -> None:
        if self._open_block is None:
            self._fault("content_block_stop outside of any block")
            return
        self._check_index(data, "content_block_stop")
        if self._open_block.get("type") == "text" and not self._has_text:
            self._fault(f"block {self._blocks - 1} is an empty text block")
        self._open_block = None

    def _on_message_delta(self, data: dict[str, Any]) -> None:
        self._expect(_Phase.CONTENT, "message_delta")
        self._phase = _Phase.AFTER_DELTA
        if self._open_block is not None:
            self._fault(f"message_delta while block {self._blocks - 1} is open")
        delta = _dict(data.get("delta"))
        if delta.get("stop_reason") not in _STOP_REASONS:
            self._fault(f"message_delta with the stop_reason {delta.get('stop_reason')!r}")
        if (delta.get("stop_reason") == "stop_sequence") != isinstance(delta.get("stop_sequence"), str):
            self._fault("stop_reason and stop_sequence disagree")
        self._check_usage(data, "message_delta")

    def _on_message_stop(self, data: dict[str, Any]) -> None:
        self._expect(_Phase.AFTER_DELTA, "message_stop")
        self._phase = _Phase.ENDED

    def _on_error(self, data: dict[str, Any]) -> None:
        self._phase = _Phase.ENDED
        error = _dict(data.get("error"))
        if not (isinstance(error.get("type"), str) and isinstance(error.get("message"), str)):
            self._fault("an error without type and message")

    def _check_index(self, data: dict[str, Any], what: str) -> None:
        if data.get("index") != self._blocks - 1:
            self._fault(f"{what} for block {data.get('index')!r} while block {self._blocks - 1} is open")

    def _check_usage(self, holder: dict[str, Any], event: str) -> None:
        usage = _dict(holder.get("usage"))
        if type(usage.get("output_tokens")) is not int:
            self._fault(f"{event} without output_tokens")
        if event == "message_start" and type(usage.get("input_tokens")) is not int:
            self._fault("message_start without input_tokens")
        if odd := [name for name, value in usage.items() if name.endswith("_tokens") and not _is_count(value)]:
            self._fault(f"{event} with {', '.join(odd)} that are no counts")

    def _expect(self, phase: _Phase, event: str) -> None:
        if self._phase is not phase:
            self._fault(f"{event} {self._phase.value}")

    def _fault(self, what: str) -> None:
        self.violations.append(f"event {self._events}: {what}")

    _HANDLERS = {
        "message_start": _on_message_start,
        "content_block_start": _on_block_start,
        "content_block_delta": _on_block_delta,
        "content_block_stop": _on_block_stop,
        "message_delta": _on_message_delta,
        "message_stop": _on_message_stop,
        "error": _on_error,
    }


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_count(value: Any) -> bool:
    return value is None or (type(value) is int and value >= 0)
