"""Paging through the log by id. Ids are ordered by time, so a page is a range of the primary key, in a log of any size.

A page is what stands directly before or after an id: rows that come in while someone reads move nothing, so going there
and back shows every row once. Nothing is counted.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models.functions import Left

from requestlog.models import Entry, EntryQuerySet
from requestlog.presentation.facts import Row

PAGE_SIZE = 50
_ERROR_CHARACTERS = 160
_COLUMNS = tuple(name for name in Row.__dataclass_fields__ if name != "error")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first. `newer` and `older` are the ids to go on from, None where there is nothing more."""

    rows: tuple[Row, ...]
    newer: uuid.UUID | None
    older: uuid.UUID | None


def read_page(
    before: uuid.UUID | None = None, after: uuid.UUID | None = None, entries: EntryQuerySet | None = None
) -> Page:
    """The newest page of `entries` (all of them), or the one next to an id. One query."""
    entries = Entry.objects.all() if entries is None else entries
    if before is not None:
        return _going_back(entries.filter(id__lt=before), is_newest=False)
    if after is not None and (page := _going_forward(entries.filter(id__gt=after))).rows:
        return page
    return _going_back(entries, is_newest=True)


def parse_id(text: str | None) -> uuid.UUID | None:
    """The id in a query string; None for anything else."""
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def _going_back(entries: EntryQuerySet, *, is_newest: bool) -> Page:
    rows = _read(entries.order_by("-id"))
    shown = rows[:PAGE_SIZE]
    newer = None if is_newest or not shown else shown[0].id
    return Page(tuple(shown), newer, older=shown[-1].id if len(rows) > PAGE_SIZE else None)


def _going_forward(entries: EntryQuerySet) -> Page:
    rows = _read(entries.order_by("id"))
    shown = rows[:PAGE_SIZE][::-1]
    newer = shown[0].id if len(rows) > PAGE_SIZE else None
    return Page(tuple(shown), newer, older=shown[-1].id if shown else None)


def _read(entries: EntryQuerySet) -> list[Row]:
    """One row more than a page, which tells whether the log goes on."""
    error = Left("error_message", _ERROR_CHARACTERS)
    return [Row(*values) for values in entries.values_list(*_COLUMNS, error)[: PAGE_SIZE + 1]]


def neighbours_in_session(entry: Entry) -> tuple[uuid.UUID | None, uuid.UUID | None]:
    """The exchanges before and after `entry` in its session. Two queries, none without a session."""
    if not entry.session_id:
        return None, None
    session = Entry.objects.filter(session_id=entry.session_id)
    older = session.filter(id__lt=entry.pk).order_by("-id").values_list("id", flat=True).first()
    newer = session.filter(id__gt=entry.pk).order_by("id").values_list("id", flat=True).first()
    return older, newer
