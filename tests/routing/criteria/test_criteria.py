"""Each criterion: what it takes, what it matches, and what it says when it does not."""

from __future__ import annotations

from typing import Any

import pytest

from routing.criteria import CRITERIA, parse_criterion
from tests.routing.calls import make_call

IMAGE = b'{"messages":[{"content":[{"type":"image"}]}]}'
THINKING = b'{"thinking":{"type":"adaptive"}}'


@pytest.mark.parametrize(
    ("kind", "value", "changes", "expected"),
    [
        ("subagent", "code-reviewer", {}, True),
        ("subagent", "code-*", {}, True),
        ("subagent", "code-reviewe?", {}, True),
        ("subagent", "code", {}, False),
        ("subagent", "Code-Reviewer", {}, False),
        ("subagent", "*", {"subagent": ""}, False),
        ("subagent", "a[b]*", {"subagent": "a[b]c"}, True),
        ("subagent", "a[b]*", {"subagent": "abc"}, False),
        ("subagent", "team: a", {"subagent": "team: a"}, True),
        ("model", "claude-opus-5-5", {"requested_model": "claude-opus-5-5[1m]"}, True),
        ("model", "claude-*", {}, True),
        ("model", "*haiku*", {}, False),
        ("model", "5", {"requested_model": "5"}, True),
        ("kind", "subagent", {}, True),
        ("kind", "Main-Loop", {"kind": "main loop"}, False),
        ("session", "0b5fba6c", {}, True),
        ("session", "0b5fba6c", {"session_id": ""}, False),
        ("client_key", "lap*", {}, True),
        ("client_key", "*", {"client_key": ""}, False),
        ("header", "X-Team: search", {}, True),
        ("header", "x-team:sea*", {}, True),
        ("header", "x-team: ads", {}, False),
        ("header", "x-team: *", {"headers": {"x-team": ""}}, True),
        ("header", "x-other: *", {}, False),
        ("header", "x-when: 10:*", {"headers": {"x-when": "10:30"}}, True),
        ("input_over", 100, {"body": b"x" * 404}, True),
        ("input_over", "100", {"body": b"x" * 403}, False),
        ("images", "yes", {"body": IMAGE}, True),
        ("images", "no", {"body": IMAGE}, False),
        ("images", False, {}, True),
        ("tools", "", {}, True),
        ("tools", True, {"tools_offered": 0}, False),
        ("thinking", "yes", {"body": THINKING}, True),
        ("thinking", "yes", {}, False),
    ],
)
def test_a_criterion_matches_what_it_asks_for(kind: str, value: Any, changes: dict[str, Any], expected: bool) -> None:
    assert parse_criterion(kind, value).matches(make_call(**changes)) is expected


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("subagent", "", "enter a name or a pattern such as code-*"),
        ("subagent", True, "write it as a text"),
        ("subagent", ["a"], "write it as a text"),
        ("model", "claude-opus-5-5[1M]", "leave out [1m]"),
        ("kind", "subagents", "enter one of: main loop, subagent, side call"),
        ("session", " ", "enter a name"),
        ("header", "x-team", "a colon and its value"),
        ("header", "x-team:", "a colon and its value"),
        ("header", "x team: a", "a colon and its value"),
        ("header", "Authorization: Bearer *", "authorization carries a credential"),
        ("header", "x-api-key: *", "client key instead"),
        ("input_over", "many", "enter a number of tokens, such as 100000"),
        ("input_over", "-1", "enter a number of tokens"),
        ("input_over", 1.5, "write it as a text"),
        ("images", "perhaps", "enter yes or no"),
        ("images", 1, "enter yes or no"),
        ("time", "22", "enter two times"),
        ("time", "22:00", "enter two times"),
        ("time", "25:00–06:00", "25:00 is no time of day"),
        ("time", "22:60–06:00", "22:60 is no time of day"),
        ("time", "06:00–06:00", "the span is empty"),
        ("time", "24:00–06:00", "the span is empty"),
        ("time", "Monkey 22:00–06:00", "“Monkey” is no day: days are Mon, Tue"),
        ("time", "Mo 22:00–06:00", "“Mo” is no day"),
        ("time", "Mon–Wed–Fri 22:00–06:00", "write them as Mon–Fri"),
        ("time", "Mon,,Wed 22:00–06:00", "“” is no day"),
        ("wings", "yes", "there is no criterion “wings”: there are subagent, model"),
    ],
)
def test_a_value_that_cannot_be_read_is_refused_with_what_to_enter(kind: str, value: object, message: str) -> None:
    with pytest.raises(ValueError, match="(?s).+") as refusal:
        parse_criterion(kind, value)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("kind", "value", "stored", "described"),
    [
        ("subagent", " code-* ", "code-*", "subagent code-*"),
        ("kind", "side_call", "side call", "side call"),
        ("header", "X-Team :  a b", "x-team: a b", "header x-team: a b"),
        ("input_over", "100,000", "100000", "input over 100,000 tokens"),
        ("input_over", "1 000", "1000", "input over 1,000 tokens"),
        ("images", "TRUE", "yes", "with images"),
        ("thinking", "off", "no", "without thinking"),
        ("time", "9:00-17:00", "09:00–17:00", "time of day 09:00–17:00"),
        ("time", "mon - friday, sun 22:00 - 6:00", "Mon–Fri, Sun 22:00–06:00", None),
        ("time", "Sat-Mon 00:00-24:00", "Mon, Sat, Sun 00:00–24:00", None),
        ("time", "Mon–Sun 10:00–11:00", "10:00–11:00", None),
    ],
)
def test_a_value_is_stored_in_one_form(kind: str, value: object, stored: str, described: str | None) -> None:
    criterion = parse_criterion(kind, value)
    assert criterion.value == stored
    assert parse_criterion(kind, stored) == criterion
    assert described is None or criterion.describe() == described


@pytest.mark.parametrize(
    ("kind", "value", "changes", "expected"),
    [
        ("subagent", "planner", {}, "subagent code-reviewer is not planner"),
        ("subagent", "planner", {"subagent": ""}, "there is no subagent"),
        ("model", "gpt-*", {}, "requested model claude-opus-5-5 is not gpt-*"),
        ("kind", "side call", {}, "this is a call of the kind subagent, not side call"),
        ("header", "x-team: ads", {}, "header x-team is not ads"),
        ("header", "x-other: ads", {}, "no header x-other"),
        ("input_over", "2000", {"body": b"x" * 4_400}, "the input of about 1,100 tokens is not over 2,000"),
        ("images", "yes", {}, "the call is without images"),
        ("tools", "no", {}, "the call is with tools"),
        ("time", "22:00–06:00", {}, "time of day 14:02 is not in 22:00–06:00"),
        ("time", "Sat 14:00–15:00", {}, "time of day Mon 14:02 is not in Sat 14:00–15:00"),
    ],
)
def test_a_criterion_says_why_it_does_not_match(kind: str, value: str, changes: dict[str, Any], expected: str) -> None:
    assert parse_criterion(kind, value).why_not(make_call(**changes)) == expected


def test_what_a_header_holds_is_not_repeated() -> None:
    call = make_call(headers={"x-team": "a-secret"})
    assert "a-secret" not in parse_criterion("header", "x-team: ads").why_not(call)


@pytest.mark.parametrize("kind", CRITERIA)
def test_the_example_of_each_criterion_is_valid(kind: str) -> None:
    criterion = parse_criterion(kind, CRITERIA[kind].example)
    assert criterion.value == criterion.example
    assert criterion.help_text and criterion.label


def test_a_pattern_with_many_stars_takes_no_time_on_a_long_text() -> None:
    criterion = parse_criterion("header", "x-long: " + "*a" * 20 + "b")
    assert not criterion.matches(make_call(headers={"x-long": "a" * 60_000}))
