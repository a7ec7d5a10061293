"""Who makes a request, as routing and log want to know it."""

from __future__ import annotations

from dataclasses import dataclass

from requestlog.exchange import Exchange
from requestlog.naming import AgentName
from routing.identification.callers import Caller
from routing.models import KnownBy

FORK = AgentName("fork", KnownBy.LAUNCHED.value)
"""A fork has its parent's prompt. It is told by what the client writes into its conversation."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`name` is empty for the main loop and for a subagent whose name is not known; `known_by` is a `KnownBy`."""

    caller: Caller
    name: str = ""
    known_by: str = ""

    def note_in(self, exchange: Exchange) -> None:
        caller = self.caller
        exchange.call_kind = caller.kind.value
        exchange.subagent, exchange.subagent_known_by = self.name, self.known_by
        exchange.agent_fingerprint = caller.fingerprint
