"""When a call is made, by the clock of the gateway's time zone.

A span may go over midnight; what is after midnight still belongs to the day on which the span began: `Fri 22:00–06:00`
ends on Saturday morning. The first minute is in the span, the last one is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from routing.call import Call
from routing.criteria.base import Criterion, text_of

_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS = tuple(name[:3].capitalize() for name in _DAY_NAMES)
_EVERY_DAY = frozenset(range(7))
_MINUTES_OF_A_DAY = 24 * 60
_SPAN = re.compile(r"(?P<days>.*?)\s*\b(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


@dataclass(frozen=True)
class TimeOfDay(Criterion):
    key = "time"
    label = "time of day"
    help_text = "HH:MM–HH:MM in the gateway's time zone, over midnight too; days go before it: Mon–Fri 22:00–06:00."
    example = "Mon–Fri 22:00–06:00"

    start: int
    """In minutes since midnight; so is `end`, which is after midnight where it is not larger."""
    end: int
    days: frozenset[int] = _EVERY_DAY
    """On which it begins; 0 is Monday."""

    @classmethod
    def parse(cls, value: object) -> Self:
        found = _SPAN.fullmatch(text_of(value))
        if found is None:
            raise ValueError(f"enter two times, such as 22:00–06:00, with days before them if need be: {cls.example}")
        start, end = _minutes(found[2], found[3]), _minutes(found[4], found[5])
        if start in (end, _MINUTES_OF_A_DAY):
            raise ValueError("the span is empty: it must begin before 24:00 and end at another time")
        return cls(start, end, _read_days(found["days"]))

    @property
    def value(self) -> str:
        span = f"{_clock(self.start)}–{_clock(self.end)}"
        return span if self.days == _EVERY_DAY else f"{_write_days(self.days)} {span}"

    def fact(self, call: Call) -> tuple[int, int]:
        return call.at.weekday(), call.at.hour * 60 + call.at.minute

    def fits(self, fact: tuple[int, int]) -> bool:
        day, now = fact
        if self.start < self.end:
            return self.start <= now < self.end and day in self.days
        return (now >= self.start and day in self.days) or (now < self.end and (day - 1) % 7 in self.days)

    def why_not(self, call: Call) -> str:
        day = "" if self.days == _EVERY_DAY else f"{_DAYS[call.at.weekday()]} "
        return f"time of day {day}{call.at:%H:%M} is not in {self.value}"


def _minutes(hours: str, minutes: str) -> int:
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > _MINUTES_OF_A_DAY:
        raise ValueError(f"{hours}:{minutes} is no time of day")
    return total


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _read_days(text: str) -> frozenset[int]:
    """`Mon–Fri`, `Sat, Sun`, or nothing for every day."""
    parts = [part.strip() for part in text.rstrip(", ").split(",")] if text else []
    return frozenset().union(*map(_read_days_part, parts)) if parts else _EVERY_DAY


def _read_days_part(text: str) -> frozenset[int]:
    first, *rest = [_read_day(day) for day in re.split(r"\s*[-–]\s*", text)]
    last = rest[0] if rest else first
    if len(rest) > 1:
        raise ValueError(f"“{text}” are no days: write them as Mon–Fri or as Mon, Wed")
    return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))


def _read_day(text: str) -> int:
    """By the first three letters or more of its name."""
    found = [day for day, name in enumerate(_DAY_NAMES) if len(text) > 2 and name.startswith(text.lower())]
    if not found:
        raise ValueError(f"“{text}” is no day: days are {', '.join(_DAYS)}")
    return found[0]


def _write_days(days: frozenset[int]) -> str:
    """Runs of three days and more as a span, within one week."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(part for run in runs for part in _write_run([_DAYS[day] for day in run]))


def _write_run(names: list[str]) -> list[str]:
    return [f"{names[0]}–{names[-1]}"] if len(names) > 2 else names
