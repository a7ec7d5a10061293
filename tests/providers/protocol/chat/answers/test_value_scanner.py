"""The scanner against what JSON is: a value has ended at its end and nowhere before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.chat.answers.value_scanner import ValueScanner

texts = st.text(max_size=6) | st.sampled_from(['"', "\\", '\\"', "{", "}", "[]", "\n"])


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)


values = st.recursive(st.none() | st.booleans() | st.integers() | texts, nested, max_leaves=8)
containers = st.lists(values, max_size=3) | st.dictionaries(texts, values, max_size=3) | texts
documents = st.builds(json.dumps, containers, ensure_ascii=st.booleans())


def ended(*pieces: str) -> bool:
    scanner = ValueScanner()
    for piece in pieces:
        scanner.feed(piece)
    return scanner.ended


@given(documents, st.integers(1, 5))
def test_a_value_has_ended_when_all_its_pieces_have_come(document: str, size: int) -> None:
    assert ended(*(document[place : place + size] for place in range(0, len(document), size)))


@given(documents, st.integers(0, 1000))
def test_a_value_has_not_ended_before_its_end(document: str, place: int) -> None:
    assert not ended(document[: place % len(document)])


@pytest.mark.parametrize("text", ["", " \n", "null", "tru", "12"])
def test_what_neither_opens_nor_closes_anything_has_not_ended(text: str) -> None:
    assert not ended(text)


@pytest.mark.parametrize("text", [' {"a": 1} \n', "{}}", "{a}", '"\\u0041"', "[]"])
def test_what_has_closed_everything_has_ended(text: str) -> None:
    assert ended(text)
