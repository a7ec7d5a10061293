"""The processes of a running gateway, found from outside."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil

from requestlog.recorder_process import take_lock
from requestlog.status import read_status
from tests.support.gateway import RunningGateway
from tests.support.waiting import wait_until


def recorder_pid(gateway: RunningGateway) -> int:
    """The recorder that is at work. Raises `TimeoutError` where none begins."""
    status = wait_until(lambda: read_status(gateway.folder / "journal"), what="a recorder")
    return status.pid


def kill_recorder(gateway: RunningGateway) -> None:
    """End the recorder alone, at once."""
    os.kill(recorder_pid(gateway), signal.SIGKILL)


def end(gateway: RunningGateway) -> None:
    """End the gateway at once, and wait for a recorder that has outlived its server: it has to end by itself."""
    gateway.kill_all()
    wait_until(lambda: _is_without_recorder(gateway.folder / "journal"), what="the recorder's end")


def workers(gateway: RunningGateway) -> list[psutil.Process]:
    """The processes that serve, where the first one only supervises them."""
    children = psutil.Process(gateway.pid).children()
    alive = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in alive if any("spawn_main" in word for word in child.cmdline())]


def _is_without_recorder(journal: Path) -> bool:
    lock = take_lock(journal)
    if lock is not None:
        os.close(lock)
    return lock is not None
