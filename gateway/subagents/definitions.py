"""The agent definitions that are known, from folders and from the admin, watched by a thread of their own.

The folders are looked through every few seconds; what was pasted in the admin comes with the configuration's snapshot.
Both are put together, so that a body which two names share tells neither of them, wherever the two stand.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Condition, Thread

from django.conf import settings

from requestlog.naming import AgentName
from routing.definition_files import Problem, ScanResult, scan_folders
from routing.identification.definitions import Definition, DefinitionError, parse_definition
from routing.identification.known_bodies import KnownBodies
from routing.models import AgentDefinition, KnownBy

SCAN_SECONDS = 3.0
_LONGEST_PAUSE_SECONDS = 60.0
logger = logging.getLogger(__name__)

Definitions = tuple[Definition, ...]


@dataclass(frozen=True)
class KnownDefinitions:
    """`names`: fingerprint -> name, `bodies` finds what a prompt begins with."""

    names: dict[str, AgentName] = field(default_factory=dict)
    bodies: KnownBodies[AgentName] = field(default_factory=lambda: KnownBodies({}))

    @classmethod
    def of(cls, in_files: Sequence[Definition], pasted: Sequence[Definition]) -> KnownDefinitions:
        together = ScanResult((*in_files, *pasted))
        pasted_prints = {definition.fingerprint for definition in pasted}
        names = {
            print_: AgentName(name, (KnownBy.PASTED if print_ in pasted_prints else KnownBy.FILE).value)
            for print_, name in together.names.items()
        }
        bodies = {each.body: names[each.fingerprint] for each in together.definitions if each.fingerprint in names}
        return cls(names, KnownBodies(bodies))


def pasted_definitions() -> Definitions:
    """Those of the admin, by their names; one that is broken is left out. Raises `DatabaseError`."""
    texts = AgentDefinition.objects.order_by("name").values_list("name", "text")
    return tuple(definition for name, text in texts if (definition := _parsed(name, text)) is not None)


@lru_cache(maxsize=1024)  # parsing YAML takes a millisecond, and every change of the configuration reads all of them
def _parsed(name: str, text: str) -> Definition | None:
    try:
        return parse_definition(text, name)
    except DefinitionError as error:
        logger.warning("A pasted definition cannot be used: %s", error)
        return None


class DefinitionWatch:
    """`current` is replaced as a whole by the thread; who reads it need not wait."""

    def __init__(self, folders: Sequence[str] | None = None) -> None:
        self._folders = folders
        self._changed = Condition()
        self._pasted: Definitions = ()
        self._scan: ScanResult | None = None
        self._built: tuple[ScanResult, Definitions] | None = None
        self._waited_for: Definitions | None = None
        self._thread: Thread | None = None
        self._closed = False
        self.current = KnownDefinitions()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What the last scan could not use."""
        return self._scan.problems if self._scan else ()

    def start(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._run, name="agent-definitions", daemon=True)
            self._thread.start()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(1)  # a folder on a slow disk must not hold up the process's end

    def is_up_to_date(self, pasted: Definitions) -> bool:
        return self._built is not None and self._built[1] is pasted

    async def known(self, pasted: Definitions, patience: float) -> KnownDefinitions:
        """The definitions with those that the snapshot has; after `patience` seconds, as they were before.

        A change is waited for once: who comes later takes what is there.
        """
        if not self.is_up_to_date(pasted):
            self.start()
            patience = 0 if self._waited_for is pasted else patience
            await asyncio.to_thread(self._wait_for, pasted, patience)
        return self.current

    def _wait_for(self, pasted: Definitions, patience: float) -> None:
        with self._changed:
            self._pasted = pasted
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self.is_up_to_date(pasted), patience):
                self._waited_for = pasted

    def _run(self) -> None:
        while not self._closed:
            began = time.monotonic()
            self._scan = scan_folders(self._folders_to_scan(), self._scan)
            self._build()
            took = time.monotonic() - began
            # A large folder on a slow disk must not keep the machine busy.
            self._wait_for_changes(until=time.monotonic() + min(max(SCAN_SECONDS, 10 * took), _LONGEST_PAUSE_SECONDS))

    def _wait_for_changes(self, until: float) -> None:
        while not self._closed and (left := until - time.monotonic()) > 0:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or not self.is_up_to_date(self._pasted), left)
            self._build()

    def _build(self) -> None:
        """Put together what has changed, and tell those who wait for it."""
        pasted, scan = self._pasted, self._scan
        if scan is None or (self._built and self._built[0] is scan and self._built[1] is pasted):
            return
        self.current = KnownDefinitions.of(scan.definitions, pasted)
        with self._changed:
            self._built = (scan, pasted)
            self._changed.notify_all()

    def _folders_to_scan(self) -> Sequence[str]:
        return settings.AGENT_DEFINITION_DIRS if self._folders is None else self._folders
