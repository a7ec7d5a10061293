from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.call import Call
from routing.criteria import Criterion, parse_criterion
from routing.identification.callers import CallKind
from routing.rule_index import RuleIndex
from tests.bench.decide import LIMIT_US, build_routes, measure
from tests.routing.calls import make_call

VALUES = [
    ("subagent", "code-reviewer"),
    ("subagent", "*"),
    ("subagent", "plan*"),
    ("model", "claude-*"),
    ("model", "gpt-5"),
    ("kind", "main loop"),
    ("kind", "subagent"),
    ("session", "s1"),
    ("client_key", "lap?op"),
    ("header", "x-team: search"),
    ("header", "x-team: a*"),
    ("header", "x-else: *"),
    ("input_over", "100"),
    ("input_over", "500"),
    ("images", "yes"),
    ("images", "no"),
    ("tools", "no"),
    ("thinking", "yes"),
    ("time", "Mon 22:00–06:00"),
    ("time", "09:00–17:00"),
]
CRITERIA = st.sampled_from(VALUES).map(lambda pair: parse_criterion(*pair))
CALLS = st.builds(
    make_call,
    requested_model=st.sampled_from(["claude-opus-5-5[1m]", "gpt-5", ""]),
    kind=st.sampled_from(CallKind),
    subagent=st.sampled_from(["", "code-reviewer", "planner"]),
    session_id=st.sampled_from(["", "s1", "s2"]),
    client_key=st.sampled_from(["", "laptop"]),
    headers=st.dictionaries(st.sampled_from(["x-team", "x-else"]), st.sampled_from(["search", "ads", ""])),
    body=st.sampled_from(
        [b"{}", b'{"thinking":{"type":"enabled"}}' + b" " * 900, b'{"messages":[{"content":[{"type":"image"}]}]}']
    ),
    tools_offered=st.integers(0, 1),
    at=st.datetimes(datetime(2026, 11, 20), datetime(2026, 11, 27), timezones=st.just(UTC)),
)


@given(st.lists(st.lists(CRITERIA, max_size=3), max_size=12), st.lists(CALLS, min_size=1, max_size=4))
def test_it_finds_the_rules_that_match_one_by_one(rules: list[list[Criterion]], calls: list[Call]) -> None:
    index = RuleIndex(rules)
    for call in calls:
        expected = [number for number, rule in enumerate(rules) if all(c.matches(call) for c in rule)]
        assert list(index.matching(call)) == expected


class UnreadableBody(bytes):
    def __contains__(self, part: object) -> bool:
        raise AssertionError("the body was looked into")


def test_the_body_is_not_looked_into_while_no_rule_that_is_left_asks_for_it() -> None:
    rules = [[parse_criterion("images", "yes"), parse_criterion("kind", "main loop")], [parse_criterion("tools", "no")]]
    assert list(RuleIndex(rules).matching(make_call(body=UnreadableBody()))) == []
    with pytest.raises(AssertionError, match="looked into"):
        list(RuleIndex(rules).matching(make_call(body=UnreadableBody(), kind=CallKind.MAIN_LOOP)))


def test_a_decision_among_two_hundred_rules_and_ten_thousand_mappings_takes_less_than_fifty_microseconds() -> None:
    routes = build_routes()
    assert len(routes.rules) == 200 and len(routes.mappings) == 10_000
    assert min(measure(routes, calls=200) for _ in range(10)) < LIMIT_US
