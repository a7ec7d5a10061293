"""What one decision costs with 200 rules and 10 000 mappings, when it is the last rule that matches.

`make bench-decide` prints the median and the slowest of ten runs, in microseconds, and fails above the limit. The calls
are made anew for each run: what a call keeps once it was asked is part of the cost. A look into the body is measured by
itself, since it costs by the body's size: rules have it only where they ask for images or thinking, and last.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from routing.call import Call
from routing.criteria import Criterion, parse_criterion
from routing.engine import Route, Routes, Rule, Target, decide
from routing.identification.callers import CallKind

LIMIT_US = 50
RULES, MAPPINGS, CALLS, RUNS = 200, 10_000, 1_000, 10
BODY = b'{"messages":[{"role":"user","content":"' + b"word " * 20_000 + b'"}]}'
NEVER_MET: tuple[tuple[str, str], ...] = (
    ("subagent", "reviewer-{}"),
    ("subagent", "review-*-{}"),
    ("model", "claude-haiku-{}"),
    ("model", "gpt-{}-*"),
    ("kind", "side call"),
    ("session", "session-{}"),
    ("client_key", "laptop-{}-*"),
    ("header", "x-team: search-{}"),
    ("input_over", "9{:05}"),
    ("tools", "no"),
    ("time", "03:00–04:00"),
)
ABOUT_THE_BODY = (("images", "yes"), ("thinking", "yes"))


def build_routes(*more: tuple[str, str]) -> Routes:
    """Rules of every kind that do not match, half of them by the second criterion alone; then one that does."""
    conditions = (*NEVER_MET, *more)
    rules = [Rule(f"rule {number}", _route("elsewhere"), _criteria(number, conditions)) for number in range(RULES - 1)]
    return Routes(
        mappings={f"agent-{number}": _route("mapped") for number in range(MAPPINGS)},
        rules=(*rules, Rule("last", _route("last"))),
        providers=frozenset({"elsewhere", "mapped", "last"}),
    )


def _criteria(number: int, conditions: Sequence[tuple[str, str]]) -> tuple[Criterion, ...]:
    kind, value = conditions[number % len(conditions)]
    always = () if number % 2 else (parse_criterion("kind", "subagent"),)
    return (*always, parse_criterion(kind, value.format(number)))


def _route(provider: str) -> Route:
    return Route((Target(provider, "m"),))


def make_call() -> Call:
    return Call(
        requested_model="claude-opus-5-5[1m]",
        kind=CallKind.SUBAGENT,
        subagent="planner",
        session_id="0b5fba6c-7c4e-4a4b-9d55-6a2f0d6c1e11",
        client_key="laptop",
        headers={"x-team": "ads", "user-agent": "claude-cli"},
        body=BODY,
        tools_offered=20,
        at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    )


def measure(routes: Routes, calls: int = CALLS) -> float:
    """Microseconds for one decision."""
    made = [make_call() for _ in range(calls)]
    started = time.perf_counter()
    for call in made:
        decide(call, routes)
    return (time.perf_counter() - started) / calls * 1e6


def report(title: str, routes: Routes) -> float:
    assert decide(make_call(), routes).reason == "rule ‘last’ → last:m"
    runs = [measure(routes) for _ in range(RUNS)]
    print(f"{title}: {statistics.median(runs):.1f} µs (median), {max(runs):.1f} µs (slowest of {RUNS} runs)")
    return statistics.median(runs)


def main() -> int:
    median = report(f"a decision, limit {LIMIT_US} µs", build_routes())
    report(f"with two looks into {len(BODY) // 1000} KB of body", build_routes(*ABOUT_THE_BODY))
    return int(median > LIMIT_US)


if __name__ == "__main__":
    sys.exit(main())
