"""A journal folder and a database of their own, with real recorder processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from requestlog.journal import segments
from requestlog.recorder_process import RecorderProcess
from requestlog.status import RecorderStatus, read_status
from tests.support.log_reader import LogReader, Row
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, str(ROOT / "manage.py")]


class Installation:
    """`run` is a recorder as a worker starts it. Every process is stopped by `stop`."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.journal = folder / "journal"
        self.output = folder / "recorder.log"
        self.log = LogReader(database_url)
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "settings.base",
            "ENV_FILE": os.devnull,
            "VAR_DIR": str(folder),
            "JOURNAL_DIR": str(self.journal),
            "DATABASE_URL": database_url,
        }
        self._recorders: list[RecorderProcess] = []
        self._workers: list[subprocess.Popen[str]] = []

    def manage(self, *arguments: str) -> str:
        command = [*MANAGE, *arguments]
        return subprocess.run(
            command, env=self.environment, check=True, capture_output=True, text=True, cwd=ROOT
        ).stdout

    def command(self, *command: str) -> list[str]:
        """`command` with this installation's settings, its messages in `output`."""
        changes = [f"{name}={value}" for name, value in self.environment.items() if os.environ.get(name) != value]
        return ["env", *changes, "sh", "-c", 'exec "$@" 2>> "$0"', str(self.output), *command]

    def run(self) -> int:
        """Start a recorder; its pid once it is at work."""
        recorder = RecorderProcess(self.journal, self.command(*MANAGE, "recorder"))
        self._recorders.append(recorder)
        recorder.ensure()
        assert (pid := recorder.pid), "another recorder is running"
        wait_until(lambda: (status := self.status()) and status.pid == pid, 20, "the recorder to begin")
        return pid

    def release(self) -> None:
        """Do what the end of a worker does to the recorder that it started."""
        for recorder in self._recorders:
            recorder.release()

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self.wait_gone(pid)

    def wait_gone(self, pid: int, timeout: float = 30) -> None:
        wait_until(
            lambda: all(recorder.pid != pid for recorder in self._recorders), timeout, f"the end of process {pid}"
        )

    def record_everything(self) -> None:
        """Run a recorder until the journal of dead workers is in the database."""
        pid = self.run()
        self.release()
        self.wait_gone(pid, 60)
        assert segments(self.journal) == []

    def start_worker(self, script: str, *arguments: str) -> subprocess.Popen[str]:
        """A worker process that writes to the journal. It has done so when its output says "ready"."""
        command = [sys.executable, "-c", script, str(self.journal), *arguments]
        worker = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self._workers.append(worker)
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
        return worker

    def status(self) -> RecorderStatus | None:
        return read_status(self.journal)

    def wait_for(self, condition: Callable[[RecorderStatus], bool], what: str) -> RecorderStatus:
        """The recorder's status once it meets `condition`."""
        return wait_until(lambda: (status := self.status()) and condition(status) and status, 30, what)

    def entries(self) -> list[Row]:
        return self.log.entries()

    def recorded(self, count: int) -> list[Row]:
        """The entries, once there are `count`."""
        return wait_until(lambda: len(found := self.entries()) >= count and found, 30, f"{count} entries")

    def stop(self) -> None:
        for recorder in self._recorders:
            recorder.release()
            if pid := recorder.pid:
                self.kill(pid)
        for worker in self._workers:
            worker.kill()
            worker.communicate()
