from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requestlog.columns import LONGEST_TEXT, clean_json, clean_text, fits_of, moment
from requestlog.models import Entry

FITS = fits_of(Entry._meta.concrete_fields)


@pytest.mark.parametrize(
    ("column", "value", "fitting"),
    [
        ("method", "P" * 20, "P" * 16),
        ("path", "/" * (LONGEST_TEXT + 1), "/" * LONGEST_TEXT),
        ("status", 2**15, None),
        ("status", 200, 200),
        ("message_count", -1, None),
        ("input_tokens", 2**63, None),
        ("input_tokens", 2**63 - 1, 2**63 - 1),
        ("request_bytes", 2**70, 0),
        ("overhead_ms", math.nan, None),
        ("overhead_ms", 0.25, 0.25),
        ("finished_at", 1e20, None),
        ("tools_called", ("a\0",), ["a\ufffd"]),
    ],
)
def test_a_value_is_made_to_fit_its_column(column: str, value: Any, fitting: Any) -> None:
    assert FITS[column](value) == fitting


@settings(deadline=None)
@given(st.text(st.characters(), max_size=40))
def test_clean_text_can_be_stored_anywhere(text: str) -> None:
    cleaned = clean_text(text)
    assert "\0" not in cleaned
    cleaned.encode()


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_text_that_can_be_stored_is_not_touched(text: str) -> None:
    assert clean_text(text) == text


def test_a_pair_of_surrogates_becomes_its_character() -> None:
    assert clean_text("\ud83c\udfee and \ud800") == "\U0001f3ee and \ufffd"


def test_text_deep_in_json_is_cleaned() -> None:
    assert clean_json([{"a\0": ("\ud800", 1, None, math.inf)}]) == [{"a\ufffd": ["\ufffd", 1, None, None]}]


def test_moments_are_utc_to_the_millisecond() -> None:
    assert moment(0.123456) == datetime(1970, 1, 1, 0, 0, 0, 123_000, UTC)
