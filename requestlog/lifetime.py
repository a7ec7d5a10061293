"""When a recorder process has to think of its end: its parent is gone, or it was told to stop.

A recorder that a worker started holds the reading end of a pipe as its standard input; the worker holds the other end
and never writes. End of file means that the worker is gone, however it died.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from types import FrameType


class Lifetime:
    """`follows_parent`: watch standard input, and take a second signal for what the whole process group gets."""

    def __init__(self, *, follows_parent: bool) -> None:
        self._follows_parent = follows_parent
        self._signals = 0

    def handle_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._note_signal)

    @property
    def is_ending(self) -> bool:
        """Whether to stop once the workers are gone and everything is committed."""
        return self._signals > 0 or (self._follows_parent and self._parent_is_gone(0))

    @property
    def is_hurried(self) -> bool:
        """Whether to stop now: a recorder started by hand was told a second time."""
        return self._signals > 1 and not self._follows_parent

    def wait(self, seconds: float) -> None:
        """Wait, but not longer than the parent lives."""
        if self.is_ending or not self._follows_parent:
            time.sleep(seconds)
        else:
            self._parent_is_gone(seconds)

    def _parent_is_gone(self, seconds: float) -> bool:
        readable, _, _ = select.select([sys.stdin], [], [], seconds)
        return bool(readable)

    def _note_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1


def yield_to_requests() -> None:
    """Run only when nothing else wants the processor: requests come first where they share a core with the recorder."""
    try:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    except (AttributeError, OSError):  # no Linux, or a container that forbids it
        os.nice(19)
