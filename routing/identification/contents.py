"""Reads the texts out of parts of a request whose shape nobody has vouched for.

Strategy: the quick decoder with a type reads what real clients send; what it refuses (halves of surrogate pairs,
numbers beyond its range, another type somewhere) is read once more, slowly and without expectations. Nothing here
raises: what cannot be read has no texts.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the quick decoder raises for what it does not take."""


class _Block(msgspec.Struct):
    text: str = ""


_decode_texts = msgspec.json.Decoder(list[_Block] | str | None).decode


def read_json(data: bytes | msgspec.Raw) -> Any:
    """The value, lone surrogates and huge numbers included; None for what is no JSON."""
    try:
        return msgspec.json.decode(data)
    except UNREADABLE:
        return _read_slowly(bytes(data))


def read_texts(content: bytes | msgspec.Raw) -> list[str]:
    """The texts of a `system` or `content` in JSON: a string, or a list of blocks of which some have a `text`."""
    if not bytes(content):
        return []
    try:
        blocks = _decode_texts(content)
    except UNREADABLE:
        return texts_of(_read_slowly(bytes(content)))
    if isinstance(blocks, str):
        return [blocks] if blocks else []
    return [block.text for block in blocks or () if block.text]


def whole_characters(text: str) -> str:
    """`text` with U+FFFD for each lone half of a surrogate pair, as the client writes it."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def texts_of(content: Any) -> list[str]:
    """The same of a `content` that has been read."""
    if isinstance(content, str):
        return [content] if content else []
    blocks = content if isinstance(content, list) else []
    texts = [block.get("text") for block in blocks if isinstance(block, dict)]
    return [text for text in texts if isinstance(text, str) and text]


def _read_slowly(data: bytes) -> Any:
    try:
        return json.loads(data.decode(errors="replace"), parse_int=float)
    except (ValueError, RecursionError):
        return None
