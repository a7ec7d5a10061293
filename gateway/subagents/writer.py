"""The thread that writes what is known of subagents, so that no request waits for a write.

A launch is written at once, everything else once a second. A database that fails keeps the backlog where it is, and is
tried again; it is complained about once. The thread starts with the first request and ends with the process.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Thread
from typing import TypeVar

from gateway.subagents import storage
from gateway.subagents.backlog import Backlog, Pending, SeenAgent, SeenPrompt
from requestlog.database import Database, DatabaseUnavailable

ROUND_SECONDS = 1.0
RETRY_SECONDS = 2.0
CLOSE_SECONDS = 2.0
LAUNCH_LIFE = timedelta(days=1)
_PRUNE_SECONDS = 600.0
logger = logging.getLogger(__name__)

Key = TypeVar("Key")
Seen = TypeVar("Seen")


class Writer:
    """`each_round` is called about once a second, in the thread and with the database: it may read and write there.

    It says whether it wants to be called again at once. `note_spelling` is told how names are written.
    """

    def __init__(self, backlog: Backlog, each_round: Callable[[], bool], note_spelling: Callable[[str], None]) -> None:
        self._backlog = backlog
        self._each_round = each_round
        self._note_spelling = note_spelling
        self._database = Database()
        self._thread: Thread | None = None
        self._next_round = 0.0
        self._next_pruning = 0.0
        self._complained = False

    def start(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._run, name="subagents", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Write what is pending, if the database takes it soon."""
        self._backlog.close()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while self._backlog.wait(self._next_round - time.monotonic(), for_launches=not self._complained):
            self._try(self._write)
        self._try(self._write_pending)
        self._database.close()
        if self._backlog.take_all():
            logger.warning("What was new of subagents is lost: it could not be written before the gateway stopped.")

    def _try(self, write: Callable[[], None]) -> None:
        try:
            with self._database.use():
                write()
            self._complained = False
        except DatabaseUnavailable as error:
            self._next_round = time.monotonic() + RETRY_SECONDS
            if not self._complained:
                self._complained = True
                logger.warning("What is new of subagents is kept in memory, because it cannot be written: %s", error)

    def _write(self) -> None:
        self._store(Pending(launches=self._backlog.take_launches()))
        if time.monotonic() >= self._next_round:
            again = self._each_round()
            self._write_pending()
            self._prune()
            self._next_round = time.monotonic() + (0.0 if again else ROUND_SECONDS)

    def _write_pending(self) -> None:
        self._store(self._backlog.take_all())

    def _store(self, pending: Pending) -> None:
        """What the database does not take goes back into the backlog."""
        try:
            storage.store_launches(pending.launches)
            pending.launches = []
            self._respell(pending)
            _store_in_parts(pending.agents, storage.store_agents)
            _store_in_parts(pending.prompts, storage.store_prompts)
        finally:
            if pending:
                self._backlog.put_back(pending)

    def _prune(self) -> None:
        if time.monotonic() >= self._next_pruning:
            pruned = storage.prune_launches(datetime.now(UTC) - LAUNCH_LIFE)
            self._next_pruning = time.monotonic() + (0.0 if pruned else _PRUNE_SECONDS)

    def _respell(self, pending: Pending) -> None:
        """Let names that differ by case alone be one: the one that is known, or else the one that came first."""
        named: list[SeenAgent | SeenPrompt] = [*pending.agents.values(), *filter(_has_name, pending.prompts.values())]
        names: dict[str, str] = {}
        for seen in named:
            names.setdefault(seen.name.casefold(), seen.name)
        known = _spellings_of(names.values())
        for seen in named:
            name = names[seen.name.casefold()]
            seen.name = known.get(name, name)
            self._note_spelling(seen.name)


def _has_name(prompt: SeenPrompt) -> bool:
    return bool(prompt.name)


def _spellings_of(names: Iterable[str]) -> dict[str, str]:
    rest, spellings = iter(names), dict[str, str]()
    while part := list(islice(rest, storage.PER_TRANSACTION)):
        spellings |= storage.spellings_of(part)
    return spellings


def _store_in_parts(seen: dict[Key, Seen], store: Callable[[list[Seen]], None]) -> None:
    """What is stored leaves `seen` at once: it must not be counted twice when the next part fails."""
    while part := list(islice(seen.items(), storage.PER_TRANSACTION)):
        store([value for _, value in part])
        for key, _ in part:
            del seen[key]
