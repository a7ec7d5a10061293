from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from requestlog.presentation.facts import Tone, badge_of, read_attempts, timeline_of
from requestlog.presentation.text import Budget
from tests.support.log_entries import NOON, entry_at


@pytest.mark.parametrize(
    ("outcome", "status", "text", "tone"),
    [
        ("completed", 200, "200", Tone.GOOD),
        ("completed", 429, "429", Tone.BAD),
        ("completed", None, "completed", Tone.GOOD),
        ("in_flight", None, "in flight", Tone.BUSY),
        ("client_left", 200, "200 client left", Tone.WARN),
        ("upstream_failed", 502, "502 upstream failed", Tone.BAD),
        ("rejected", 401, "401 rejected", Tone.BAD),
        ("interrupted", None, "interrupted", Tone.WARN),
        ("from_a_later_version", 200, "200 from a later version", Tone.QUIET),
    ],
)
def test_a_badge_says_in_words_what_its_colour_says(outcome: str, status: int | None, text: str, tone: Tone) -> None:
    assert (badge_of(outcome, status).text, badge_of(outcome, status).tone) == (text, tone)


def test_the_timeline_adds_up() -> None:
    timeline = timeline_of(entry_at())
    assert timeline.total == 2500
    assert [moment.after for moment in timeline.moments] == [0, 420, 610, 2500]
    assert [(moment.start, moment.width) for moment in timeline.moments] == [
        (0, 0),
        (0, 16.8),
        (16.8, 7.6),
        (24.4, 75.6),
    ]


def test_moments_that_did_not_come_take_no_room() -> None:
    timeline = timeline_of(entry_at(first_token_at=None, finished_at=None))
    assert timeline.total is None
    assert [moment.after for moment in timeline.moments] == [0, 420, None, None]
    assert {moment.width for moment in timeline.moments} == {0}


def test_a_clock_that_was_set_back_draws_nothing_outside_the_bar() -> None:
    timeline = timeline_of(
        entry_at(upstream_answered_at=NOON - timedelta(hours=1), first_token_at=NOON + timedelta(hours=1))
    )
    assert [(moment.start, moment.width) for moment in timeline.moments] == [(0, 0), (0, 0), (0, 100), (100, 0)]


def test_attempts_are_read() -> None:
    stored = [
        {"provider": "anthropic", "model": "m", "started_at": NOON.timestamp(), "duration_ms": 12.5, "status": 529}
    ]
    (shown,) = read_attempts(stored, Budget(1000))
    assert shown.started_at == NOON
    assert shown.attempt
    assert (shown.attempt.provider, shown.attempt.status, shown.attempt.error) == ("anthropic", 529, "")


@pytest.mark.parametrize(
    "stored",
    [[{"later": "shape"}], "text", [None], [{"provider": "p", "model": "m", "started_at": 1e300, "duration_ms": 1}]],
)
def test_attempts_of_another_shape_are_shown_as_json(stored: Any) -> None:
    (shown,) = read_attempts(stored, Budget(1000))
    assert shown.attempt is None
    assert shown.raw
    assert shown.raw.text
