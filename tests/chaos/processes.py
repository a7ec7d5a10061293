"""The processes of a running gateway, found from outside."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from requestlog.recorder_process import take_lock
from requestlog.status import read_status
from tests.support.gateway import RunningGateway
from tests.support.waiting import wait_until


def kill_recorder(gateway: RunningGateway) -> None:
    """End the recorder alone, at once; waits for one that is still to be started."""
    wait_until(lambda: _live_recorder(gateway), what="a recorder").kill()


def end(gateway: RunningGateway) -> None:
    """End the gateway at once, and wait for a recorder that has outlived its server: it has to end by itself."""
    gateway.kill_all()
    wait_until(lambda: _is_without_recorder(gateway.folder / "journal"), what="the recorder's end")


def workers(gateway: RunningGateway) -> list[psutil.Process]:
    """The processes that serve, where the first one only supervises them."""
    children = psutil.Process(gateway.pid).children()
    return [child for child in filter(_is_alive, children) if any("spawn_main" in word for word in child.cmdline())]


def _live_recorder(gateway: RunningGateway) -> psutil.Process | None:
    status = read_status(gateway.folder / "journal")
    try:
        process = psutil.Process(status.pid) if status else None
    except psutil.NoSuchProcess:
        return None
    return process if process and _is_alive(process) else None


def _is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _is_without_recorder(journal: Path) -> bool:
    lock = take_lock(journal)
    if lock is not None:
        os.close(lock)
    return lock is not None
