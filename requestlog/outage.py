"""The time in which the database cannot be used: logged when it begins, changes and ends, not on every try."""

from __future__ import annotations

import logging
import time

logger = logging.getLogger(__name__)

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0


class Outage:
    """`reason` is empty and `since` None while the database works. `since` is in Unix seconds."""

    def __init__(self) -> None:
        self.reason = ""
        self.since: float | None = None
        self._pause = _FIRST_PAUSE

    def note_failure(self, reason: str) -> None:
        if reason != self.reason:
            logger.error("the request log waits for its database, the journal keeps what comes in: %s", reason)
        self.reason = reason
        self.since = self.since or time.time()

    def note_success(self) -> None:
        if self.since is not None:
            logger.warning("the request log has its database back after %.1f s", time.time() - self.since)
        self.reason, self.since, self._pause = "", None, _FIRST_PAUSE

    def next_pause(self) -> float:
        """Seconds to wait before the next try: longer each time."""
        pause = self._pause
        self._pause = min(2 * pause, _LONGEST_PAUSE)
        return pause
