"""Follows the segments of one journal folder from the offsets that are committed to the database.

A pass reads what is new, in each worker's own order, up to a number of records and bytes; the next pass begins with
the next worker, so that a busy one cannot starve the others. What a pass has read counts only when `commit` says that
it is in the database; otherwise the next pass reads it again.

Whether a segment is complete is asked before it is read, and which workers are left is asked after that: a worker opens
its next segment before it leaves the last one, so nothing can slip through in between.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from requestlog.journal import UNLOCKED_SUFFIX, JournalDamaged, Record, is_complete, read_records, segments, worker_of

logger = logging.getLogger(__name__)

DAMAGED_SUFFIX = ".damaged"
_LEFT_OVER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one batch may hold. A single record may be larger than `size` bytes; it is a batch of its own then."""

    records: int = 200
    size: int = 8 << 20


class Tail:
    """`reached` holds the offsets of the current pass, `exhausted` whether the last one read all that there was."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder = folder
        self.reached: dict[str, int] = {}
        self.exhausted = False
        self._limits = limits
        self._committed: dict[str, int] = {}
        self._ended: list[Path] = []
        self._damaged: dict[str, str] = {}
        self._suspected: set[str] = set()
        self._last_worker = ""

    def restart(self, offsets: dict[str, int]) -> None:
        """Go on from the offsets that the database holds, which may be another database than before."""
        self._committed = offsets

    def read(self) -> Iterator[tuple[str, Record]]:
        """One pass: each record with the name of its worker."""
        self.reached, self._ended, self.exhausted = {}, [], False
        records = size = 0
        for segment in self._in_turn():
            for record, following in self._read_segment(segment):
                yield worker_of(segment), record
                records += 1
                size += following - self._offset(segment)
                self.reached[segment.name] = following
                if records >= self._limits.records or size >= self._limits.size:
                    self._last_worker = worker_of(segment)
                    return
        self.exhausted = True

    def commit(self) -> None:
        """What the last pass read is in the database."""
        self._committed |= self.reached
        self.reached = {}

    def remove_ended(self) -> dict[str, float]:
        """Remove the segments that are complete and committed; their names, with the time of their last byte."""
        removed = {}
        for segment in self._ended:
            removed[segment.name] = segment.stat().st_mtime
            if segment.name in self._damaged:
                segment.rename(segment.with_suffix(DAMAGED_SUFFIX))
            else:
                segment.unlink()
            for kept in (self._committed, self._damaged):
                kept.pop(segment.name, None)
        self._ended = []
        return removed

    def remove_left_overs(self) -> None:
        """Remove the segments that a worker made and did not live to use."""
        for path in self.folder.glob(f"*{UNLOCKED_SUFFIX}"):
            with contextlib.suppress(FileNotFoundError):  # it has its final name in this moment
                if time.time() - path.stat().st_mtime > _LEFT_OVER_SECONDS and is_complete(path):
                    path.unlink()

    def workers(self) -> set[str]:
        """The workers that are alive or have records which are not in the database."""
        return {worker_of(segment) for segment in segments(self.folder)}

    def has_live_segment(self) -> bool:
        return any(not is_complete(segment) for segment in segments(self.folder))

    def backlog(self) -> int:
        """Bytes that are not in the database; what is damaged does not count."""
        return sum(
            segment.stat().st_size - self._committed.get(segment.name, 0)
            for segment in segments(self.folder)
            if segment.name not in self._damaged
        )

    def damaged_segments(self) -> list[str]:
        return sorted([*self._damaged, *(path.name for path in self.folder.glob(f"*{DAMAGED_SUFFIX}"))])

    def _in_turn(self) -> list[Path]:
        """All segments, those of the workers behind the last one served first."""
        found = segments(self.folder)
        return [s for s in found if worker_of(s) > self._last_worker] + [
            s for s in found if worker_of(s) <= self._last_worker
        ]

    def _offset(self, segment: Path) -> int:
        return self.reached.get(segment.name, self._committed.get(segment.name, 0))

    def _read_segment(self, segment: Path) -> Iterator[tuple[Record, int]]:
        complete = is_complete(segment)
        if segment.name not in self._damaged:
            try:
                yield from self._new_records(segment)
            except JournalDamaged as error:
                self._note_damage(segment, complete, error)
                complete = complete and segment.name in self._damaged
        if complete:
            self._ended.append(segment)
            self._mention_torn_record(segment)

    def _new_records(self, segment: Path) -> Iterator[tuple[Record, int]]:
        offset = self._offset(segment)
        if segment.stat().st_size > offset:
            yield from read_records(segment, offset)
        self._suspected.discard(segment.name)

    def _note_damage(self, segment: Path, complete: bool, error: JournalDamaged) -> None:
        """Believe it at the second sight: a worker may just have cut off a record that it could not write."""
        if segment.name not in self._suspected:
            self._suspected.add(segment.name)
            return
        self._suspected.discard(segment.name)
        self._damaged[segment.name] = str(error)
        fate = "it is kept as *.damaged" if complete else "its worker still writes to it"
        logger.error("a segment of the journal is damaged, what follows in it is not in the log; %s: %s", fate, error)

    def _mention_torn_record(self, segment: Path) -> None:
        torn = segment.stat().st_size - self._offset(segment)
        if torn and segment.name not in self._damaged:
            logger.warning("%s: its worker was stopped while it wrote the last record (%s bytes)", segment, torn)
