"""Makes every value fit its column, so that no record can stop the log.

What a client or an upstream sends ends up in columns with limits: a length, a range, and text that PostgreSQL (no NUL)
and UTF-8 (no half surrogate pairs) can hold. Text is cut and cleaned; a number outside of its column's range is left
out, because a wrong number is worse than none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from django.db import models

LONGEST_TEXT = 100_000
"""Characters kept of a value in a column without a limit of its own."""

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_HIGHEST = {
    "PositiveSmallIntegerField": 2**15 - 1,
    "PositiveIntegerField": 2**31 - 1,
    "PositiveBigIntegerField": 2**63 - 1,
}

Fit = Callable[[Any], Any]


def fits_of(columns: Iterable[models.Field[Any, Any]]) -> dict[str, Fit]:
    """For each column's name the function that makes a value fit."""
    return {column.attname: _fit_of(column) for column in columns}


def _fit_of(column: models.Field[Any, Any]) -> Fit:
    if isinstance(column, models.CharField):
        length = column.max_length or LONGEST_TEXT
        return lambda value: clean_text(value)[:length]
    if isinstance(column, models.TextField):
        return lambda value: clean_text(value)[:LONGEST_TEXT]
    if highest := _HIGHEST.get(column.get_internal_type()):
        default = None if column.null else 0
        return lambda value: value if value is not None and 0 <= value <= highest else default
    return _FITS.get(type(column), _keep)


def clean_text(text: str) -> str:
    """`text` without NUL and with pairs of surrogates joined; what cannot be stored becomes U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", _REPLACEMENT)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def clean_json(value: Any) -> Any:
    """A JSON value in which every text is clean and every number is one that JSON can hold."""
    if isinstance(value, str):
        return clean_text(value)[:LONGEST_TEXT]
    if isinstance(value, dict):
        return {clean_json(key): clean_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(item) for item in value]
    return _finite(value) if isinstance(value, float) else value


def moment(timestamp: float | None) -> datetime | None:
    """Unix seconds as UTC, to the millisecond; None for what is no moment of this calendar."""
    if timestamp is None:
        return None
    try:
        return datetime.fromtimestamp(round(timestamp, 3), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _keep(value: Any) -> Any:
    return value


_FITS: dict[type, Fit] = {models.JSONField: clean_json, models.DateTimeField: moment, models.FloatField: _finite}
