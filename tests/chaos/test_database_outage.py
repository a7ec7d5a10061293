"""A database that cannot be used for a while: nobody waits for it, `/readyz` says so, and the log catches up."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import median

import pytest

from tests.chaos.conftest import StartGateway
from tests.chaos.ledger import assert_logged, completed
from tests.chaos.outages import locked, moved_away, stopped
from tests.chaos.visitor import TOLD, Visitor
from tests.requestlog.postgresql import PostgreSQL
from tests.support.anthropic_api import events
from tests.support.gateway import RunningGateway
from tests.support.upstream import ScriptedUpstream

Outage = AbstractContextManager[None]
Visit = Callable[[RunningGateway], Visitor]

_AT_ONCE = 0.0
_USUAL_REQUESTS = 20
_NOTICEABLE_SECONDS = 0.02
_ONE_CHECK_OF_THE_CONFIGURATION = 1.0
"""Seconds that a single request may take: the check is bounded to half of that, and happens once a second at most."""

for_moments_and_for_a_minute = pytest.mark.parametrize(
    "seconds", [pytest.param(_AT_ONCE, id="moments"), pytest.param(60.0, id="a minute", marks=pytest.mark.slow)]
)


@pytest.fixture(autouse=True)
def answering_upstream(upstream: ScriptedUpstream) -> None:
    upstream.answer_by(lambda request: events(TOLD))


@for_moments_and_for_a_minute
@pytest.mark.parametrize(
    ("outage", "reason"), [(locked, "database is locked"), (moved_away, "No such file or directory")]
)
def test_sqlite_cannot_be_used_for_a_while(
    start_gateway: StartGateway, visit: Visit, outage: Callable[[Path], Outage], reason: str, seconds: float
) -> None:
    gateway = start_gateway()
    live_through(gateway, visit(gateway), outage(gateway.folder / "db.sqlite3"), reason, seconds)


@for_moments_and_for_a_minute
def test_postgresql_is_down_for_a_while(
    postgresql: PostgreSQL, start_gateway: StartGateway, visit: Visit, seconds: float
) -> None:
    gateway = start_gateway(DATABASE_URL=postgresql.url())
    live_through(gateway, visit(gateway), stopped(postgresql), "Connection refused", seconds)


def live_through(gateway: RunningGateway, visitor: Visitor, outage: Outage, reason: str, seconds: float) -> None:
    """Ask before, during and after the outage, which lasts for `seconds` after `/readyz` has told of it."""
    visitor.ask_until(lambda: len(visitor.seconds) == _USUAL_REQUESTS)
    with outage:
        visitor.ask_until(lambda: visitor.hears(reason), what=f"/readyz to say “{reason}”")
        end = time.monotonic() + seconds
        visitor.ask_until(lambda: time.monotonic() > end and visitor.hears(reason), seconds + 30)
    assert_as_quick_as_usual(visitor.seconds[:_USUAL_REQUESTS], visitor.seconds[_USUAL_REQUESTS:])
    visitor.ask_until(visitor.is_ready, what="/readyz to be content again")
    assert_logged(gateway, completed(*visitor.answers))


def assert_as_quick_as_usual(usual: list[float], meanwhile: list[float]) -> None:
    assert median(meanwhile) < 3 * median(usual) + _NOTICEABLE_SECONDS
    assert max(meanwhile) < _ONE_CHECK_OF_THE_CONFIGURATION
