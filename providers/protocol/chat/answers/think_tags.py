"""Splits thinking off a text that begins with it: `<think>Hm.</think>So.`

Servers that run a reasoning model without knowing how it marks its thoughts leave them in the text, between the tags
that most models learned. Strategy: tags count at the very beginning of an answer only, so that an answer which speaks
about them is left alone; what may be the beginning of a tag waits for more. The space around the thinking belongs to
nobody. A model whose prompt already holds the first tag writes only the second: that cannot be told from a text before
it comes, and stays one. Sources: the model cards of DeepSeek R1 and Qwen 3; Groq's documentation (format `raw`).
"""

from __future__ import annotations

import enum

from providers.protocol.chat.answers.delta_texts import Piece, TextKind

_OPEN, _CLOSE = "<think>", "</think>"


class _Place(enum.Enum):
    BEGINNING = "nothing but space and what may be the first tag"
    BEFORE_THINKING = "behind the first tag"
    THINKING = "between the tags"
    BEFORE_TEXT = "behind the second tag"
    TEXT = "in the text"


class ThinkTags:
    """`feed` gives what is certain of the text so far; `close` the rest, when something else follows or nothing."""

    def __init__(self) -> None:
        self._place = _Place.BEGINNING
        self._held = ""

    def feed(self, text: str) -> list[Piece]:
        if self._place is _Place.TEXT:
            return [Piece(TextKind.TEXT, text)]
        self._held += text
        pieces: list[Piece] = []
        if self._place is _Place.BEGINNING:
            self._begin()
        self._skip_space(_Place.BEFORE_THINKING, _Place.THINKING)
        if self._place is _Place.THINKING:
            pieces.append(Piece(TextKind.THINKING, self._take_thinking()))
        self._skip_space(_Place.BEFORE_TEXT, _Place.TEXT)
        return [*pieces, *self._take_text()]

    def close(self) -> list[Piece]:
        kind = TextKind.THINKING if self._place is _Place.THINKING else TextKind.TEXT
        held, self._held, self._place = self._held, "", _Place.TEXT
        return [Piece(kind, held)]

    def _begin(self) -> None:
        begun = self._held.lstrip()
        if begun.startswith(_OPEN):
            self._place, self._held = _Place.BEFORE_THINKING, begun.removeprefix(_OPEN)
        elif not _OPEN.startswith(begun):
            self._place = _Place.TEXT

    def _skip_space(self, at: _Place, then: _Place) -> None:
        if self._place is at:
            self._held = self._held.lstrip()
            self._place = then if self._held else at

    def _take_thinking(self) -> str:
        thinking, tag, rest = self._held.partition(_CLOSE)
        if tag:
            self._place, self._held = _Place.BEFORE_TEXT, rest
            return thinking.rstrip()
        certain = len(thinking) - _open_end(thinking)
        self._held = thinking[certain:]
        return thinking[:certain]

    def _take_text(self) -> list[Piece]:
        if self._place is not _Place.TEXT:
            return []
        held, self._held = self._held, ""
        return [Piece(TextKind.TEXT, held)]


def _open_end(text: str) -> int:
    """How many of the last characters may be space before the second tag, or the beginning of it."""
    begun = next((length for length in range(len(_CLOSE) - 1, 0, -1) if text.endswith(_CLOSE[:length])), 0)
    before = text[: len(text) - begun]
    return begun + len(before) - len(before.rstrip())
