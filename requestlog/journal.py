"""The append-only journal between the hot path and the database.

A worker process appends one record when it accepts a request and one when the request ends; the recorder process
(`requestlog.recorder`) reads them and writes the database. A write into the page cache survives the death of the
process that made it, so an accepted request is never lost; there is no fsync, so a power cut may take the last seconds.

Files: `<worker>-<sequence>.journal`, one worker appending to one segment at a time. The worker holds an exclusive
`flock` on the segment that it writes. A segment whose lock is free has seen its last byte: its worker has gone on to
the next one, or died. A segment gets its final name only when it is locked, so that no reader can find it unlocked
too early. Segments that are committed to the database are deleted by the recorder, so the size of the folder is the
backlog.

A record is a fixed head with its checksum, the exchange as JSON, and up to four bodies as raw bytes:

    magic, kind, bodies kept?, crc32 of the JSON, five lengths (JSON, request, request as sent, response, response as
    received), crc32 of all that

The magic names the version. Records of version 1, which had no response as received, are still read: an update of the
program finds the journal of the one before.

A torn record can only be a segment's last one; its writer was stopped before `append` returned. The head's checksum
tells a torn record, whose lengths are right, from a damaged one.

Two limits, both on the size of the folder. Past `bodies_limit` all bodies but the response that the client got are left
out and the exchange is marked `BodiesState.NOT_KEPT`; that one stays, because the recorder reads tokens and stop reason
from it. Past
`limit`, or when the disk is full, no request is accepted any more: `JournalFull`. The end of an accepted request is
always written, or kept in memory until it can be.
"""

from __future__ import annotations

import contextlib
import enum
import fcntl
import json
import os
import struct
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from requestlog.exchange import BodiesState, Exchange, uuid7

_MAGIC = b"ccg2"
_HEADS = {b"ccg1": struct.Struct("<4sBBxxIIQQQ"), _MAGIC: struct.Struct("<4sBBxxIIQQQQ")}
_HEAD = _HEADS[_MAGIC]
_CHECKSUM = struct.Struct("<I")
_BACKLOG_CHECK_SECONDS = 0.25
SUFFIX = ".journal"
UNLOCKED_SUFFIX = ".new"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Exchange).decode


class JournalError(Exception):
    """JournalError
    ├── JournalFull      the limit is reached or the disk is full: the request must be refused
    └── JournalDamaged   a segment holds bytes that no worker wrote
    """


class JournalFull(JournalError):
    pass


class JournalDamaged(JournalError):
    pass


class RecordKind(enum.IntEnum):
    ACCEPTED = 1
    FINISHED = 2


@dataclass(frozen=True, slots=True)
class Record:
    """`sent` is the request as it went upstream, empty when it is the request as received. `received` is the
    upstream's response before its conversion, empty when it is the response that the client got."""

    kind: RecordKind
    exchange: Exchange
    bodies: BodiesState = BodiesState.KEPT
    request: bytes = b""
    sent: bytes = b""
    response: bytes = b""
    received: bytes = b""

    def buffers(self) -> list[bytes]:
        buffers = [_encode_exchange(self.exchange), self.request, self.sent, self.response, self.received]
        kept = self.bodies is BodiesState.KEPT
        head = _HEAD.pack(_MAGIC, self.kind, kept, zlib.crc32(buffers[0]), *map(len, buffers))
        return [head + _CHECKSUM.pack(zlib.crc32(head)), *buffers]


def _encode_exchange(exchange: Exchange) -> bytes:
    try:
        return _encode(exchange)
    except UnicodeEncodeError:  # half a surrogate pair, which UTF-8 cannot hold
        text = json.dumps(msgspec.to_builtins(exchange), ensure_ascii=False)
        return text.encode("utf-8", "replace")


class Journal:
    """The writing side: one instance in each worker process, used from its event loop's thread only."""

    def __init__(self, folder: Path, *, limit: int, bodies_limit: int, segment_size: int = 8 << 20) -> None:
        self.folder = folder
        self.worker = uuid7().hex
        self.limit = limit
        self.bodies_limit = bodies_limit
        # What is committed of a segment counts until its worker leaves it: that must never fill a limit by itself.
        self._segment_size = min(segment_size, max(bodies_limit // 8, 0))
        self._sequence = 0
        self._fd: int | None = None
        self._size = 0
        self._backlog = 0
        self._backlog_checked = 0.0
        self._unwritten: list[Record] = []

    def accept(self, exchange: Exchange, request: bytes) -> None:
        """Record that `exchange` was accepted. Raises `JournalFull`: then the request must not be served."""
        if self.backlog() > self.limit:
            raise JournalFull(
                f"{self.folder} holds {self._backlog} bytes that are not in the database yet (limit {self.limit})"
            )
        try:
            self._write_unwritten()
            self._append(Record(RecordKind.ACCEPTED, exchange, **self._kept(request=request)))
        except OSError as error:
            raise JournalFull(f"cannot write to {self.folder}: {error.strerror}") from error

    def finish(self, exchange: Exchange, response: bytes = b"", sent: bytes = b"", received: bytes = b"") -> None:
        """Record how `exchange` ended. Never raises: what cannot be written is written later, without its bodies."""
        kept = self._kept(sent=sent, received=received) if sent or received else {}
        self._unwritten.append(Record(RecordKind.FINISHED, exchange, response=response, **kept))
        try:
            self._write_unwritten()
        except OSError:
            last = self._unwritten[-1]
            self._unwritten[-1] = Record(last.kind, last.exchange, BodiesState.NOT_KEPT)

    def retry(self) -> None:
        """Write the ends that the disk did not take, if it takes them now."""
        with contextlib.suppress(OSError):
            self._write_unwritten()

    def backlog(self) -> int:
        """Bytes in the journal's folder, not older than a quarter of a second."""
        now = time.monotonic()
        if now - self._backlog_checked > _BACKLOG_CHECK_SECONDS:
            self._backlog_checked = now
            self._backlog = folder_size(self.folder)
        return self._backlog

    def close(self) -> None:
        """The worker stops: its last segment has seen its last byte."""
        self.retry()
        self._leave_segment()

    def _leave_segment(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _write_unwritten(self) -> None:
        while self._unwritten:
            self._append(self._unwritten[0])
            del self._unwritten[0]

    def _kept(self, **bodies: bytes) -> dict[str, Any]:
        return bodies if self.backlog() <= self.bodies_limit else {"bodies": BodiesState.NOT_KEPT}

    def _append(self, record: Record) -> None:
        if self._fd is None or self._size >= self._segment_size:
            self._open_next_segment()
        assert self._fd is not None
        buffers = record.buffers()
        length = sum(map(len, buffers))
        try:
            _write_all(self._fd, buffers, length)
        except OSError:
            # Half a record in the middle of a segment would hide every record behind it.
            os.ftruncate(self._fd, self._size)
            raise
        self._size += length
        self._backlog += length

    def _open_next_segment(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{self.worker}-{self._sequence:08d}{SUFFIX}"
        unlocked = path.with_suffix(UNLOCKED_SUFFIX)
        fd = os.open(unlocked, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX)
        unlocked.rename(path)
        self._leave_segment()
        self._fd, self._size = fd, 0
        self._sequence += 1


def _write_all(fd: int, buffers: list[bytes], length: int) -> None:
    written = os.writev(fd, buffers)
    if written < length:  # a nearly full disk, or more than 2 GiB at once
        rest = memoryview(b"".join(buffers))[written:]
        while rest:
            rest = rest[os.write(fd, rest) :]


def check_writable(folder: Path) -> None:
    """Raises `JournalFull` where no byte can be written to the folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder, buffering=0) as probe:
            probe.write(b"?")
    except OSError as error:
        raise JournalFull(f"cannot write to {folder}: {error.strerror}") from error


def folder_size(folder: Path) -> int:
    """Bytes in all segments below `folder`; 0 when it cannot be read, which is for the next write to report."""
    size = 0
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):  # deleted by the recorder in this moment
                size += entry.stat().st_size if entry.name.endswith(SUFFIX) else 0
    return size


def worker_of(segment: Path) -> str:
    return segment.name.partition("-")[0]


def segments(folder: Path) -> list[Path]:
    """All segments, each worker's in the order in which they were written."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def is_complete(segment: Path) -> bool:
    """Whether the segment's worker has left it: everything that it will ever hold is in it."""
    with segment.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def read_records(segment: Path, offset: int = 0) -> Iterator[tuple[Record, int]]:
    """The records from `offset` on, each with the offset of what follows it; ends before an incomplete record.

    Raises `JournalDamaged` where the bytes are no record: what follows cannot be trusted either.
    """
    with segment.open("rb") as file:
        file.seek(offset)
        while record := _read_record(file, f"{segment}, byte {offset}"):
            offset = file.tell()
            yield record, offset


def _read_record(file: BinaryIO, place: str) -> Record | None:
    head = _read_head(file, place)
    if head is None:
        return None
    kind, kept, checksum, *lengths = head
    if file.tell() + sum(lengths) > os.fstat(file.fileno()).st_size:
        return None
    fields, *contents = map(file.read, lengths)
    if zlib.crc32(fields) != checksum:
        raise JournalDamaged(f"{place}: the record has a wrong checksum")
    try:
        bodies = BodiesState.KEPT if kept else BodiesState.NOT_KEPT
        return Record(RecordKind(kind), _decode(fields), bodies, *contents)
    except ValueError as error:
        raise JournalDamaged(f"{place}: {error}") from error


def _read_head(file: BinaryIO, place: str) -> tuple[int, ...] | None:
    """The head's values after the magic; None where it is incomplete."""
    magic = file.read(4)
    if len(magic) < 4:
        return None
    form = _HEADS.get(magic)
    if form is None:
        raise JournalDamaged(f"{place}: no record of a known version begins here, but {magic!r}")
    head = magic + file.read(form.size + _CHECKSUM.size - len(magic))
    if len(head) < form.size + _CHECKSUM.size:
        return None
    if _CHECKSUM.pack(zlib.crc32(head[: form.size])) != head[form.size :]:
        raise JournalDamaged(f"{place}: no record begins here")
    return form.unpack_from(head)[1:]
