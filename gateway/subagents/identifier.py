"""Finds a subagent's name: what memory says first, then what others know, each asked only where it can matter.

A call that memory can name waits for nothing: an agent that has been named, or one whose launch and fingerprint say the
same. Any other first call asks the database once, since its parent may have been served by another process. Where
nobody knows the prompt, the launch is waited for, because the parent's process writes it at the moment when the client
gets to know it. All that a request waits here is bounded by `PATIENCE_SECONDS`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.subagents.definitions import Definitions, DefinitionWatch
from gateway.subagents.judgement import Evidence, Prompt, judge
from gateway.subagents.latecomers import Latecomers
from gateway.subagents.lookups import PATIENCE_SECONDS, Lookups, Question
from gateway.subagents.memory import Memory, Recent
from gateway.subagents.texts import fit
from requestlog.naming import AgentName
from routing.identification.callers import Caller

FIRST_PAUSE_SECONDS = 0.02
VAIN_SECONDS = 30.0
"""How long the launch of a prompt is not waited for again after it was waited for in vain."""
_VAIN = 10_000


@dataclass(frozen=True, slots=True)
class Finding:
    """`is_launch`: the name comes from the very tool call that started the agent, so it can be learned from."""

    name: AgentName | None
    is_launch: bool = False


class Identifier:
    def __init__(self, memory: Memory, lookups: Lookups, definitions: DefinitionWatch, latecomers: Latecomers) -> None:
        self._memory = memory
        self._lookups = lookups
        self._definitions = definitions
        self._latecomers = latecomers
        self._waited_in_vain: Recent[str, float] = Recent(_VAIN)
        self._refreshing: set[asyncio.Task[Evidence]] = set()

    async def find(self, caller: Caller, pasted: Definitions) -> Finding:
        """The name of a subagent that is no fork. Never raises."""
        evidence = self._remembered(caller)
        if not self._suffices(evidence, caller):
            evidence = await self._gather(evidence, caller, pasted)
        name = judge(evidence)
        is_launch = evidence.agent is None and bool(evidence.launched_as)
        if name is None:
            return Finding(None)
        name = replace(name, name=self._memory.spelling(name.name) or name.name)
        self._memory.name_agent(caller.session_id, caller.agent_id, name)
        if is_launch:
            self._memory.learn_prompt(caller.fingerprint, name.name)
        return Finding(name, is_launch)

    def found_late(self) -> Iterator[tuple[Question, str]]:
        """Agents whose launch has come too late for their first call. Raises `DatabaseError`."""
        for question, launched_as in self._latecomers.found():
            yield question, self._memory.spelling(launched_as) or launched_as

    def _remembered(self, caller: Caller) -> Evidence:
        memory = self._memory
        return Evidence(
            agent=memory.agent(caller.session_id, caller.agent_id),
            launched=memory.launched(caller.session_id, caller.prompt_digests),
            prompt=memory.prompt(caller.fingerprint),
        )

    def _suffices(self, evidence: Evidence, caller: Caller) -> bool:
        if evidence.agent is not None or evidence.agrees:
            return True
        is_known = evidence.prompt.state is Prompt.LEARNED and not caller.prompt_digests
        if is_known and not self._memory.is_fresh(caller.fingerprint):
            self._refresh(evidence, caller)
        return is_known

    def _refresh(self, evidence: Evidence, caller: Caller) -> None:
        """Ask the database again, for the calls to come."""
        task = asyncio.get_running_loop().create_task(self._ask(evidence, caller))
        self._refreshing.add(task)
        task.add_done_callback(self._refreshing.discard)

    async def _gather(self, evidence: Evidence, caller: Caller, pasted: Definitions) -> Evidence:
        deadline = time.monotonic() + PATIENCE_SECONDS
        if self._is_worth_asking(evidence, caller):
            evidence = await self._ask(evidence, caller)
        if self._is_decided(evidence):
            return evidence
        known = await self._definitions.known(pasted, deadline - time.monotonic())
        defined, resembles = known.names.get(caller.fingerprint), known.bodies.find(caller.prompt)
        evidence = replace(evidence, defined=defined, resembles=resembles)
        if caller.prompt_digests and not evidence.launched and evidence.defined is None:
            evidence = replace(evidence, launched=await self._wait_for_launch(caller, deadline))
        return evidence

    def _is_worth_asking(self, evidence: Evidence, caller: Caller) -> bool:
        is_ambiguous = evidence.prompt.state is Prompt.AMBIGUOUS
        return bool(caller.prompt_digests) or is_ambiguous or not self._memory.is_fresh(caller.fingerprint)

    def _is_decided(self, evidence: Evidence) -> bool:
        """Whether definitions could not change anything."""
        knows_prompt = evidence.prompt.state in (Prompt.LEARNED, Prompt.AMBIGUOUS)
        return evidence.agent is not None or bool(evidence.launched_as) or knows_prompt

    async def _ask(self, evidence: Evidence, caller: Caller) -> Evidence:
        """The evidence with what the database knows."""
        answer = await self._lookups.ask(replace(question_of(caller), launched=evidence.launched))
        if answer is None:
            return evidence
        for spelling in filter(None, (answer.prompt.name, *answer.spellings.values())):
            self._memory.keep_spelling(spelling)
        self._memory.keep_prompt(caller.fingerprint, answer.prompt)
        return replace(
            evidence,
            agent=answer.agent,
            launched=evidence.launched | answer.launched,
            prompt=self._memory.prompt(caller.fingerprint),
        )

    async def _wait_for_launch(self, caller: Caller, deadline: float) -> frozenset[str]:
        question = question_of(caller)
        if self._is_vain(caller.fingerprint) or self._lookups.is_resting:
            self._latecomers.add(question)
            return frozenset()
        pause = FIRST_PAUSE_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            await asyncio.sleep(min(pause, left))
            if launched := await self._lookups.launches(question, PATIENCE_SECONDS):
                return launched
            pause *= 2
        self._waited_in_vain.put(caller.fingerprint, time.monotonic())
        self._latecomers.add(question)
        return frozenset()

    def _is_vain(self, fingerprint: str) -> bool:
        since = self._waited_in_vain.get(fingerprint)
        return since is not None and time.monotonic() - since < VAIN_SECONDS


def question_of(caller: Caller) -> Question:
    return Question(fit(caller.session_id), fit(caller.agent_id), caller.prompt_digests, caller.fingerprint)
