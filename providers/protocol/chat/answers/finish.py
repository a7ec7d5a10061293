"""Why an answer ended: the upstreams' finish reasons in the API's terms.

Strategy: one table for all upstreams, whatever their case. The first reason counts, as some send another one with the
usage; what the answer contains counts more: with a tool call in it the client must run the tool, however the upstream
calls the end. Sources: the Messages API's public reference of stop reasons; the API references of OpenAI, Gemini,
Mistral, DeepSeek, OpenRouter, Z.ai, vLLM and SGLang.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from providers.protocol.chat.answers.chunks import Choice


class StopReason(enum.StrEnum):
    END_TURN = "end_turn"
    MAX_TOKENS = "max_tokens"
    STOP_SEQUENCE = "stop_sequence"
    TOOL_USE = "tool_use"
    PAUSE_TURN = "pause_turn"
    REFUSAL = "refusal"
    CONTEXT_WINDOW = "model_context_window_exceeded"


_FAILED = None
"""Not an end but a failure of the upstream."""

_BY_REASON: dict[StopReason | None, tuple[str, ...]] = {
    StopReason.END_TURN: ("stop", "eos", "eos_token", "end_turn", "end", "complete", "completed", "normal", "finished"),
    StopReason.STOP_SEQUENCE: ("stop_sequence", "stop_token"),
    StopReason.TOOL_USE: ("tool_calls", "tool_call", "tool_use", "function_call", "function_calls"),
    StopReason.MAX_TOKENS: ("length", "max_tokens", "max_length", "max_output_tokens", "max_completion_tokens"),
    StopReason.REFUSAL: (
        "content_filter",
        "content_filtered",
        "refusal",
        "safety",
        "recitation",
        "blocklist",
        "prohibited_content",
        "spii",
        "image_safety",
        "language",
        "sensitive",
        "guardrail_intervened",
        "moderation",
    ),
    StopReason.CONTEXT_WINDOW: ("model_length", "model_context_window_exceeded", "context_length_exceeded"),
    StopReason.PAUSE_TURN: ("pause_turn",),
    _FAILED: (
        "error",
        "abort",
        "aborted",
        "cancelled",
        "insufficient_system_resource",
        "network_error",
        "malformed_function_call",
    ),
}
_NOT_YET = "null"
"""What some upstreams write into every chunk before the last."""
_MEANING = {word: reason for reason, words in _BY_REASON.items() for word in words}
_YIELDS_TO_TOOLS = {StopReason.END_TURN, StopReason.STOP_SEQUENCE, StopReason.TOOL_USE, StopReason.PAUSE_TURN}


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of a message; `note` says in words what the upstream told otherwise."""

    reason: StopReason
    sequence: str | None = None
    note: str = ""


class Finish:
    """Collects what the choices of one answer tell about its end.

    `reason` is the upstream's word, empty until there is one; `failed` says that it is no end but a failure.
    """

    def __init__(self, stop_sequences: tuple[str, ...]) -> None:
        self.reason = ""
        self._stop_sequences = stop_sequences
        self._sequence: str | None = None

    @property
    def failed(self) -> bool:
        return bool(self.reason) and _meaning(self.reason) is _FAILED

    def take(self, choice: Choice) -> None:
        if choice.finish_reason and not self.reason and choice.finish_reason.lower() != _NOT_YET:
            self.reason = choice.finish_reason
        for matched in (choice.stop_reason, choice.matched_stop):
            if self._is_stop_sequence(matched):
                self._sequence = matched

    def stop(self, *, used_tools: bool, refused: bool) -> Stop:
        """How the message ends, with what it contains."""
        reason = _meaning(self.reason)
        if refused:
            return Stop(StopReason.REFUSAL)
        if used_tools and (reason in _YIELDS_TO_TOOLS or not isinstance(reason, StopReason)):
            return Stop(StopReason.TOOL_USE)
        if reason is StopReason.TOOL_USE:
            note = f"The provider ended the answer with “{self.reason}”, but there is no tool call in it."
            return Stop(StopReason.END_TURN, note=note)
        if self._sequence is not None and reason in (StopReason.END_TURN, StopReason.STOP_SEQUENCE):
            return Stop(StopReason.STOP_SEQUENCE, self._sequence)
        return self._without_sequence(reason)

    def _without_sequence(self, reason: StopReason | str | None) -> Stop:
        if reason is StopReason.STOP_SEQUENCE:
            return Stop(StopReason.END_TURN)
        if isinstance(reason, StopReason):
            return Stop(reason)
        return Stop(StopReason.END_TURN, note=f"The provider's finish reason “{self.reason}” is unknown.")

    def _is_stop_sequence(self, value: Any) -> bool:
        return isinstance(value, str) and value in self._stop_sequences


def _meaning(reason: str) -> StopReason | str | None:
    """The stop reason, `_FAILED`, or the reason itself where it is unknown.

    Gemini joins two of them, as in `content_filter: RECITATION`; the second tells more.
    """
    reason = reason.strip().lower()
    for word in (reason, *map(str.strip, reversed(reason.split(":")))):
        if word in _MEANING:
            return _MEANING[word]
    return reason
