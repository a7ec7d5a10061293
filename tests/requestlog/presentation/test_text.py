from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requestlog.presentation.text import Budget, html_size, one_line, parse_json, pretty, visible

ANY_TEXT = st.text(st.characters(exclude_categories=[]))


@given(ANY_TEXT)
def test_visible_text_has_no_character_that_a_browser_obeys(text: str) -> None:
    shown = visible(text)
    kinds = {unicodedata.category(character) for character in shown if character not in "\n\t"}
    assert not kinds & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(character) for character in shown} & {
        "LRE",
        "RLE",
        "LRO",
        "RLO",
        "LRI",
        "RLI",
    }


@given(ANY_TEXT)
def test_making_text_visible_twice_is_the_same_as_once(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred", "a⟨ESC⟩[31mred"),
        ("one\r\ntwo\nthree\tfour", "one⟨CR⟩\ntwo\nthree\tfour"),
        ("zero\x00", "zero⟨NUL⟩"),
        ("photo\u202egnp.exe", "photo⟨U+202E⟩gnp.exe"),
        ("no\u200bwidth", "no⟨U+200B⟩width"),
        ("tag\U000e0041", "tag⟨U+E0041⟩"),
        ("half \ud83d", "half ⟨U+D83D⟩"),
        ("family 👩‍👧, naïve, 日本語, עברית", "family 👩‍👧, naïve, 日本語, עברית"),
    ],
)
def test_unseen_characters_are_named_and_all_others_stay(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(ANY_TEXT, st.integers(0, 200))
def test_an_excerpt_is_a_beginning_that_fits_its_limit(text: str, limit: int) -> None:
    budget = Budget(1000)
    excerpt = budget.take(text, limit)
    assert visible(text).startswith(excerpt.text)
    assert html_size(excerpt.text) <= limit
    assert excerpt.cut == (excerpt.text != visible(text))
    assert budget.left == 1000 - html_size(excerpt.text)


def test_what_escaping_adds_counts() -> None:
    excerpt = Budget(10_000).take('"' * 1000, 600)
    assert len(excerpt.text) == 100
    assert (excerpt.cut, excerpt.characters) == (True, 1000)


def test_a_spent_budget_gives_empty_excerpts_that_say_they_are_cut() -> None:
    budget = Budget(3)
    assert budget.take("abcdef", 100).text == "abc"
    assert budget.take("more", 100).text == ""
    assert budget.take("more", 100).cut


def test_indenting_deep_json_stops_at_the_limit() -> None:
    value: object = [1] * 1000
    for _ in range(400):
        value = [value]
    assert len(pretty(value, 10_000)) < 12_000


def test_json_nested_beyond_the_interpreter_is_said_in_words() -> None:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    assert "nested too deeply" in pretty(value, 10**9)
    assert parse_json(b"[" * 100_000) == (None, "The body is JSON that is nested too deeply to be read.")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"{nope", "is not JSON"), (b'{"a": "\xff"}', "not valid UTF-8 (byte 7)"), (b"", "is not JSON")],
)
def test_a_body_that_is_no_json_comes_with_the_reason(content: bytes, reason: str) -> None:
    value, problem = parse_json(content)
    assert value is None
    assert reason in problem


def test_half_a_surrogate_pair_is_still_json() -> None:
    assert parse_json(rb'{"text": "cut \ud83d here"}') == ({"text": "cut \ud83d here"}, "")


def test_a_summary_is_one_short_line() -> None:
    assert one_line("  two\n\n lines ", 20) == "two lines"
    assert one_line("x" * 100, 10) == "xxxxxxxxxx…"
