from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from requestlog.exchange import Outcome
from requestlog.journal import Journal, JournalFull, segments
from requestlog.journal_id import read_or_create_id
from requestlog.models import Entry, JournalPosition
from requestlog.recorder import Recorder
from tests.requestlog.exchanges import REQUEST, digest_nothing, finished, new_exchange, open_journal, serve
from tests.requestlog.installation import Installation
from tests.support.waiting import wait_until


def record_all(recorder: Recorder) -> int:
    return sum(iter(recorder.run_once, 0))


def database_file(installation: Installation) -> Path:
    return installation.journal.parent / "db.sqlite3"


class TestInProcess:
    """One recorder in this process, on the test database."""

    pytestmark = pytest.mark.django_db

    def test_a_batch_is_committed_with_how_far_it_goes(self, tmp_path: Path) -> None:
        journal = open_journal(tmp_path)
        serve(journal)
        assert record_all(Recorder(tmp_path, digest_nothing)) == 2
        [segment] = segments(tmp_path)
        assert JournalPosition.offsets(read_or_create_id(tmp_path)) == {segment.name: segment.stat().st_size}
        assert Recorder(tmp_path, digest_nothing).run_once() == 0
        journal.close()

    def test_a_journal_whose_positions_are_lost_is_replayed_into_the_same_entries(self, tmp_path: Path) -> None:
        journal = open_journal(tmp_path)
        served = [serve(journal).id for _ in range(3)]
        record_all(Recorder(tmp_path, digest_nothing))
        JournalPosition.objects.all().delete()
        assert record_all(Recorder(tmp_path, digest_nothing)) == 6
        assert sorted(Entry.objects.values_list("id", flat=True)) == sorted(served)
        journal.close()

    def test_a_full_journal_refuses_requests_until_it_is_recorded_and_loses_none(self, tmp_path: Path) -> None:
        journal = open_journal(tmp_path, limit=50_000, segment_size=10_000)
        served = []
        with pytest.raises(JournalFull):
            while True:
                served.append(serve(journal, bytes(3000)).id)
        recorder = Recorder(tmp_path, digest_nothing)
        record_all(recorder)
        wait_until(lambda: journal.backlog() < 50_000, what="the journal to see the space")
        served.append(serve(journal).id)
        record_all(recorder)
        assert sorted(Entry.objects.values_list("id", flat=True)) == sorted(served)
        journal.close()

    def test_what_a_worker_had_in_flight_at_its_end_is_interrupted(self, tmp_path: Path) -> None:
        journal = open_journal(tmp_path)
        serve(journal)
        journal.accept(new_exchange(), REQUEST)
        recorder = Recorder(tmp_path, digest_nothing)
        record_all(recorder)
        assert Entry.objects.in_flight().count() == 1
        journal.close()
        record_all(recorder)
        interrupted = Entry.objects.get(outcome=Outcome.INTERRUPTED)
        assert "ended before" in interrupted.error_message
        assert interrupted.finished_at and (datetime.now(UTC) - interrupted.finished_at).total_seconds() < 60
        assert (segments(tmp_path), JournalPosition.objects.count()) == ([], 0)

    def test_a_worker_that_goes_on_to_its_next_segment_is_not_gone(self, tmp_path: Path) -> None:
        journal = open_journal(tmp_path, segment_size=100)
        running = new_exchange()
        journal.accept(running, REQUEST)
        serve(journal)
        recorder = Recorder(tmp_path, digest_nothing)
        record_all(recorder)
        assert Entry.objects.get(pk=running.id).outcome == Outcome.IN_FLIGHT
        journal.finish(finished(running))
        record_all(recorder)
        assert Entry.objects.get(pk=running.id).outcome == Outcome.COMPLETED
        journal.close()

    def test_what_the_last_recorder_did_not_live_to_interrupt_is_interrupted_at_the_start(self, tmp_path: Path) -> None:
        exchange = new_exchange()
        Entry.objects.create(
            id=exchange.id,
            received_at=datetime.now(UTC),
            outcome=Outcome.IN_FLIGHT,
            worker="gone",
            journal=read_or_create_id(tmp_path),
        )
        Recorder(tmp_path, digest_nothing).run_once()
        assert Entry.objects.get().outcome == Outcome.INTERRUPTED

    def test_workers_of_another_machine_are_not_judged(self, tmp_path: Path) -> None:
        there, here = tmp_path / "there", tmp_path / "here"
        journal = open_journal(there)
        journal.accept(new_exchange(), REQUEST)
        record_all(Recorder(there, digest_nothing))
        Recorder(here, digest_nothing).run_once()
        assert Entry.objects.get().outcome == Outcome.IN_FLIGHT
        assert JournalPosition.objects.count() == 1
        journal.close()

    def test_damage_is_in_the_status_and_costs_only_what_is_damaged(self, tmp_path: Path) -> None:
        journal = open_journal(tmp_path)
        served = serve(journal)
        journal.close()
        [segment] = segments(tmp_path)
        with segment.open("ab") as file:
            file.write(b"\xff" * 100)
        recorder = Recorder(tmp_path, digest_nothing)
        record_all(recorder)
        recorder.run_once()
        assert Entry.objects.get().id == served.id
        assert recorder.status().damaged_segments == [segment.with_suffix(".damaged").name]

    def test_bodies_that_were_not_kept_are_counted_over_restarts(self, tmp_path: Path) -> None:
        journal = open_journal(tmp_path, bodies_limit=-1)
        for expected in (1, 2):
            serve(journal)
            recorder = Recorder(tmp_path, digest_nothing)
            record_all(recorder)
            assert recorder.status().bodies_not_kept == expected
            recorder._status_file.write(recorder.status())
        journal.close()

    def test_the_status_says_what_is_left_to_do(self, tmp_path: Path) -> None:
        journal = open_journal(tmp_path)
        recorder = Recorder(tmp_path, digest_nothing)
        recorder.run_once()
        before = recorder.status()
        serve(journal)
        assert recorder.status().backlog_bytes == segments(tmp_path)[0].stat().st_size
        record_all(recorder)
        after = recorder.status()
        assert (after.backlog_bytes, after.error) == (0, "")
        assert before.committed_until and after.committed_until
        assert after.committed_until > before.committed_until
        journal.close()


_HALF_A_RECORD = """
import os, signal, sys
from pathlib import Path
from requestlog.journal import Record, RecordKind, segments
from tests.requestlog.exchanges import finished, new_exchange, open_journal, serve, REQUEST

journal = open_journal(Path(sys.argv[1]))
serve(journal)
answered, unanswered = new_exchange(), new_exchange()
journal.accept(unanswered, REQUEST)
journal.accept(answered, REQUEST)
record = b"".join(Record(RecordKind.FINISHED, finished(answered), response=bytes(1000)).buffers())
with segments(Path(sys.argv[1]))[0].open("ab") as file:
    file.write(record[:int(sys.argv[2])])
print("ready", flush=True)
signal.pause()
"""


class TestDeath:
    @pytest.mark.parametrize("half", [0, 10, 500, 1300], ids="{} bytes of the end".format)
    def test_a_worker_killed_between_accept_and_end_leaves_one_interrupted_entry_each(
        self, installation: Installation, half: int
    ) -> None:
        worker = installation.start_worker(_HALF_A_RECORD, str(half))
        pid = installation.run()
        assert [row["outcome"] for row in installation.recorded(3)] == ["completed", "in_flight", "in_flight"]
        worker.kill()
        installation.release()
        installation.wait_gone(pid)
        assert [row["outcome"] for row in installation.entries()] == ["completed", "interrupted", "interrupted"]

    def test_a_recorder_killed_in_a_big_backlog_goes_on_where_it_was(self, installation: Installation) -> None:
        journal = open_journal(installation.journal, segment_size=4 << 20)
        served = {serve(journal, REQUEST + bytes(3000), session_id=str(number)).id for number in range(4000)}
        journal.close()
        for _ in range(3):
            recorded = len(installation.entries())
            pid = installation.run()
            installation.recorded(recorded + 1)
            installation.kill(pid)
        assert len(installation.entries()) < len(served), "the backlog was too small to be killed in"
        installation.record_everything()
        rows = installation.entries()
        assert Counter(row["id"] for row in rows) == Counter(served)
        assert {row["outcome"] for row in rows} == {"completed"}
        assert installation.log.body(rows[-1], "request") == REQUEST + bytes(3000)
        assert installation.log.body(rows[0], "request") == REQUEST + bytes(3000)


class TestOutage:
    """A database that cannot be used for a while: the journal keeps everything, and it is said once."""

    @pytest.fixture
    def journal(self, installation: Installation) -> Iterator[Journal]:
        journal = open_journal(installation.journal)
        serve(journal)
        yield journal
        journal.close()

    def recover(self, installation: Installation, journal: Journal, *, expected: int) -> None:
        recovered = installation.wait_for(lambda status: not status.error and not status.backlog_bytes, "recovery")
        assert recovered.error_since is None
        assert len(installation.entries()) == expected
        text = installation.output.read_text()
        assert text.count("waits for its database") == 1
        assert text.count("has its database back") == 1
        assert "Traceback" not in text

    def test_a_locked_database(self, installation: Installation, journal: Journal) -> None:
        installation.run()
        installation.recorded(1)
        began = time.time()
        with closing(sqlite3.connect(database_file(installation), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            serve(journal)
            status = installation.wait_for(lambda status: bool(status.error), "the lock to be noticed")
            assert "locked" in status.error
            assert status.error_since and status.error_since >= began
            assert status.backlog_bytes > 0
            installation.wait_for(lambda later: later.heartbeat_at > status.heartbeat_at, "a sign of life")
            other.execute("ROLLBACK")
        self.recover(installation, journal, expected=2)

    def test_a_database_file_that_is_moved_away_and_comes_back(
        self, installation: Installation, journal: Journal
    ) -> None:
        installation.run()
        installation.recorded(1)
        away = database_file(installation).rename(installation.journal.parent / "away.sqlite3")
        serve(journal)
        status = installation.wait_for(lambda status: bool(status.error), "the loss to be noticed")
        assert "No such file" in status.error and "migrate" in status.error
        assert not database_file(installation).exists()
        away.rename(database_file(installation))
        self.recover(installation, journal, expected=2)

    def test_a_database_file_that_is_deleted_and_made_anew(self, installation: Installation, journal: Journal) -> None:
        installation.run()
        installation.recorded(1)
        for path in installation.journal.parent.glob("db.sqlite3*"):
            path.unlink()
        serve(journal)
        installation.wait_for(lambda status: bool(status.error), "the loss to be noticed")
        installation.manage("migrate", "--verbosity", "0")
        recovered = installation.wait_for(lambda status: not status.error and not status.backlog_bytes, "recovery")
        assert recovered.error_since is None
        assert len(installation.entries()) == 2  # the segment is still there, so the new database gets all of it

    def test_a_database_that_is_not_migrated(self, installation: Installation, journal: Journal) -> None:
        database_file(installation).write_bytes(b"")
        installation.run()
        status = installation.wait_for(lambda status: bool(status.error), "the missing tables to be noticed")
        assert "manage.py migrate" in status.error
        installation.manage("migrate", "--verbosity", "0")
        installation.recorded(1)

    def test_without_its_database_a_recorder_that_should_end_ends(
        self, installation: Installation, journal: Journal
    ) -> None:
        database_file(installation).unlink()
        pid = installation.run()
        journal.close()
        installation.release()
        installation.wait_gone(pid, 20)
        assert "kept for the next start" in installation.output.read_text()
        assert segments(installation.journal)
        installation.manage("migrate", "--verbosity", "0")
        installation.record_everything()
        assert len(installation.entries()) == 1
