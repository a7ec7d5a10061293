from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from requestlog.journal import segments
from requestlog.tail import Limits, Tail
from tests.requestlog.exchanges import open_journal, serve


def read(tail: Tail) -> list[str]:
    """One committed pass: the worker of each record."""
    workers = [worker for worker, _ in tail.read()]
    tail.commit()
    return workers


def test_a_pass_that_is_not_committed_is_read_again(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    serve(journal)
    tail = Tail(tmp_path, Limits())
    assert len(list(tail.read())) == 2
    assert len(read(tail)) == 2
    assert read(tail) == []
    journal.close()


def test_a_pass_is_bounded_by_records(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    for _ in range(4):
        serve(journal)
    tail = Tail(tmp_path, Limits(records=5))
    assert [len(read(tail)), tail.exhausted] == [5, False]
    assert [len(read(tail)), tail.exhausted] == [3, True]
    journal.close()


def test_a_pass_is_bounded_by_bytes(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    for _ in range(4):
        serve(journal, bytes(10_000))
    tail = Tail(tmp_path, Limits(size=9_000))
    assert [len(read(tail)) for _ in range(4)] == [1, 2, 2, 2]
    journal.close()


def test_a_busy_worker_does_not_starve_the_others(tmp_path: Path) -> None:
    journals = [open_journal(tmp_path) for _ in range(3)]
    for journal in journals:
        for _ in range(10):
            serve(journal)
    tail = Tail(tmp_path, Limits(records=4))
    served = [read(tail)[0] for _ in range(6)]
    assert sorted(served[:3]) == sorted(served[3:]) == sorted(journal.worker for journal in journals)
    for journal in journals:
        journal.close()


def test_a_segment_is_removed_when_it_is_complete_and_committed(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, segment_size=100)
    serve(journal)
    tail = Tail(tmp_path, Limits())
    first, second = segments(tmp_path)
    read(tail)
    assert list(tail.remove_ended()) == [first.name]
    assert segments(tmp_path) == [second]
    assert tail.backlog() == 0
    journal.close()


def test_what_a_stopped_worker_left_half_written_is_dropped_and_mentioned(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = open_journal(tmp_path)
    serve(journal)
    journal.close()
    [segment] = segments(tmp_path)
    os.truncate(segment, segment.stat().st_size - 1)
    tail = Tail(tmp_path, Limits())
    assert len(read(tail)) == 1
    assert "stopped while it wrote" in caplog.text
    tail.remove_ended()
    assert segments(tmp_path) == []


def test_a_damaged_segment_is_kept_under_another_name_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = open_journal(tmp_path)
    serve(journal)
    journal.close()
    [segment] = segments(tmp_path)
    with segment.open("ab") as file:
        file.write(bytes(100))
    tail = Tail(tmp_path, Limits())
    assert len(read(tail)) == 2
    assert read(tail) == []
    tail.remove_ended()
    assert [path.suffix for path in tmp_path.iterdir()] == [".damaged"]
    assert tail.damaged_segments() == [segment.with_suffix(".damaged").name]
    assert caplog.text.count("is damaged") == 1
    assert read(tail) == []


def test_a_damaged_segment_that_is_still_written_stays_where_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = open_journal(tmp_path)
    serve(journal)
    [segment] = segments(tmp_path)
    with segment.open("ab") as file:
        file.write(bytes(100))
    tail = Tail(tmp_path, Limits())
    assert [len(read(tail)) for _ in range(4)] == [2, 0, 0, 0]
    tail.remove_ended()
    assert segments(tmp_path) == [segment]
    assert tail.damaged_segments() == [segment.name]
    assert "still writes" in caplog.text
    journal.close()
    read(tail)
    tail.remove_ended()
    assert segments(tmp_path) == []


def test_what_a_dead_worker_did_not_live_to_use_is_removed(tmp_path: Path) -> None:
    old, young = tmp_path / "a-00000000.new", tmp_path / "b-00000000.new"
    for path in (old, young):
        path.touch()
    os.utime(old, (time.time() - 100, time.time() - 100))
    Tail(tmp_path, Limits()).remove_left_overs()
    assert list(tmp_path.iterdir()) == [young]
