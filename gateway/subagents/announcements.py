"""Takes notice of the subagents that a main loop's request says exist.

A client repeats its list in every request of a session, in bodies of megabytes, so the event loop only hands one
request of a session on, and that not often. The writer's thread looks for the list, and reads it where it is new.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from hashlib import blake2b
from threading import Lock

import msgspec

from gateway.subagents.memory import Recent
from providers.protocol.messages_request import RequestFacts
from routing.identification.announcements import AnnouncedAgent, announced_agents, may_announce_agents

LOOK_SECONDS = 10.0
WAITING = 5
"""Requests that may wait for the thread. One that finds no room is no loss: the session's next one says the same."""
_SESSIONS = 10_000
_TEXTS = 1_000


class Announcements:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looked_at: Recent[str, float] = Recent(_SESSIONS)
        self._read: Recent[bytes, bool] = Recent(_TEXTS)
        self._waiting: list[tuple[bytes, Sequence[msgspec.Raw]]] = []
        self._lock = Lock()

    def look_at(self, session_id: str, body: bytes, facts: RequestFacts) -> None:
        now = self._clock()
        looked_at = self._looked_at.get(session_id)
        if (looked_at is None or now - looked_at >= LOOK_SECONDS) and len(self._waiting) < WAITING:
            self._looked_at.put(session_id, now)
            with self._lock:
                self._waiting.append((body, facts.parts.messages))

    def take(self) -> list[AnnouncedAgent]:
        """The agents that the requests since the last time have told of, without what was told before."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        found = [agent for body, messages in waiting for agent in self._announced(body, messages)]
        return list({agent.name: agent for agent in found}.values())

    def _announced(self, body: bytes, messages: Sequence[msgspec.Raw]) -> list[AnnouncedAgent]:
        telling = [bytes(message) for message in messages if may_announce_agents(bytes(message))]
        if not telling:  # older clients tell it in a tool's description
            telling = [body] if may_announce_agents(body) else []
            return [agent for text in telling if self._is_new(text) for agent in announced_agents(text)]
        new = [text for text in telling if self._is_new(text)]
        return announced_agents(b'{"messages":[%s]}' % b",".join(new)) if new else []

    def _is_new(self, text: bytes) -> bool:
        digest = blake2b(text, digest_size=16).digest()
        if self._read.get(digest):
            return False
        self._read.put(digest, True)
        return True
