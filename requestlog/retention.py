"""Deletes what the log has kept long enough: bodies after some days, entries after more, then blocks that nothing
needs.

Everything happens in small batches, each a short transaction of its own, so that pruning never keeps the database from
the recorder for long. An id is a UUIDv7, so a moment is an id, and the primary key finds what is older.

Which blocks may go needs no look into the bodies. A block's `used_on` is at least the day on which the last body that
needs it was received. So a block that was last used before the day of the oldest entry which still has bodies is needed
by none of them. One day more is left for clocks that differ and for a batch that is being committed at midnight.
Exchanges in flight are never pruned, and count as entries with bodies.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from requestlog.exchange import BodiesState, Outcome
from requestlog.models import Block, Body, Entry, EntryQuerySet

logger = logging.getLogger(__name__)

_PER_BATCH = 500
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days the log keeps entries and bodies; 0 keeps them for good (bodies: as long as their entries)."""

    entries_days: int
    bodies_days: int

    @classmethod
    def from_settings(cls) -> Retention:
        return cls(settings.LOG_ENTRIES_DAYS, settings.LOG_BODIES_DAYS)

    def entries_cutoff(self) -> datetime | None:
        return _days_ago(self.entries_days)

    def bodies_cutoff(self) -> datetime | None:
        """Bodies go with their entries at the latest."""
        cutoffs = [cutoff for cutoff in (self.entries_cutoff(), _days_ago(self.bodies_days)) if cutoff]
        return max(cutoffs, default=None)


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many entries went, how many lost their bodies, how many blocks went."""

    entries: int = 0
    bodies: int = 0
    blocks: int = 0

    def __add__(self, other: Pruned) -> Pruned:
        return Pruned(self.entries + other.entries, self.bodies + other.bodies, self.blocks + other.blocks)

    def __bool__(self) -> bool:
        return any(astuple(self))


def prune(retention: Retention) -> Iterator[Pruned]:
    """Prune; gives what each batch deleted, with no transaction open in between."""
    if cutoff := retention.entries_cutoff():
        yield from _prune_entries(cutoff)
    if cutoff := retention.bodies_cutoff():
        yield from _prune_bodies(cutoff)
        yield from _prune_blocks(_first_needed_day(Entry.objects.with_bodies(), cutoff))


def preview(retention: Retention) -> Pruned:
    """What `prune` would delete now."""
    entries, bodies = Entry.objects.none(), Entry.objects.none()
    if cutoff := retention.entries_cutoff():
        entries = _ended_before(Entry.objects.all(), cutoff)
    if not (cutoff := retention.bodies_cutoff()):
        return Pruned(entries.count())
    bodies = _ended_before(Entry.objects.with_bodies(), cutoff)
    remaining = Entry.objects.with_bodies().exclude(id__lt=first_id_of(cutoff), outcome__in=_ENDED)
    blocks = Block.objects.filter(used_on__lt=_first_needed_day(remaining, cutoff))
    return Pruned(entries.count(), bodies.count(), blocks.count())


def first_id_of(moment: datetime) -> UUID:
    """The lowest id that an exchange of this moment can have."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


_ENDED = [outcome.value for outcome in Outcome if outcome is not Outcome.IN_FLIGHT]


def _ended_before(entries: EntryQuerySet, cutoff: datetime) -> EntryQuerySet:
    return entries.filter(id__lt=first_id_of(cutoff), outcome__in=_ENDED)


def _first_ids(entries: EntryQuerySet) -> list[UUID]:
    return list(entries.order_by("id").values_list("id", flat=True)[:_PER_BATCH])


def _prune_entries(cutoff: datetime) -> Iterator[Pruned]:
    while ids := _first_ids(_ended_before(Entry.objects.all(), cutoff)):
        with transaction.atomic():
            with_bodies = Entry.objects.with_bodies().filter(id__in=ids).count()
            Entry.objects.filter(id__in=ids).delete()
        yield Pruned(entries=len(ids), bodies=with_bodies)


def _prune_bodies(cutoff: datetime) -> Iterator[Pruned]:
    while ids := _first_ids(_ended_before(Entry.objects.with_bodies(), cutoff)):
        with transaction.atomic():
            Body.objects.filter(entry__in=ids).delete()
            Entry.objects.filter(id__in=ids).update(bodies=BodiesState.PRUNED.value)
        yield Pruned(bodies=len(ids))


def _prune_blocks(first_needed: date) -> Iterator[Pruned]:
    unused = Block.objects.filter(used_on__lt=first_needed)
    while ids := list(unused.values_list("pk", flat=True)[:_PER_BATCH]):
        # `unused` is asked again: a recorder may have found a use for a block since it was listed.
        deleted, _ = unused.filter(pk__in=ids).delete()
        yield Pruned(blocks=deleted)


def _first_needed_day(with_bodies: EntryQuerySet, cutoff: datetime) -> date:
    oldest = with_bodies.order_by("id").values_list("received_at", flat=True).first()
    return min(oldest or cutoff, cutoff).astimezone(UTC).date() - timedelta(days=1)


def _days_ago(days: int) -> datetime | None:
    return datetime.now(UTC) - timedelta(days=days) if days else None


class Housekeeping:
    """Prunes once an hour, one batch at each step. A run that an error ends is taken up again an hour later."""

    def __init__(self, retention: Retention) -> None:
        self._retention = retention
        self._run: Iterator[Pruned] | None = None
        self._next_run = time.monotonic()
        self._pruned = Pruned()

    def step(self) -> None:
        if self._run is None and time.monotonic() < self._next_run:
            return
        if self._run is None:
            self._run, self._pruned, self._next_run = prune(self._retention), Pruned(), time.monotonic() + _HOUR
        if batch := next(self._run, None):
            self._pruned += batch
        else:
            self._end_run()

    def _end_run(self) -> None:
        self._run = None
        if self._pruned:
            logger.info("pruned the request log: %s", self._pruned)
            refresh_statistics()


def refresh_statistics() -> None:
    """Let SQLite's planner know the tables' new shape, within milliseconds; PostgreSQL does this by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit = 400")
            cursor.execute("PRAGMA optimize")
