from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from requestlog.exchange import Attempt, BodiesState
from requestlog.journal import (
    Journal,
    JournalDamaged,
    JournalFull,
    Record,
    RecordKind,
    folder_size,
    is_complete,
    read_records,
    segments,
    worker_of,
)
from tests.requestlog.exchanges import finished, new_exchange, open_journal, serve
from tests.support.waiting import wait_until


def records(folder: Path) -> list[Record]:
    return [record for segment in segments(folder) for record, _ in read_records(segment)]


def only_segment(folder: Path) -> Path:
    [segment] = segments(folder)
    return segment


def overwrite(segment: Path, at: int, content: bytes) -> None:
    with segment.open("r+b") as file:
        file.seek(at)
        file.write(content)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    exchange = new_exchange(user_agent="t\u00e4st \U0001f3ee", attempts=[Attempt("p", "m", 1.5, 2.5, 200)])
    exchange.conversion_notes.append("top_k is not supported")
    journal.accept(exchange, b"\x00request")
    journal.finish(finished(exchange), b"response\xff", sent=b"sent", received=b"received\0")
    accepted, ended = records(tmp_path)
    assert (accepted.kind, accepted.request, accepted.response) == (RecordKind.ACCEPTED, b"\x00request", b"")
    assert (ended.kind, ended.request, ended.sent, ended.response) == (
        RecordKind.FINISHED,
        b"",
        b"sent",
        b"response\xff",
    )
    assert ended.received == b"received\0"
    assert ended.exchange == exchange
    journal.close()


def test_reading_goes_on_from_an_offset(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    serve(journal)
    segment = only_segment(tmp_path)
    offsets = [following for _, following in read_records(segment)]
    assert offsets[-1] == segment.stat().st_size
    assert [record.kind for record, _ in read_records(segment, offsets[0])] == [RecordKind.FINISHED]
    journal.close()


def test_a_segment_is_complete_when_its_worker_has_left_it(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, segment_size=100)
    serve(journal)
    first, second = segments(tmp_path)
    assert (is_complete(first), is_complete(second)) == (True, False)
    journal.close()
    assert is_complete(second)
    assert {worker_of(first), worker_of(second)} == {journal.worker}


@pytest.mark.parametrize("missing", [1, 20, 400])
def test_a_torn_record_at_the_end_is_not_read(tmp_path: Path, missing: int) -> None:
    journal = open_journal(tmp_path)
    serve(journal)
    journal.close()
    segment = only_segment(tmp_path)
    os.truncate(segment, segment.stat().st_size - missing)
    assert [record.kind for record in records(tmp_path)] == [RecordKind.ACCEPTED]


@pytest.mark.parametrize(
    ("place", "content"),
    [(0, b"zero"), (4, b"\xff"), (16, struct.pack("<Q", 1 << 40)), (60, b"#")],
    ids=["magic", "kind", "length", "json"],
)
def test_bytes_that_no_worker_wrote_are_damage(tmp_path: Path, place: int, content: bytes) -> None:
    journal = open_journal(tmp_path)
    serve(journal)
    segment = only_segment(tmp_path)
    second = next(following for _, following in read_records(segment))
    overwrite(segment, second + place, content)
    read = []
    with pytest.raises(JournalDamaged, match=f"byte {second}"):
        read.extend(record.kind for record, _ in read_records(segment))
    journal.close()


def test_what_stands_before_the_damage_is_read(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    serve(journal)
    segment = only_segment(tmp_path)
    with segment.open("ab") as file:
        file.write(bytes(4096))  # what a power cut leaves on some file systems
    reading = read_records(segment)
    assert [next(reading)[0].kind, next(reading)[0].kind] == [RecordKind.ACCEPTED, RecordKind.FINISHED]
    with pytest.raises(JournalDamaged):
        next(reading)
    journal.close()


def test_half_a_surrogate_pair_does_not_stop_the_journal(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    exchange = serve(journal, requested_model="model-\ud800")
    assert [record.exchange.requested_model for record in records(tmp_path)] == ["model-?", "model-?"]
    assert records(tmp_path)[1].exchange.id == exchange.id
    journal.close()


def test_past_the_bodies_limit_only_the_response_that_the_client_got_stays(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, bodies_limit=-1)
    serve(journal, response=b"response")
    accepted, ended = records(tmp_path)
    assert (accepted.bodies, accepted.request) == (BodiesState.NOT_KEPT, b"")
    assert (ended.bodies, ended.response) == (BodiesState.KEPT, b"response")
    journal.finish(finished(new_exchange()), b"response", sent=b"sent")
    journal.finish(finished(new_exchange()), b"response", received=b"received")
    for record in records(tmp_path)[2:]:
        assert (record.bodies, record.sent, record.received) == (BodiesState.NOT_KEPT, b"", b"")
        assert record.response == b"response"
    journal.close()


def test_past_the_limit_requests_are_refused_until_the_recorder_has_caught_up(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, limit=10_000, segment_size=4_000)
    running = new_exchange()
    journal.accept(running, b"")
    with pytest.raises(JournalFull, match="not in the database yet"):
        for _ in range(100):
            journal.accept(new_exchange(), bytes(1000))
    journal.finish(finished(running), b"its end is always written")
    assert running.id in [record.exchange.id for record in records(tmp_path) if record.kind is RecordKind.FINISHED]
    for segment in filter(is_complete, segments(tmp_path)):
        segment.unlink()
    wait_until(lambda: journal.backlog() < 10_000, what="the journal to see the space")
    journal.accept(new_exchange(), b"")
    journal.close()


def test_a_folder_that_cannot_be_written_refuses_requests(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("in the way")
    with pytest.raises(JournalFull, match="cannot write"):
        open_journal(tmp_path / "journal").accept(new_exchange(), b"")


_FILL_THE_DISK = """
import resource, sys
from pathlib import Path
from requestlog.journal import JournalFull
from tests.requestlog.exchanges import finished, new_exchange, open_journal

resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
journal = open_journal(Path(sys.argv[1]))
served = []
try:
    while True:
        exchange = new_exchange()
        journal.accept(exchange, bytes(30_000))
        served.append(exchange)
except JournalFull as error:
    print(error)
for exchange in served:
    journal.finish(finished(exchange), bytes(30_000))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
last = new_exchange()
journal.accept(last, b"")
journal.finish(finished(last))
print(len(served))
"""


def test_a_full_disk_leaves_a_readable_segment_and_every_end_is_written_later(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _FILL_THE_DISK, str(tmp_path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert "cannot write" in printed[0]
    served = int(printed[1]) + 1
    found = records(tmp_path)
    assert [record.kind for record in found].count(RecordKind.ACCEPTED) == served == 7
    ends = [record for record in found if record.kind is RecordKind.FINISHED]
    assert len({record.exchange.id for record in ends}) == len(ends) == served
    late = [record for record in ends[:-1] if not record.response]
    assert late
    assert {record.bodies for record in late} == {BodiesState.NOT_KEPT}


def test_the_backlog_is_the_size_of_the_folder(tmp_path: Path) -> None:
    assert folder_size(tmp_path / "nowhere") == 0
    journal = open_journal(tmp_path)
    serve(journal)
    (tmp_path / "recorder.json").write_text("not a segment")
    assert folder_size(tmp_path) == only_segment(tmp_path).stat().st_size
    assert open_journal(tmp_path).backlog() == folder_size(tmp_path)
    journal.close()


def test_two_journals_never_share_a_segment(tmp_path: Path) -> None:
    journals: list[Journal] = [open_journal(tmp_path) for _ in range(3)]
    for journal in journals:
        serve(journal)
    assert len({worker_of(segment) for segment in segments(tmp_path)}) == 3
    for journal in journals:
        journal.close()


def test_accepting_never_waits_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("fsync", "fdatasync", "sync"):
        monkeypatch.setattr(os, name, lambda *_: pytest.fail("the hot path asked the disk to sync"), raising=False)
    journal = open_journal(tmp_path, segment_size=4_000)
    for _ in range(3):
        serve(journal, bytes(8_000))
    assert len(segments(tmp_path)) > 1
    journal.close()
