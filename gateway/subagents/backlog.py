"""What is still to be written, handed from the event loop to the writer's thread.

Launches wait for nobody: another process may need them in this moment. What was seen is summed up by name and by
fingerprint, so that a second of traffic is a few rows. What the database does not take comes back here, up to a limit;
what goes past it is dropped, with a warning in the gateway's output.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Condition

from requestlog.naming import AgentName

LIMIT = 20_000
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Launch:
    session_id: str
    digest: str
    name: str
    at: datetime


@dataclass(slots=True)
class SeenAgent:
    """A subagent of this name: how often and until when it called, or that a client has told of it."""

    name: str
    known_by: str
    first: datetime
    last: datetime
    requests: int = 0
    description: str = ""

    def add(self, other: SeenAgent) -> None:
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.requests += other.requests
        self.description = other.description or self.description
        if other.requests:
            self.known_by = other.known_by


@dataclass(slots=True)
class SeenPrompt:
    """A fingerprint: `name` and `source` are there where a launch or a definition has told them."""

    fingerprint: str
    first: datetime
    last: datetime
    requests: int = 0
    sample: str = ""
    name: str = ""
    source: str = ""

    def add(self, other: SeenPrompt) -> None:
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.requests += other.requests


@dataclass(frozen=True, slots=True)
class NamedAgent:
    """An agent that got its name after calls of it had been logged without one."""

    session_id: str
    agent_id: str
    name: AgentName


@dataclass(slots=True)
class Pending:
    launches: list[Launch] = field(default_factory=list)
    agents: dict[str, SeenAgent] = field(default_factory=dict)
    """By the case-folded name."""
    prompts: dict[tuple[str, str, str], SeenPrompt] = field(default_factory=dict)
    """By fingerprint, name and source: each name that a launch gave a prompt counts."""

    def __bool__(self) -> bool:
        return bool(self.launches or self.agents or self.prompts)

    def add_agent(self, seen: SeenAgent) -> bool:
        """False where there is no more room."""
        if known := self.agents.get(seen.name.casefold()):
            known.add(seen)
        elif len(self.agents) < LIMIT:
            self.agents[seen.name.casefold()] = seen
        else:
            return False
        return True

    def add_prompt(self, seen: SeenPrompt) -> bool:
        key = (seen.fingerprint, seen.name.casefold(), seen.source)
        if known := self.prompts.get(key):
            known.add(seen)
        elif len(self.prompts) < LIMIT:
            self.prompts[key] = seen
        else:
            return False
        return True

    def add_launches(self, launches: Iterable[Launch]) -> bool:
        self.launches += launches
        if len(self.launches) <= LIMIT:
            return True
        del self.launches[:-LIMIT]  # the oldest: their agents have called by now, or never will
        return False


class Backlog:
    def __init__(self) -> None:
        self._changed = Condition()
        self._pending = Pending()
        self._closed = False
        self._warned = False

    def add_launch(self, launch: Launch) -> None:
        with self._changed:
            self._check(self._pending.add_launches([launch]))
            self._changed.notify()

    def add_agent(self, seen: SeenAgent) -> None:
        with self._changed:
            self._check(self._pending.add_agent(seen))

    def add_prompt(self, seen: SeenPrompt) -> None:
        with self._changed:
            self._check(self._pending.add_prompt(seen))

    def wait(self, seconds: float, *, for_launches: bool = True) -> bool:
        """Until there is a launch to write or the backlog is closed, `seconds` at most; whether it is open."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (for_launches and self._pending.launches), max(seconds, 0))
            return not self._closed

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()

    def take_launches(self) -> list[Launch]:
        with self._changed:
            launches, self._pending.launches = self._pending.launches, []
            return launches

    def take_all(self) -> Pending:
        with self._changed:
            pending, self._pending = self._pending, Pending()
            return pending

    def put_back(self, pending: Pending) -> None:
        """Older than everything that has come in since."""
        with self._changed:
            newer, self._pending = self._pending, pending
            took_all = self._pending.add_launches(newer.launches)
            for agent in newer.agents.values():
                took_all &= self._pending.add_agent(agent)
            for prompt in newer.prompts.values():
                took_all &= self._pending.add_prompt(prompt)
            self._check(took_all)

    def _check(self, took_all: bool) -> None:
        if not took_all and not self._warned:
            self._warned = True
            logger.warning(
                "More than %d facts about subagents wait for the database: the request log is complete, but the list "
                "of subagents and their counts will not be.",
                LIMIT,
            )
