"""Asks the database what other processes know of a subagent, without ever keeping a request waiting for long.

One thread asks, one question after the other: each takes a fraction of a millisecond. A database that does not answer
in time, or answers with an error, is left alone for some seconds, and as long as the question that it has not answered
is under way: the next requests go on with what memory knows.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from gateway.subagents import storage
from gateway.subagents.judgement import KnownPrompt
from requestlog.database import Database, DatabaseUnavailable
from requestlog.naming import AgentName, name_of_agent

PATIENCE_SECONDS = 0.3
REST_SECONDS = 5.0
logger = logging.getLogger(__name__)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Question:
    """`launched` are the names that are known already, to be told how they are spelled."""

    session_id: str
    agent_id: str
    digests: tuple[str, ...]
    fingerprint: str
    launched: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """`spellings`: name of a launch -> how the subagent writes it that is known already."""

    agent: AgentName | None
    launched: frozenset[str]
    prompt: KnownPrompt
    spellings: dict[str, str]


class Lookups:
    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="subagents-lookup")
        self._database = Database()
        self._unanswered: Future[Any] | None = None
        self._rests_until = float("-inf")
        self._complained = False

    async def ask(self, question: Question, patience: float = PATIENCE_SECONDS) -> Answer | None:
        """None where the database cannot tell in time. Never raises."""
        return await self._run(lambda: _answer(question), patience)

    async def launches(self, question: Question, patience: float) -> frozenset[str] | None:
        """The same for the launches alone."""
        return await self._run(lambda: storage.launched_names(question.session_id, question.digests), patience)

    def close(self) -> None:
        self._thread.submit(self._database.close)
        self._thread.shutdown(wait=False)

    @property
    def is_resting(self) -> bool:
        return time.monotonic() < self._rests_until or not (self._unanswered is None or self._unanswered.done())

    async def _run(self, query: Callable[[], Result], patience: float) -> Result | None:
        if self.is_resting or patience <= 0:
            return None
        future = self._thread.submit(self._query, query)
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), patience)
        except TimeoutError:
            self._unanswered = future
            self._rest("no answer within the time that a request may wait")
        except DatabaseUnavailable as error:
            self._rest(str(error))
        return None

    def _query(self, query: Callable[[], Result]) -> Result:
        with self._database.use():
            result = query()
        self._complained = False
        return result

    def _rest(self, reason: str) -> None:
        self._rests_until = time.monotonic() + REST_SECONDS
        if not self._complained:
            self._complained = True
            logger.warning("Subagents are identified by what this process knows: the database gives %s", reason)


def _answer(question: Question) -> Answer:
    launched = storage.launched_names(question.session_id, question.digests) if question.digests else frozenset()
    return Answer(
        # An agent that calls for the first time cannot have been named before.
        agent=None if question.digests else name_of_agent(question.session_id, question.agent_id),
        launched=launched,
        prompt=storage.prompt_of(question.fingerprint) if question.fingerprint else KnownPrompt(),
        spellings=storage.spellings_of(launched | question.launched),
    )
