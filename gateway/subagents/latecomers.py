"""First calls whose launch has not been found in time, and is looked for a little longer.

The process that serves the parent writes its launches at once, but a database under load may take a second, and a
request does not wait that long. The agent's later calls, and what was logged of the first one, get the name.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.subagents import storage
from gateway.subagents.judgement import one_name
from gateway.subagents.lookups import Question

LOOK_SECONDS = 60.0
LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class _Waiting:
    question: Question
    until: float


class Latecomers:
    """Calls come from the event loop, `found` is asked by the writer's thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: list[_Waiting] = []

    def add(self, question: Question) -> None:
        if len(self._waiting) < LIMIT:
            self._waiting.append(_Waiting(question, self._clock() + LOOK_SECONDS))

    def found(self) -> Iterator[tuple[Question, str]]:
        """The calls whose launch is there now, with its name. Raises `DatabaseError`."""
        for waiting in self._waiting[:]:
            name = one_name(storage.launched_names(waiting.question.session_id, waiting.question.digests))
            if name or self._clock() > waiting.until:
                self._waiting.remove(waiting)
            if name:
                yield waiting.question, name
