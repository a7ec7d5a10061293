"""Everything that the page of one exchange shows, put together from its entry and its bodies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from requestlog.exchange import BodiesState, Outcome
from requestlog.models import BodyKind, Entry
from requestlog.presentation.conversation import Answered, Asked, read_request, read_response
from requestlog.presentation.facts import AttemptShown, Badge, Timeline, badge_of, read_attempts, timeline_of
from requestlog.presentation.text import Budget, Excerpt, one_line, visible
from requestlog.reading import ReadBody, headers_of, read_bodies

PAGE_BUDGET = 600_000
"""Bytes of HTML for the conversation; headers and raw bodies have their own, so that each of them is always shown."""
RAW_LIMIT = 200_000
HEADERS_BUDGET = 60_000
_HEADERS_LIMIT = 100
_HEADER_LIMIT = 2_000
_NAMES_LIMIT = 50
_NOTES_LIMIT = 100
_NOTE_LIMIT = 2_000
_PROVIDER_SIDE = (BodyKind.SENT, BodyKind.RECEIVED)
_HEADER_KINDS = (BodyKind.REQUEST_HEADERS, BodyKind.SENT_HEADERS, BodyKind.RESPONSE_HEADERS)
_RAW_KINDS = (BodyKind.REQUEST, BodyKind.SENT, BodyKind.RECEIVED, BodyKind.MESSAGE, BodyKind.RESPONSE)


@dataclass(frozen=True, slots=True)
class HeadersShown:
    label: str
    pairs: tuple[tuple[Excerpt, Excerpt], ...]
    left_out: int
    problem: str


@dataclass(frozen=True, slots=True)
class RawShown:
    """The beginning of a body, decoded. `size` is that of the stored bytes, which a download gives in full."""

    kind: str
    label: str
    size: int
    encoding: str
    excerpt: Excerpt
    problem: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of an exchange between two formats. `steps` are the bodies on the provider's side."""

    notes: tuple[Excerpt, ...]
    left_out: int
    steps: tuple[RawShown, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """`asked_note` and `answered_note` say why a part is not there or not complete."""

    badge: Badge
    timeline: Timeline
    attempts: tuple[AttemptShown, ...]
    tools_called: tuple[str, ...]
    conversion: Conversion | None
    asked: Asked | None
    asked_note: str
    answered: Answered | None
    answered_note: str
    headers: tuple[HeadersShown, ...]
    raw: tuple[RawShown, ...]


def read_detail(entry: Entry) -> Detail:
    """The page of `entry`. Never raises on what the log holds."""
    bodies = read_bodies(entry)
    budget = Budget(PAGE_BUDGET)
    message = bodies.get(BodyKind.MESSAGE) or bodies.get(BodyKind.RESPONSE)
    answered = read_response(message.value, budget) if message else None  # first: it is what a reader looks for
    request = bodies.get(BodyKind.REQUEST)
    asked = read_request(request.value, budget) if request else None
    raw = tuple(_show_raw(bodies[kind]) for kind in _RAW_KINDS if kind in bodies)
    return Detail(
        badge=badge_of(entry.outcome, entry.status),
        timeline=timeline_of(entry),
        attempts=read_attempts(entry.attempts, Budget(HEADERS_BUDGET)),
        tools_called=_names(entry.tools_called),
        conversion=_conversion(entry.conversion_notes, raw),
        asked=asked,
        asked_note=_note(entry, request, asked is not None, "The log holds no body of this request."),
        answered=answered,
        answered_note=_note(entry, message, answered is not None, _without_answer(entry)),
        headers=tuple(_show_headers(bodies[kind]) for kind in _HEADER_KINDS if kind in bodies),
        raw=raw,
    )


def _note(entry: Entry, body: ReadBody | None, is_shown: bool, otherwise: str) -> str:
    if body is not None:
        return "" if is_shown else body.problem or "This is no body of the Messages format: see the raw bodies below."
    if entry.bodies == BodiesState.PRUNED:
        return "Headers and bodies were deleted when their time was up (LOG_BODIES_DAYS)."
    if entry.bodies == BodiesState.NOT_KEPT:
        return "Bodies were not kept: the journal was past its limit (JOURNAL_BODIES_LIMIT) at that time."
    return otherwise


def _without_answer(entry: Entry) -> str:
    if entry.outcome == Outcome.IN_FLIGHT:
        return "Still in flight: load the page again to see the answer."
    return "The log holds no body of a response."


def _names(stored: Any) -> tuple[str, ...]:
    names = stored if isinstance(stored, list) else [stored]
    return tuple(one_line(str(name), 60) for name in names[:_NAMES_LIMIT])


def _conversion(stored: Any, raw: tuple[RawShown, ...]) -> Conversion | None:
    """None where nothing was converted."""
    notes = stored if isinstance(stored, list) else [stored]
    steps = tuple(body for body in raw if body.kind in _PROVIDER_SIDE)
    if not notes and BodyKind.RECEIVED not in [body.kind for body in steps]:
        return None
    budget = Budget(HEADERS_BUDGET)
    shown = tuple(budget.take(str(note), _NOTE_LIMIT) for note in notes[:_NOTES_LIMIT])
    return Conversion(shown, len(notes) - len(shown), steps)


def _show_headers(body: ReadBody) -> HeadersShown:
    budget = Budget(HEADERS_BUDGET)
    pairs = headers_of(body)
    shown = tuple(
        (budget.take(name, _HEADER_LIMIT), budget.take(value, _HEADER_LIMIT)) for name, value in pairs[:_HEADERS_LIMIT]
    )
    return HeadersShown(body.kind.label, shown, len(pairs) - len(shown), body.problem)


def _show_raw(body: ReadBody) -> RawShown:
    budget = Budget(RAW_LIMIT)
    is_json = body.value is not None
    excerpt = budget.take_json(body.value, RAW_LIMIT) if is_json else budget.take(body.text, RAW_LIMIT)
    return RawShown(body.kind.value, body.kind.label, body.size, visible(body.encoding), excerpt, body.problem)
