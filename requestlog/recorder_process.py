"""Keeps one recorder process running for a journal folder, seen from the workers.

Whoever holds the lock on `recorder.lock` is the folder's recorder. A worker that finds the lock free takes it, starts
the recorder and hands the locked file over to it: there is no moment in which two could start, and the lock goes with
the process, however it ends. The recorder's standard input is a pipe from its worker, see `requestlog.lifetime`.
"""

from __future__ import annotations

import fcntl
import logging
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

LOCK_NAME = "recorder.lock"
_SOUND_LIFE_SECONDS = 10.0
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0


def ensure_recorder() -> None:
    """Start a recorder for `settings.JOURNAL_DIR` if none is running. To be called about once a second; never waits.

    Errors are logged, not raised: without a recorder the journal keeps what comes in.
    """
    _process_of_settings().ensure()


@lru_cache(maxsize=1)
def _process_of_settings() -> RecorderProcess:
    return RecorderProcess(settings.JOURNAL_DIR, [sys.executable, str(settings.BASE_DIR / "manage.py"), "recorder"])


def take_lock(folder: Path) -> int | None:
    """The locked descriptor of the folder's lock; None when a recorder is running. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


class RecorderProcess:
    """`command` gets `--lock <descriptor>` appended."""

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        self._folder = folder
        self._command = list(command)
        self._child: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._not_before = 0.0
        self._pause = _FIRST_PAUSE

    @property
    def pid(self) -> int | None:
        """The recorder that this process started, while it runs."""
        return self._child.pid if self._child and self._child.poll() is None else None

    def ensure(self) -> None:
        if self._is_running() or time.monotonic() < self._not_before:
            return
        try:
            self._start()
        except OSError as error:
            self._put_off()
            logger.error("cannot start the recorder of the request log: %s", error)

    def release(self) -> None:
        """Let go of the recorder: it ends when no worker is left and everything is committed."""
        if self._child and self._child.stdin:
            self._child.stdin.close()

    def _is_running(self) -> bool:
        if self._child is None:
            return False
        if self._child.poll() is None:
            return True
        self._put_off()
        logger.warning("the recorder of the request log ended with %s", self._child.returncode)
        self.release()
        self._child = None
        return False

    def _put_off(self) -> None:
        """Wait longer with each recorder that ends soon after its start."""
        lived_well = time.monotonic() - self._started > _SOUND_LIFE_SECONDS
        self._pause = _FIRST_PAUSE if lived_well else min(2 * self._pause, _LONGEST_PAUSE)
        self._not_before = time.monotonic() + self._pause

    def _start(self) -> None:
        lock = take_lock(self._folder)
        if lock is None:
            return
        self._started = time.monotonic()
        try:
            command = [*self._command, "--lock", str(lock)]
            self._child = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[lock])
        finally:
            os.close(lock)
