"""The content blocks of an answer, each of which turns its pieces into events.

Strategy: only one block at a time is live and gives out what it gets; the others keep it. A block begins when it has
something to show: a text of nothing but spaces never does, which some models write between their tool calls and the
Messages API refuses in the next request.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from providers.protocol import messages_events
from providers.protocol.chat.answers.half_characters import HalfCharacters
from providers.protocol.messages_events import DELTA_TAIL, DeltaKind, encode_text


class EventSink:
    """Takes the events of one answer and numbers its blocks. `characters` is the length of what was given out."""

    def __init__(self) -> None:
        self.events: list[bytes] = []
        self.characters = 0
        self.tool_uses = 0
        self._blocks = 0

    def begin_block(self, block: dict[str, object]) -> int:
        """Gives out the block's start and tells its index."""
        index = self._blocks
        self._blocks += 1
        self.events.append(messages_events.block_start(index, block))
        return index

    def take(self) -> list[bytes]:
        """The events since the last call."""
        events = self.events[:]
        self.events.clear()
        return events


class ContentBlock(ABC):
    """Waits, is made live once, and is closed once; a waiting block is never closed."""

    def __init__(self, sink: EventSink) -> None:
        self._sink = sink

    @abstractmethod
    def go_live(self) -> None:
        """Give out what has waited, and everything from now on as it comes."""

    @abstractmethod
    def may_close(self) -> bool:
        """Whether nothing more is to come, now that another block has got something."""

    @abstractmethod
    def close(self) -> None:
        """Give out the end of the block."""


class ProseBlock(ContentBlock):
    """A block of running text."""

    _DELTA: ClassVar[DeltaKind]
    _BEGIN: ClassVar[dict[str, object]]

    def __init__(self, sink: EventSink) -> None:
        super().__init__(sink)
        self._events = sink.events
        self._live = False
        self._waiting: list[str] = []
        self._halves = HalfCharacters()
        self._head = b""
        self._index = -1

    def add(self, text: str) -> None:
        if not text.isascii() or self._halves.pending:
            text = self._halves.join(text)
        self._give(text)

    def _give(self, text: str) -> None:
        if self._head:
            self._sink.characters += len(text)
            self._events.append(self._head + encode_text(text) + DELTA_TAIL)
        else:
            self._waiting.append(text)
            if self._live:
                self._begin()

    def go_live(self) -> None:
        self._live = True
        self._begin()

    def may_close(self) -> bool:
        return True

    def close(self) -> None:
        if rest := self._halves.close():
            self._give(rest)
        if self._head:
            self._end()

    def _begin(self) -> None:
        text = "".join(self._waiting)
        if not text or text.isspace():
            return
        self._waiting.clear()
        self._index = self._sink.begin_block(self._BEGIN)
        self._head = messages_events.delta_head(self._index, self._DELTA)
        self._give(text)

    def _end(self) -> None:
        self._events.append(messages_events.block_stop(self._index))


class TextBlock(ProseBlock):
    _DELTA = DeltaKind.TEXT
    _BEGIN: ClassVar[dict[str, object]] = {"type": "text", "text": ""}


class ThinkingBlock(ProseBlock):
    """Thinking of a model that does not sign it: clients expect a signature all the same, so it is empty."""

    _DELTA = DeltaKind.THINKING
    _BEGIN: ClassVar[dict[str, object]] = {"type": "thinking", "thinking": "", "signature": ""}

    def _end(self) -> None:
        self._events.append(messages_events.block_delta(self._index, DeltaKind.SIGNATURE, ""))
        super()._end()
