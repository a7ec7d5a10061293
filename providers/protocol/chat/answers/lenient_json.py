"""JSON as providers write it: what the quick decoder refuses is read all the same, as far as it has a meaning."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec

from providers.protocol.chat.answers.half_characters import without_halves

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for what it does not read."""

_MAX_DIGITS = 300


class NotJson(ValueError):
    """The text is not JSON at all."""


def load(data: bytes) -> Any:
    """The value of `data`. Raises `NotJson`.

    Bytes that are not UTF-8 and halves of surrogate pairs are replaced, control characters in texts are taken as they
    are, numbers beyond all range are null.
    """
    try:
        return msgspec.json.decode(data)
    except UNREADABLE:
        return _load_slowly(data)


def _load_slowly(data: bytes) -> Any:
    try:
        return without_halves(load_with_halves(data))
    except RecursionError as error:
        raise NotJson("the text is nested too deeply") from error


def load_with_halves(data: bytes) -> Any:
    """As `load`, but a text may begin or end with half a character: the other half may be in another text."""
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        return json.loads(text, strict=False, parse_int=_whole, parse_float=_finite, parse_constant=lambda name: None)
    except (ValueError, RecursionError) as error:
        raise NotJson("the text is not JSON") from error


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MAX_DIGITS else None


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def is_object(text: str) -> bool:
    """Whether `text` is one whole JSON object."""
    text = text.strip()
    return text.startswith("{") and text.endswith("}") and is_json(text)


def is_json(text: str | bytes) -> bool:
    try:
        _check(text)
    except UNREADABLE:
        return False
    return True


_check = msgspec.json.Decoder(msgspec.Raw).decode
