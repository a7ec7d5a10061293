"""Characters that a stream brings in two halves.

JavaScript counts texts in UTF-16 units, and a server written in it may cut a text in the middle of a character beyond
U+FFFF: one delta ends with `\\ud83c`, the next begins with `\\udf0a`. Neither half is a character, so the first waits
for the second. A half that stays alone becomes U+FFFD.
"""

from __future__ import annotations

import re
from typing import Any

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_HALF = re.compile("[\ud800-\udfff]")
_FIRST_HALVES = ("\ud800", "\udbff")


class HalfCharacters:
    """Joins the halves within the pieces of one text. `pending` is the half that waits, empty for none."""

    def __init__(self) -> None:
        self.pending = ""

    def join(self, piece: str) -> str:
        """What of the text can go out now."""
        text = self.pending + piece
        self.pending = ""
        if not _HALF.search(text):
            return text
        text = _paired(text)
        if text and _FIRST_HALVES[0] <= text[-1] <= _FIRST_HALVES[1]:
            text, self.pending = text[:-1], text[-1]
        return _HALF.sub(_REPLACEMENT, text)

    def close(self) -> str:
        """The text has ended: what is left of it."""
        rest = _REPLACEMENT if self.pending else ""
        self.pending = ""
        return rest


def without_halves(value: Any) -> Any:
    """A JSON value in which every text is whole characters."""
    if isinstance(value, str):
        return _HALF.sub(_REPLACEMENT, _paired(value)) if _HALF.search(value) else value
    if isinstance(value, dict):
        return {without_halves(key): without_halves(item) for key, item in value.items()}
    return [without_halves(item) for item in value] if isinstance(value, list) else value


def _paired(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
