"""A call of a subagent in the middle of an ordinary Monday; tests change what they are about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from routing.call import Call
from routing.criteria import parse_criterion
from routing.engine import Route, Rule, Target
from routing.identification.callers import CallKind


def make_call(**changes: Any) -> Call:
    facts: dict[str, Any] = {
        "requested_model": "claude-opus-5-5",
        "kind": CallKind.SUBAGENT,
        "subagent": "code-reviewer",
        "session_id": "0b5fba6c",
        "client_key": "laptop",
        "headers": {"x-team": "search", "user-agent": "claude-cli/2.1.330"},
        "body": b"{}",
        "tools_offered": 3,
        "at": datetime(2026, 11, 23, 14, 2, tzinfo=UTC),
    }
    return Call(**{**facts, **changes})


def route(*targets: str, disabled: tuple[str, ...] = ()) -> Route:
    """Of targets as `provider:model`."""
    return Route(tuple(Target(*target.split(":", 1)) for target in targets), disabled)


def rule(name: str, target: str, *criteria: tuple[str, object]) -> Rule:
    return Rule(name, route(target), tuple(parse_criterion(kind, value) for kind, value in criteria))
