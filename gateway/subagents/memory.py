"""What this process knows of subagents: bounded, the least recently used is forgotten first.

The event loop and the writer's thread both use it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from gateway.subagents.judgement import KnownPrompt, Prompt, same_name
from requestlog.naming import AgentName
from routing.models import KnownBy

AGENTS = 20_000
LAUNCHES = 20_000
PROMPTS = 20_000
UNKNOWN_SECONDS = 3.0
KNOWN_SECONDS = 30.0
"""How long the database need not be asked again for a fingerprint without and with a name."""

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Key) -> Value | None:
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def put(self, key: Key, value: Value) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._limit:
                self._values.popitem(last=False)


@dataclass(frozen=True, slots=True)
class _Checked:
    """`at` is when the database said so, in monotonic seconds."""

    prompt: KnownPrompt
    at: float


class Memory:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._agents: Recent[tuple[str, str], AgentName] = Recent(AGENTS)
        self._launches: Recent[tuple[str, str], frozenset[str]] = Recent(LAUNCHES)
        self._prompts: Recent[str, _Checked] = Recent(PROMPTS)
        self._spellings: Recent[str, str] = Recent(PROMPTS)

    def agent(self, session_id: str, agent_id: str) -> AgentName | None:
        return self._agents.get((session_id, agent_id)) if agent_id else None

    def name_agent(self, session_id: str, agent_id: str, name: AgentName) -> None:
        if agent_id:
            self._agents.put((session_id, agent_id), name)

    def launched(self, session_id: str, digests: Iterable[str]) -> frozenset[str]:
        """The names of all launches of the session with one of the prompts."""
        found = [self._launches.get((session_id, digest)) for digest in digests]
        return frozenset[str]().union(*filter(None, found))

    def add_launch(self, session_id: str, digest: str, name: str) -> None:
        known = self._launches.get((session_id, digest)) or frozenset()
        self._launches.put((session_id, digest), known | {name})

    def prompt(self, fingerprint: str) -> KnownPrompt:
        checked = self._prompts.get(fingerprint)
        return checked.prompt if checked else KnownPrompt()

    def is_fresh(self, fingerprint: str) -> bool:
        """Whether the database was asked for this fingerprint not long ago, or none need be."""
        checked = self._prompts.get(fingerprint)
        if not fingerprint or checked is None:
            return not fingerprint
        lasts = UNKNOWN_SECONDS if checked.prompt.state is Prompt.UNKNOWN else KNOWN_SECONDS
        return self._clock() - checked.at < lasts

    def keep_prompt(self, fingerprint: str, prompt: KnownPrompt) -> None:
        """Note what the database says. What was learned here a moment ago may not be there yet."""
        is_news = prompt.state is not Prompt.UNKNOWN or self.prompt(fingerprint).state is Prompt.UNKNOWN
        if fingerprint and (is_news or not self.is_fresh(fingerprint)):
            self._prompts.put(fingerprint, _Checked(prompt, self._clock()))

    def learn_prompt(self, fingerprint: str, name: str) -> None:
        """Note that a call with this fingerprint was named by its launch."""
        known = self.prompt(fingerprint)
        if known.source == KnownBy.LAUNCHED and not same_name(known.name, name):
            known = KnownPrompt(Prompt.AMBIGUOUS)
        elif known.state in (Prompt.UNKNOWN, Prompt.DEFINED):
            known = KnownPrompt(Prompt.LEARNED, name, KnownBy.LAUNCHED.value)
        if fingerprint:
            self._prompts.put(fingerprint, _Checked(known, self._clock()))

    def spelling(self, name: str) -> str | None:
        """How the client writes a name; None where that is not known."""
        return self._spellings.get(name.casefold())

    def keep_spelling(self, name: str) -> None:
        self._spellings.put(name.casefold(), name)
