"""Names the log's entries of subagents whose name was learned later.

What is missing is read off the log itself, every few seconds: the fingerprints that have entries without a name. So it
makes no difference which process has learned the name or wrote the entry, which of them came first, and what has died
in between. Only the agents that were named one by one, because their prompt tells no name, are kept in memory: until
the recorder has written everything that was served before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from django.conf import settings

from gateway.subagents import storage
from gateway.subagents.backlog import NamedAgent
from gateway.subagents.judgement import Evidence, KnownPrompt, Prompt, judge
from requestlog.naming import PER_BATCH, AgentName, name_by_agent, name_by_fingerprint, unnamed_fingerprints
from requestlog.status import read_status

SWEEP_SECONDS = 3.0
FINGERPRINTS = 1_000
AGENTS = 1_000
AGENT_SECONDS = 600.0
"""How long an agent is kept when the recorder does not say how far it is."""


class LogNaming:
    """Used by the writer's thread, except for `add_agent`."""

    def __init__(
        self, defined: Callable[[], Mapping[str, AgentName]], note_defined: Callable[[str, AgentName], None]
    ) -> None:
        """`defined` gives the names that definitions have for fingerprints, `note_defined` is told of a new one."""
        self._defined = defined
        self._note_defined = note_defined
        self._agents: list[tuple[NamedAgent, float]] = []
        self._swept_at = float("-inf")
        self._after = ""
        self._work: list[tuple[str, AgentName]] = []

    def add_agent(self, agent: NamedAgent) -> None:
        self._agents = [*self._agents, (agent, time.time())][-AGENTS:]

    def step(self) -> bool:
        """Name one batch of entries; whether there is more to do at once. Raises `DatabaseError`."""
        if not self._work and time.monotonic() - self._swept_at < SWEEP_SECONDS:
            return False
        if not self._work:
            self._swept_at = time.monotonic()
            self._name_agents()
            self._work = self._names_found()
        if self._work:
            fingerprint, name = self._work[-1]
            if name_by_fingerprint(fingerprint, name) < PER_BATCH:
                self._work.pop()
        return bool(self._work)

    def _names_found(self) -> list[tuple[str, AgentName]]:
        prints = unnamed_fingerprints(FINGERPRINTS, self._after)
        self._after = prints[-1] if len(prints) == FINGERPRINTS else ""
        known, defined = storage.prompts_of(prints), self._defined()
        names = []
        for print_ in prints:
            prompt = known.get(print_, KnownPrompt())
            name = judge(Evidence(prompt=prompt, defined=defined.get(print_)))
            names += [(print_, name)] if name else []
            if name and prompt.state is Prompt.UNKNOWN:
                self._note_defined(print_, name)
        return names

    def _name_agents(self) -> None:
        status = read_status(settings.JOURNAL_DIR)
        recorded_until = (status.committed_until if status else None) or 0.0
        waiting = self._agents
        done = [each for each in waiting if self._is_named(*each, recorded_until)]
        self._agents = [each for each in self._agents if each not in done]

    def _is_named(self, agent: NamedAgent, named_at: float, recorded_until: float) -> bool:
        """Name what is there of the agent; whether that was all that there will be."""
        there_may_be_more = name_by_agent(agent.session_id, agent.agent_id, agent.name) == PER_BATCH
        is_recorded = recorded_until > named_at or time.time() - named_at > AGENT_SECONDS
        return is_recorded and not there_may_be_more
