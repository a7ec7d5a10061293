"""What a page tells about an exchange beside its bodies: its state, its tokens, its times, its attempts."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from requestlog.exchange import Attempt, Outcome
from requestlog.presentation.text import Budget, Excerpt


class Tone(enum.StrEnum):
    """The colour of a badge; its text says the same."""

    GOOD = "good"
    BUSY = "busy"
    WARN = "warn"
    BAD = "bad"
    QUIET = "quiet"


_TONES: dict[str, Tone] = {
    Outcome.IN_FLIGHT: Tone.BUSY,
    Outcome.COMPLETED: Tone.GOOD,
    Outcome.CLIENT_LEFT: Tone.WARN,
    Outcome.UPSTREAM_FAILED: Tone.BAD,
    Outcome.REJECTED: Tone.BAD,
    Outcome.INTERRUPTED: Tone.WARN,
}


@dataclass(frozen=True, slots=True)
class Badge:
    text: str
    tone: Tone


def badge_of(outcome: str, status: int | None) -> Badge:
    """An exchange's state: the status the client got, and the outcome unless it is the usual one."""
    tone = _TONES.get(outcome, Tone.QUIET)
    if tone is Tone.GOOD and status is not None and status >= 400:
        tone = Tone.BAD
    words = "" if outcome == Outcome.COMPLETED and status is not None else outcome.replace("_", " ")
    return Badge(" ".join(filter(None, [str(status or ""), words])), tone)


def milliseconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """The time from `start` to `end` in ms, None where one is missing."""
    return None if start is None or end is None else (end - start).total_seconds() * 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list. The fields are the columns that the list reads, `error` is the beginning of the message."""

    id: uuid.UUID
    received_at: datetime
    first_token_at: datetime | None
    finished_at: datetime | None
    session_id: str
    agent_id: str
    call_kind: str
    subagent: str
    method: str
    path: str
    requested_model: str
    routed_model: str
    provider: str
    status: int | None
    outcome: str
    stop_reason: str
    error_type: str
    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    usage_is_estimate: bool
    error: str

    @property
    def badge(self) -> Badge:
        return badge_of(self.outcome, self.status)

    @property
    def is_in_flight(self) -> bool:
        return self.outcome == Outcome.IN_FLIGHT

    @property
    def is_rerouted(self) -> bool:
        return bool(self.routed_model) and self.routed_model != self.requested_model

    @property
    def is_unnamed(self) -> bool:
        """A subagent's call whose agent's name is not known."""
        return self.call_kind == "subagent" and not self.subagent

    @property
    def call(self) -> str:
        """Method and path of what is no plain message request."""
        return "" if self.path.partition("?")[0] == "/v1/messages" else f"{self.method} {self.path}"

    @property
    def duration(self) -> float | None:
        return milliseconds_between(self.received_at, self.finished_at)

    @property
    def first_token(self) -> float | None:
        return milliseconds_between(self.received_at, self.first_token_at)


class Timed(Protocol):
    """What the timeline reads of an entry."""

    received_at: datetime
    upstream_answered_at: datetime | None
    first_token_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Moment:
    """`after` is ms since the request came in; `start` and `width` are the time that led here, in percent of all."""

    name: str
    at: datetime | None
    after: float | None = None
    start: float = 0.0
    width: float = 0.0

    @property
    def label(self) -> str:
        return self.name.replace("-", " ")


@dataclass(frozen=True, slots=True)
class Timeline:
    moments: tuple[Moment, ...]
    total: float | None


def timeline_of(entry: Timed) -> Timeline:
    """The moments of an exchange in their order; a moment that did not come has no time."""
    named = (
        ("received", entry.received_at),
        ("upstream-answered", entry.upstream_answered_at),
        ("first-token", entry.first_token_at),
        ("finished", entry.finished_at),
    )
    total = milliseconds_between(entry.received_at, entry.finished_at)
    moments: list[Moment] = []
    start = 0.0
    for name, at in named:
        after = milliseconds_between(entry.received_at, at)
        end = max(start, _share(after, total))
        moments.append(Moment(name, at, after, start, round(end - start, 2)))
        start = end
    return Timeline(tuple(moments), total)


def _share(part: float | None, total: float | None) -> float:
    """`part` in percent of `total`, between 0 and 100: a clock that was set back must not draw outside the bar."""
    return round(min(max(part / total, 0), 1) * 100, 2) if part is not None and total and total > 0 else 0.0


@dataclass(frozen=True, slots=True)
class AttemptShown:
    """One try at an upstream target; `raw` holds what is no attempt as this version knows it."""

    attempt: Attempt | None
    started_at: datetime | None = None
    raw: Excerpt | None = None


def read_attempts(stored: Any, budget: Budget) -> tuple[AttemptShown, ...]:
    """The attempts of an entry's JSON column, at most 50."""
    values = stored if isinstance(stored, list) else [stored]
    return tuple(_read_attempt(value, budget) for value in values[:50])


def _read_attempt(value: Any, budget: Budget) -> AttemptShown:
    try:
        attempt = msgspec.convert(value, Attempt)
        return AttemptShown(attempt, datetime.fromtimestamp(attempt.started_at, UTC))
    except (msgspec.ValidationError, ValueError, OverflowError, OSError):  # the last three: a time outside the calendar
        return AttemptShown(None, raw=budget.take_json(value, 2_000))
