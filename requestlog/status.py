"""What the recorder says about itself to the other processes: a small file in the journal's folder."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import msgspec

logger = logging.getLogger(__name__)

FILE_NAME = "recorder.json"
_WRITE_SECONDS = 0.5


class RecorderStatus(msgspec.Struct, frozen=True):
    """Times are Unix seconds.

    `heartbeat_at` is never older than a few seconds while the recorder lives. Everything that the workers wrote before
    `committed_until` is in the database; `backlog_bytes` is what is not. `error` and `error_since` are empty and None
    unless the database cannot be used now. `bodies_not_kept` counts exchanges over all recorders of this folder.
    """

    pid: int
    heartbeat_at: float
    backlog_bytes: int = 0
    committed_until: float | None = None
    error: str = ""
    error_since: float | None = None
    bodies_not_kept: int = 0
    damaged_segments: list[str] = []

    def heartbeat_age(self) -> float:
        """Seconds since the recorder last said that it lives."""
        return time.time() - self.heartbeat_at


def read_status(folder: Path) -> RecorderStatus | None:
    """The status of the journal folder's last recorder; None when there has been none, or its file is unreadable."""
    try:
        return msgspec.json.decode((folder / FILE_NAME).read_bytes(), type=RecorderStatus)
    except (OSError, msgspec.DecodeError):
        return None


class StatusFile:
    """Writes the status, whole or not at all, and at most twice a second."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._written = 0.0
        self._failing = False

    def is_due(self) -> bool:
        return time.monotonic() - self._written >= _WRITE_SECONDS

    def write(self, status: RecorderStatus) -> None:
        """Never raises: a status that cannot be written is no reason not to record."""
        self._written = time.monotonic()
        unfinished = self._path.with_suffix(".tmp")
        try:
            unfinished.write_bytes(msgspec.json.encode(status))
            unfinished.replace(self._path)
        except OSError as error:
            if not self._failing:
                logger.error("cannot write the recorder's status: %s", error)
            self._failing = True
        else:
            self._failing = False
