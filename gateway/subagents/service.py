"""Identifies the callers of a process, and sees to it that what is learned on the way is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from gateway.snapshot import Snapshot
from gateway.subagents.announcements import Announcements
from gateway.subagents.backlog import Backlog, Launch, NamedAgent, SeenAgent, SeenPrompt
from gateway.subagents.definitions import DefinitionWatch
from gateway.subagents.identifier import Finding, Identifier
from gateway.subagents.identity import FORK, Identity
from gateway.subagents.latecomers import Latecomers
from gateway.subagents.launch_watch import LaunchWatch
from gateway.subagents.lookups import Lookups, Question
from gateway.subagents.memory import Memory, Recent
from gateway.subagents.naming import LogNaming
from gateway.subagents.texts import fit, fit_description, sample_of
from gateway.subagents.writer import Writer
from providers.adapters.base import HeaderList
from providers.protocol.messages_request import RequestFacts
from requestlog.naming import AgentName
from routing.definition_files import Problem
from routing.identification.callers import Caller, CallKind, read_caller
from routing.identification.spawns import Spawn
from routing.models import KnownBy

_UNNAMED = 10_000


class Subagents:
    """Everything that belongs to subagents in one process. Its threads start with the first request."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._backlog = Backlog()
        self._lookups = Lookups()
        self._definitions = DefinitionWatch()
        self._identifier = Identifier(self._memory, self._lookups, self._definitions, Latecomers())
        self._announcements = Announcements()
        self._log = LogNaming(lambda: self._definitions.current.names, self._note_defined)
        self._writer = Writer(self._backlog, self._each_round, self._memory.keep_spelling)
        self._unnamed: Recent[tuple[str, str], bool] = Recent(_UNNAMED)
        self._started = False

    def start(self) -> None:
        if not self._started:
            self._started = True
            self._definitions.start()
            self._writer.start()

    def close(self) -> None:
        """Write what is pending; blocks for three seconds at most."""
        self._definitions.close()
        self._writer.close()
        self._lookups.close()

    async def identify(self, headers: HeaderList, body: bytes, facts: RequestFacts, snapshot: Snapshot) -> Identity:
        """Who makes a request. Never raises. Only a subagent's request waits, and for `PATIENCE_SECONDS` at most."""
        self.start()
        caller = read_caller(headers, facts)
        if caller.kind is CallKind.MAIN_LOOP:
            self._announcements.look_at(caller.session_id, body, facts)
        if caller.kind is not CallKind.SUBAGENT:
            return Identity(caller)
        finding = Finding(FORK) if caller.is_fork else await self._identifier.find(caller, snapshot.definitions)
        self._note_call(caller, finding)
        return Identity(caller, finding.name.name, finding.name.known_by) if finding.name else Identity(caller)

    def watch(self, identity: Identity, content_encoding: str = "") -> LaunchWatch | None:
        """What the answer to a request is to be fed to; None where it cannot start a subagent."""
        caller = identity.caller
        if not caller.offers_agent_tool or not caller.session_id:
            return None
        return LaunchWatch(content_encoding, partial(self._note_launch, caller.session_id))

    def definition_problems(self) -> tuple[Problem, ...]:
        """What the folders hold that cannot be used, as of the last look."""
        return self._definitions.problems

    def _note_launch(self, session_id: str, spawn: Spawn) -> None:
        if spawn.prompt_digest and (name := fit(spawn.name.strip())):
            self._memory.add_launch(session_id, spawn.prompt_digest, name)
            self._backlog.add_launch(Launch(fit(session_id), spawn.prompt_digest, name, datetime.now(UTC)))

    def _note_call(self, caller: Caller, finding: Finding) -> None:
        now, name = datetime.now(UTC), finding.name
        if name is not None:
            self._backlog.add_agent(SeenAgent(name.name, name.known_by, now, now, requests=1))
        if caller.fingerprint:
            seen = SeenPrompt(caller.fingerprint, now, now, requests=1, sample=sample_of(caller.prompt))
            if name is not None and (finding.is_launch or name.known_by in (KnownBy.FILE, KnownBy.PASTED)):
                seen.name, seen.source = name.name, name.known_by
            self._backlog.add_prompt(seen)
        self._note_whether_named(caller, name)

    def _note_whether_named(self, caller: Caller, name: AgentName | None) -> None:
        """An agent that is named after calls without a name: its entries get the name too."""
        key = (caller.session_id, caller.agent_id)
        if name is None:
            self._unnamed.put(key, True)
        elif caller.agent_id and self._unnamed.get(key):
            self._unnamed.put(key, False)
            self._log.add_agent(NamedAgent(fit(caller.session_id), fit(caller.agent_id), name))

    def _each_round(self) -> bool:
        """In the writer's thread, with the database. Raises `DatabaseError`."""
        now = datetime.now(UTC)
        for agent in self._announcements.take():
            description = fit_description(agent.description)
            self._backlog.add_agent(
                SeenAgent(fit(agent.name), KnownBy.ANNOUNCED.value, now, now, description=description)
            )
        for question, name in self._identifier.found_late():
            self._note_late(question, AgentName(name, KnownBy.LAUNCHED.value))
        return self._log.step()

    def _note_late(self, question: Question, name: AgentName) -> None:
        now = datetime.now(UTC)
        self._memory.name_agent(question.session_id, question.agent_id, name)
        self._memory.learn_prompt(question.fingerprint, name.name)
        self._backlog.add_agent(SeenAgent(name.name, name.known_by, now, now, requests=1))
        if question.fingerprint:
            seen = SeenPrompt(question.fingerprint, now, now, name=name.name, source=name.known_by)
            self._backlog.add_prompt(seen)
        self._log.add_agent(NamedAgent(question.session_id, question.agent_id, name))

    def _note_defined(self, fingerprint: str, name: AgentName) -> None:
        """A definition tells the name of a prompt that was seen before it."""
        now = datetime.now(UTC)
        self._backlog.add_agent(SeenAgent(name.name, name.known_by, now, now, requests=1))
        self._backlog.add_prompt(SeenPrompt(fingerprint, now, now, name=name.name, source=name.known_by))


subagents = Subagents()
