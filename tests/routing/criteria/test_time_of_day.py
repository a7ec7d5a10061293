from __future__ import annotations

from datetime import datetime

import pytest

from routing.criteria.time_of_day import TimeOfDay
from tests.routing.calls import make_call

MONDAY, TUESDAY, FRIDAY, SATURDAY, SUNDAY = 23, 24, 27, 28, 29
"""Days of November 2026."""


@pytest.mark.parametrize(
    ("span", "day", "hour", "minute", "expected"),
    [
        ("09:00–17:00", MONDAY, 9, 0, True),
        ("09:00–17:00", MONDAY, 8, 59, False),
        ("09:00–17:00", MONDAY, 16, 59, True),
        ("09:00–17:00", MONDAY, 17, 0, False),
        ("22:00–06:00", MONDAY, 23, 0, True),
        ("22:00–06:00", MONDAY, 5, 59, True),
        ("22:00–06:00", MONDAY, 6, 0, False),
        ("22:00–06:00", MONDAY, 14, 2, False),
        ("00:00–24:00", MONDAY, 23, 59, True),
        ("18:00–24:00", MONDAY, 0, 0, False),
        ("18:00–00:00", MONDAY, 23, 59, True),
        ("18:00–00:00", TUESDAY, 0, 0, False),
        ("Mon–Fri 09:00–17:00", FRIDAY, 12, 0, True),
        ("Mon–Fri 09:00–17:00", SATURDAY, 12, 0, False),
        ("Fri–Mon 09:00–17:00", SUNDAY, 12, 0, True),
        ("Fri–Mon 09:00–17:00", TUESDAY, 12, 0, False),
        ("Mon–Fri 22:00–06:00", SATURDAY, 3, 0, True),
        ("Mon–Fri 22:00–06:00", SATURDAY, 23, 0, False),
        ("Mon–Fri 22:00–06:00", MONDAY, 3, 0, False),
        ("Sun 22:00–06:00", MONDAY, 3, 0, True),
        ("Mon, Sun 10:00–11:00", SUNDAY, 10, 30, True),
    ],
)
def test_a_span_belongs_to_the_day_on_which_it_begins(
    span: str, day: int, hour: int, minute: int, expected: bool
) -> None:
    assert TimeOfDay.parse(span).matches(make_call(at=datetime(2026, 11, day, hour, minute))) is expected
