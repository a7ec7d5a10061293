from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from requestlog.journal import segments
from requestlog.recorder_process import RecorderProcess, take_lock
from tests.requestlog.exchanges import REQUEST, new_exchange, open_journal, serve
from tests.requestlog.installation import MANAGE, Installation
from tests.support.waiting import wait_until

_SERVE_UNTIL_TOLD = """
import signal, sys
from pathlib import Path
from tests.requestlog.exchanges import finished, new_exchange, open_journal, serve, REQUEST

journal = open_journal(Path(sys.argv[1]))
running = new_exchange()
journal.accept(running, REQUEST)

def end(*_):
    journal.finish(finished(running), b"the end of a stream that was allowed to finish")
    sys.exit()

signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
while True:
    signal.pause()
"""


def worker_processes(installation: Installation, count: int) -> list[RecorderProcess]:
    command = installation.command(*MANAGE, "recorder")
    made = [RecorderProcess(installation.journal, command) for _ in range(count)]
    installation._recorders.extend(made)
    return made


def test_of_many_workers_one_starts_the_recorder(installation: Installation) -> None:
    workers = worker_processes(installation, 5)
    for _ in range(3):
        for worker in workers:
            worker.ensure()
    assert len([worker for worker in workers if worker.pid]) == 1


def test_another_worker_takes_over_when_the_recorder_dies(installation: Installation) -> None:
    first, second = worker_processes(installation, 2)
    first.ensure()
    second.ensure()
    assert first.pid and not second.pid
    installation.kill(first.pid)
    second.ensure()
    assert second.pid


def test_a_recorder_that_dies_at_once_is_not_started_again_at_once(installation: Installation) -> None:
    process = RecorderProcess(installation.journal, installation.command("false"))
    process.ensure()
    wait_until(lambda: process.pid is None, what="its end")
    process.ensure()
    process.ensure()
    assert process.pid is None
    wait_until(lambda: process.ensure() or process.pid, 10, "the next try")
    wait_until(lambda: process.pid is None, what="its end")
    process.ensure()


def test_a_command_that_does_not_exist_is_an_error_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    RecorderProcess(tmp_path, [str(tmp_path / "nothing")]).ensure()
    assert "cannot start the recorder" in caplog.text


def test_the_recorder_inherits_its_lock_and_standard_streams_only(installation: Installation) -> None:
    with open(installation.journal.parent / "db.sqlite3") as inherited:
        os.set_inheritable(inherited.fileno(), True)
        pid = installation.run()
        opened = [Path(file.path).name for file in psutil.Process(pid).open_files() if file.fd == inherited.fileno()]
    assert "db.sqlite3" not in opened


def test_the_recorder_yields_to_the_requests(installation: Installation) -> None:
    pid = installation.run()
    idle = hasattr(os, "SCHED_IDLE") and os.sched_getscheduler(pid) == os.SCHED_IDLE
    assert idle or psutil.Process(pid).nice() == 19


def test_a_second_recorder_by_hand_is_refused(installation: Installation) -> None:
    installation.run()
    with pytest.raises(Exception, match="status 1"):
        installation.manage("recorder")


def test_a_recorder_without_workers_records_what_there_is_and_ends(installation: Installation) -> None:
    journal = open_journal(installation.journal)
    served = [serve(journal).id for _ in range(10)]
    journal.accept(new_exchange(), REQUEST)
    journal.close()
    installation.record_everything()
    rows = installation.entries()
    assert [row["id"] for row in rows[:10]] == served
    assert rows[10]["outcome"] == "interrupted"


def test_the_end_of_its_worker_does_not_end_a_recorder_that_others_need(installation: Installation) -> None:
    journal = open_journal(installation.journal)
    serve(journal)
    pid = installation.run()
    installation.release()
    serve(journal)
    installation.recorded(2)
    os.kill(pid, 0)
    journal.close()
    installation.wait_gone(pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_all_loses_nothing(installation: Installation, number: signal.Signals) -> None:
    worker = installation.start_worker(_SERVE_UNTIL_TOLD)
    pid = installation.run()
    installation.recorded(1)
    os.kill(pid, number)
    os.kill(pid, number)
    later = open_journal(installation.journal)
    serve(later)
    installation.recorded(2)
    worker.send_signal(signal.SIGTERM)
    worker.wait(10)
    later.close()
    installation.wait_gone(pid)
    assert [row["outcome"] for row in installation.entries()] == ["completed", "completed"]
    assert (
        installation.log.body(installation.entries()[0], "response")
        == b"the end of a stream that was allowed to finish"
    )
    assert segments(installation.journal) == []
    assert "Traceback" not in installation.output.read_text()


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    first = take_lock(tmp_path)
    assert first is not None
    assert take_lock(tmp_path) is None
    os.close(first)
    second = take_lock(tmp_path)
    assert second is not None
    os.close(second)
