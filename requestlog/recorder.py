"""Takes what the workers wrote to the journal into the database: nothing lost, nothing twice.

One process per journal folder, one database connection. It reads the segments in batches; one transaction holds a
batch and how far it goes in each segment, so a batch is in the database whole and once, whenever the process dies.
Segments are deleted when they are complete and committed. While the database cannot be used the journal grows, and
the recorder tries again until it can.

A worker whose segments are all gone from the folder is gone itself: what it had in flight was interrupted. The same
holds at the start, for the workers of a recorder that died before it could say so.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from requestlog.blocks import BlockStore
from requestlog.database import Database, DatabaseUnavailable
from requestlog.digest import Digester
from requestlog.drafts import Batch
from requestlog.journal import segments, worker_of
from requestlog.journal_id import read_or_create_id
from requestlog.lifetime import Lifetime
from requestlog.models import Entry, JournalPosition
from requestlog.outage import Outage
from requestlog.retention import Housekeeping, Retention
from requestlog.status import RecorderStatus, StatusFile, read_status
from requestlog.store import Store
from requestlog.tail import Limits, Tail

logger = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.25
"""Between two looks at a journal that was read to its end. Shorter ones would make a transaction of each record."""
_PATIENCE_SECONDS = 10.0
"""How long a recorder that should end waits for a database that cannot be used."""


class Recorder:
    """The caller holds the folder's lock (`requestlog.recorder_process.take_lock`)."""

    def __init__(
        self, folder: Path, digest: Digester, *, limits: Limits | None = None, retention: Retention | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.outage = Outage()
        self._digest = digest
        self._journal = read_or_create_id(folder)
        self._tail = Tail(folder, limits or Limits())
        self._database = Database()
        self._blocks = BlockStore()
        self._store = Store(self._journal, self._blocks)
        self._housekeeping = Housekeeping(retention or Retention.from_settings())
        self._status_file = StatusFile(folder)
        last = read_status(folder)
        self._bodies_not_kept = last.bodies_not_kept if last else 0
        self._committed_until: float | None = None
        self._check_workers = True
        self._last_success = time.monotonic()
        self._alone_since: float | None = None

    def run(self, lifetime: Lifetime) -> None:
        """Record until `lifetime` ends, no worker is left and everything is committed."""
        self._tail.remove_left_overs()
        while not lifetime.is_hurried:
            self.run_once()
            if self._status_file.is_due():
                self._status_file.write(self.status())
            if lifetime.is_ending and self._is_done():
                break
            if self.outage.since is not None:
                lifetime.wait(self.outage.next_pause())
            elif self._tail.exhausted:
                lifetime.wait(_PAUSE_SECONDS)
        self._status_file.write(self.status())
        self._database.close()

    def run_once(self) -> int:
        """Take one batch into the database; the number of its records. A database that fails is noted in `outage`."""
        try:
            committed = self._record_batch()
            self._clean_up()
            with self._use_database():
                self._housekeeping.step()
        except DatabaseUnavailable as error:
            self.outage.note_failure(str(error))
            return 0
        self.outage.note_success()
        self._last_success = time.monotonic()
        return committed

    def status(self) -> RecorderStatus:
        return RecorderStatus(
            pid=os.getpid(),
            heartbeat_at=time.time(),
            backlog_bytes=self._tail.backlog(),
            committed_until=self._committed_until,
            error=self.outage.reason,
            error_since=self.outage.since,
            bodies_not_kept=self._bodies_not_kept,
            damaged_segments=self._tail.damaged_segments(),
        )

    @contextmanager
    def _use_database(self) -> Iterator[None]:
        with self._database.use() as is_new:
            if is_new:
                self._restart()
            yield

    def _restart(self) -> None:
        """Begin with a database that may be another one, or older, than the one before."""
        self._blocks.forget()
        offsets = JournalPosition.offsets(self._journal)
        self._tail.restart(offsets)
        self._check_workers = True

    def _record_batch(self) -> int:
        began = time.time()
        with self._use_database():
            self._blocks.begin()
            batch = Batch(self._digest, self._blocks)
            for worker, record in self._tail.read():
                batch.add(worker, record)
            if batch.records:
                with transaction.atomic():
                    self._store.save(batch)
                    JournalPosition.advance(self._journal, self._tail.reached)
        self._tail.commit()
        self._bodies_not_kept += batch.bodies_not_kept
        if self._tail.exhausted:
            self._committed_until = began
        return batch.records

    def _clean_up(self) -> None:
        removed = self._tail.remove_ended()
        if not (removed or self._check_workers):
            return
        with self._use_database(), transaction.atomic():
            self._forget_removed()
            self._interrupt_gone(removed)
        self._check_workers = False

    def _forget_removed(self) -> None:
        kept = [segment.name for segment in segments(self._tail.folder)]
        JournalPosition.objects.filter(journal=self._journal).exclude(segment__in=kept).delete()

    def _interrupt_gone(self, removed: dict[str, float]) -> None:
        """End what is in flight at workers that are gone; `removed` tells when they wrote their last byte."""
        last_sign = {worker_of(Path(segment)): moment for segment, moment in sorted(removed.items())}
        in_flight = Entry.objects.in_flight().filter(journal=self._journal)
        for worker in set(in_flight.order_by().values_list("worker", flat=True).distinct()) - self._tail.workers():
            gone_at = datetime.fromtimestamp(last_sign.get(worker, time.time()), UTC)
            in_flight.filter(worker=worker).interrupt(gone_at)

    def _is_done(self) -> bool:
        """Whether nobody writes to the journal any more, and all of it is in the database or cannot get there."""
        if self._tail.has_live_segment():
            self._alone_since = None
            return False
        self._alone_since = self._alone_since or time.monotonic()
        if self.outage.since is None:
            return self._tail.exhausted and not self._tail.workers()
        if time.monotonic() - max(self._alone_since, self._last_success) < _PATIENCE_SECONDS:
            return False
        logger.error(
            "the request log ends without its database; the journal in %s is kept for the next start", self._tail.folder
        )
        return True
