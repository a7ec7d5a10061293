"""Tells where a JSON value ends whose text comes in pieces, without reading any of it twice.

Strategy: only what opens and closes matters: braces and brackets outside of strings, and the strings' quotes. Whether
what stands between them is JSON is not asked: a text that closes everything that it has opened will not get better by
waiting for more.
"""

from __future__ import annotations

import re

_STRUCTURE = re.compile(r'["{}\[\]]')
_INSIDE_A_STRING = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_CHANGE_OF_DEPTH = {"{": 1, "[": 1, "}": -1, "]": -1}


class ValueScanner:
    """Follows an object, a list or a string. `ended` says that everything that was opened so far is closed again."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._has_begun = False
        self._unread = ""

    @property
    def ended(self) -> bool:
        return self._has_begun and self._depth <= 0 and not self._in_string

    def feed(self, text: str) -> None:
        text = self._unread + text
        place = 0
        while place < len(text):
            end = self._end_of_string(text, place) if self._in_string else self._next_sign(text, place)
            if end is None:
                break
            place = end
        self._unread = text[place:]

    def _end_of_string(self, text: str, place: int) -> int | None:
        """The place after the string's closing quote; None where the text ends in the middle of an escape."""
        match = _INSIDE_A_STRING.match(text, place)
        end = match.end() if match else place
        if end == len(text):
            return end
        if text[end] == "\\":
            return None
        self._in_string = False
        return end + 1

    def _next_sign(self, text: str, place: int) -> int:
        sign = _STRUCTURE.search(text, place)
        if sign is None:
            return len(text)
        self._has_begun = True
        self._in_string = sign[0] == '"'
        self._depth += _CHANGE_OF_DEPTH.get(sign[0], 0)
        return sign.end()
