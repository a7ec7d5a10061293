"""The content of one answer: takes its deltas and gives out the events of its content blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from providers.protocol.chat.answers.block_queue import BlockQueue
from providers.protocol.chat.answers.calls import Calls
from providers.protocol.chat.answers.chunks import Delta
from providers.protocol.chat.answers.content_blocks import EventSink
from providers.protocol.chat.answers.declared_names import DeclaredNames
from providers.protocol.chat.answers.delta_texts import Piece, TextKind, pieces_of, thinking_of
from providers.protocol.chat.answers.think_tags import ThinkTags
from providers.protocol.chat.answers.tool_block import CallSetting
from providers.protocol.chat.context import AnswerContext
from providers.protocol.chat.tool_ids import ToolIds


class AnswerContent:
    """`refused` says that a part of the answer is a refusal; `note` takes in words what was changed or left out."""

    def __init__(self, context: AnswerContext, sink: EventSink, note: Callable[[str], None]) -> None:
        self.refused = False
        self._note = note
        self._blocks = BlockQueue(sink)
        self._tags = ThinkTags() if context.thinking_in_tags else None
        names, ids = DeclaredNames(context.declared_tools), ToolIds(context.message_id, context.used_tool_ids)
        self._calls = Calls(self._blocks, sink, CallSetting(context.signatures, names, ids, note))

    def take(self, delta: Delta) -> None:
        """A delta may hold everything at once: thinking comes before text, and text before tool calls."""
        if delta.reasoning_content or delta.reasoning or delta.reasoning_details:
            self._take_thinking(thinking_of(delta))
        if content := delta.content:
            if isinstance(content, str):
                self._take_text(content)
            else:
                self._take_pieces(pieces_of(content))
        if self._tags is not None and (delta.refusal or delta.tool_calls or delta.function_call):
            self._take_untagged(self._tags.close())
        if delta.refusal:
            self._take_refusal(delta.refusal)
        if delta.tool_calls:
            self._calls.take(delta.tool_calls, delta.extra_content)
        if delta.function_call is not None:
            self._calls.take_function_call(delta.function_call)

    def close(self) -> None:
        """Nothing more is to come: gives out what has waited."""
        if self._tags is not None:
            self._take_untagged(self._tags.close())
        self._blocks.close()

    def _take_thinking(self, text: str) -> None:
        if text:
            self._blocks.add_thinking(text)

    def _take_pieces(self, pieces: Iterable[Piece]) -> None:
        for kind, text in pieces:
            if text:
                self._TAKE_PIECE[kind](self, text)

    def _take_text(self, text: str) -> None:
        if self._tags is None:
            self._blocks.add_text(text)
        else:
            self._take_untagged(self._tags.feed(text))

    def _take_untagged(self, pieces: Iterable[Piece]) -> None:
        for kind, text in pieces:
            if text:
                self._blocks.add_thinking(text) if kind is TextKind.THINKING else self._blocks.add_text(text)

    def _take_refusal(self, text: str) -> None:
        self.refused = True
        self._blocks.add_text(text)

    def _leave_out(self, kind: str) -> None:
        self._note(f"A part of the type “{kind}” was left out of the answer.")

    _TAKE_PIECE = {
        TextKind.TEXT: _take_text,
        TextKind.THINKING: _take_thinking,
        TextKind.REFUSAL: _take_refusal,
        TextKind.LEFT_OUT: _leave_out,
    }
