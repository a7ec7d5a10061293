"""The content blocks of one answer, in the order in which they first appeared.

Strategy: blocks of the Messages API follow one another, while a Chat Completions stream may go back and forth between
its text and its tool calls. The first block of the queue is live; the others wait. When another block gets something,
a live text ends, as does a live tool call whose arguments are complete by then; a call that is not yet complete keeps
the others waiting. At the end of the stream all are given out in order. A text that goes on after another block is a
new block.
"""

from __future__ import annotations

from collections import deque
from typing import TypeVar

from providers.protocol.chat.answers.content_blocks import ContentBlock, EventSink, ProseBlock, TextBlock, ThinkingBlock

_Prose = TypeVar("_Prose", bound=ProseBlock)


class BlockQueue:
    def __init__(self, sink: EventSink) -> None:
        self._sink = sink
        self._blocks: deque[ContentBlock] = deque()
        self._last: ContentBlock | None = None

    def add_text(self, text: str) -> None:
        self._prose(TextBlock).add(text)

    def add_thinking(self, text: str) -> None:
        self._prose(ThinkingBlock).add(text)

    def append(self, block: ContentBlock) -> None:
        self._last = block
        self._blocks.append(block)
        if len(self._blocks) == 1:
            block.go_live()
        else:
            self.touch(block)

    def touch(self, block: ContentBlock) -> None:
        """`block` is about to get something: those before it that are complete end here."""
        blocks = self._blocks
        while blocks and blocks[0] is not block and blocks[0].may_close():
            blocks.popleft().close()
            if blocks:
                blocks[0].go_live()

    def close(self) -> None:
        """Nothing more is to come."""
        while self._blocks:
            self._blocks.popleft().close()
            if self._blocks:
                self._blocks[0].go_live()

    def _prose(self, kind: type[_Prose]) -> _Prose:
        last = self._last
        if not isinstance(last, kind):
            last = kind(self._sink)
            self.append(last)
        elif self._blocks[0] is not last:
            self.touch(last)
        return last
