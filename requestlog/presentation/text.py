"""Log text as a page may show it: every character visible, and not more of it than a page can carry.

Templates escape HTML; here is what escaping leaves: control characters, characters that turn the direction of text or
have no width (they hide text from a reader), and sheer length. Lengths are counted in bytes of escaped HTML, which is
what a page weighs: a text of quotation marks is six times as long on the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

# By name, not as Unicode's control pictures: many fonts lack those, and all of them then look the same.
_NAMES = {
    **{0: "NUL", 1: "SOH", 2: "STX", 3: "ETX", 4: "EOT", 5: "ENQ", 6: "ACK", 7: "BEL", 8: "BS", 11: "VT", 12: "FF"},
    **{13: "CR", 14: "SO", 15: "SI", 26: "SUB", 27: "ESC", 127: "DEL"},
}
_UNSEEN = re.compile(
    "\r\n"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f]"  # control characters but tab and line feed
    "|[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"  # direction, line breaks, no width
    "|[\U000e0000-\U000e007f]"  # tag characters: an invisible copy of ASCII
    "|[\ud800-\udfff]"  # lone surrogates cannot be sent at all
)
_encoder = json.JSONEncoder(indent=2, ensure_ascii=False)


def visible(text: str) -> str:
    """`text` with each character that a browser would obey or hide replaced by its name or code. Twice is once."""
    return _UNSEEN.sub(_name, text)


def _name(match: re.Match[str]) -> str:
    found = match.group()
    if found == "\r\n":
        return "⟨CR⟩\n"
    code = ord(found)
    return f"⟨{_NAMES.get(code, f'U+{code:04X}')}⟩"


def text_of(content: bytes) -> str:
    """`content` as text; bytes that are not UTF-8 become U+FFFD."""
    return content.decode("utf-8", "replace")


def pretty(value: Any, limit: int) -> str:
    """`value` as indented JSON, at most a little more than `limit` characters of it.

    The encoder is stopped there, because indenting a small but deep value may give a text of any size.
    """
    parts: list[str] = []
    length = 0
    try:
        for part in _encoder.iterencode(value):
            parts.append(part)
            length += len(part)
            if length > limit:
                break
    except RecursionError:
        parts.append(" … nested too deeply to be shown")
    return "".join(parts)


def parse_json(content: bytes) -> tuple[Any, str]:
    """The value and an empty text, or None and the reason why there is none, in words.

    The standard library, not msgspec: it takes the half surrogate pairs that JavaScript leaves when it cuts a text.
    """
    try:
        return json.loads(content), ""
    except RecursionError:
        return None, "The body is JSON that is nested too deeply to be read."
    except UnicodeDecodeError as error:
        return None, f"The body is not JSON: it is not valid UTF-8 (byte {error.start})."
    except ValueError as error:
        return None, f"The body is not JSON: {error}."


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Text to show. `cut` says that there is more; `characters` is the length of the whole, None where not known."""

    text: str
    cut: bool = False
    characters: int | None = None


class Budget:
    """Bytes of HTML that one page may still spend on log text. What is asked for first is served first."""

    def __init__(self, total: int) -> None:
        self.left = total

    def take(self, text: str, limit: int) -> Excerpt:
        """The beginning of `text` that fits into `limit` bytes of HTML and into what is left."""
        shown, cost = _fit(text, min(limit, self.left))
        self.left -= cost
        return Excerpt(visible(shown), len(shown) < len(text), len(text))

    def take_json(self, value: Any, limit: int) -> Excerpt:
        """The beginning of `value` as indented JSON."""
        excerpt = self.take(pretty(value, limit), limit)
        return Excerpt(excerpt.text, excerpt.cut)

    def spend(self, cost: int) -> bool:
        """Spend `cost` bytes, all or nothing; False when they are not there."""
        if cost > self.left:
            return False
        self.left -= cost
        return True


def _fit(text: str, limit: int) -> tuple[str, int]:
    text = text[:limit]
    while (cost := html_size(text)) > limit:
        text = text[: len(text) * limit // cost]
    return text, cost


def html_size(text: str) -> int:
    """Bytes that `text` takes on a page."""
    return len(escape(visible(text)).encode())


def one_line(text: str, limit: int) -> str:
    """The first `limit` characters of `text` on one line, for summaries."""
    words = " ".join(text[: limit * 2].split())
    return visible(words[:limit] + "…" if len(words) > limit or len(text) > limit * 2 else words)


def first_text(values: Iterable[Any]) -> str:
    """The first non-empty string among `values`, else an empty one."""
    return next((value for value in values if isinstance(value, str) and value), "")
