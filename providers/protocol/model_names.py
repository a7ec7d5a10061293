"""The name of the model, in a request's body and by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_CONTEXT_SUFFIX = re.compile(r"(\[1m\])+\Z", re.IGNORECASE)
_WHITESPACE = " \t\r\n"
_scan = json.JSONDecoder(strict=False).raw_decode


def without_context_suffix(model: str) -> str:
    """`model` without the `[1m]` by which Claude Code asks itself for a larger context; no provider knows it."""
    return _CONTEXT_SUFFIX.sub("", model)


def replace_model(body: bytes, model: str) -> bytes:
    """A request's `body` with another model; every other byte stays. Raises `ValueError` for what is no JSON object.

    A key that is there twice is replaced twice: which of them counts is up to who reads the body.
    """
    # In Latin-1 a byte is a character, so that positions are the same in both; what gives JSON its structure is ASCII.
    text = body.decode("latin-1")
    try:
        spans = [(start, end) for key, start, end in _values(text) if key == "model"]
    except (IndexError, RecursionError) as error:
        raise ValueError("the body is no complete JSON object") from error
    for start, end in reversed(spans):
        body = body[:start] + json.dumps(model, ensure_ascii=False).encode() + body[end:]
    return body


def _values(text: str) -> Iterator[tuple[str, int, int]]:
    """Each key of the object with the span of its value. Raises `ValueError`, `IndexError` and `RecursionError`."""
    position = _after(text, 0, "{")
    while text[position] != "}":
        key, position = _scan(text, position)
        start = _after(text, position, ":")
        _, end = _scan(text, start)
        yield key, start, end
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)


def _after(text: str, position: int, character: str) -> int:
    """Where the next token begins after `character`, which must be the token at `position`."""
    position = _skip(text, position)
    if text[position] != character:
        raise ValueError(f"“{character}” is missing at byte {position}")
    return _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    while text[position] in _WHITESPACE:
        position += 1
    return position
