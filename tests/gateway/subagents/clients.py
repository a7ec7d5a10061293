"""Requests of a client's subagents, and a gateway process's subagents to send them to."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync

from gateway.snapshot import Snapshot
from gateway.subagents.identity import Identity
from gateway.subagents.service import Subagents
from providers.protocol.messages_request import read_facts
from routing.identification.definitions import parse_definition
from tests.routing.identification.client import BILLING, MAIN_BILLING, NEWER_TAIL, SDK, blocks, request, user
from tests.support.anthropic_stream import Text, ToolUse, stream

SESSION = "4f1c2a9e-0000-4000-8000-1234567890ab"
CONFIGURED = Snapshot(revision=1)
_ASSISTANT = {"role": "assistant", "content": blocks("I look.")}


def definition(name: str, body: str) -> str:
    """The text of an agent's definition file."""
    return f"---\nname: {name}\ndescription: {name} of the tests\n---\n{body}\n"


def configured_with(*texts: str) -> Snapshot:
    """A configuration in which these definitions were pasted."""
    return Snapshot(revision=2, definitions=tuple(parse_definition(text, "pasted") for text in texts))


def headers(agent_id: str = "", session: str = SESSION) -> list[tuple[bytes, bytes]]:
    found = [(b"x-claude-code-session-id", session.encode())]
    return found + ([(b"x-claude-code-agent-id", agent_id.encode())] if agent_id else [])


def main_request(**fields: Any) -> bytes:
    return request(blocks(MAIN_BILLING, SDK, "You steer."), user("Go."), tools=("Read", "Agent"), **fields)


def agent_request(body: str, prompt: str, *, later: bool = False) -> bytes:
    """A call of an agent with this definition's body: its first one, or a later one."""
    messages = [user(prompt), *([_ASSISTANT, user("Go on.")] if later else [])]
    return request(blocks(BILLING, SDK, body + NEWER_TAIL), *messages)


def identify(
    process: Subagents, body: bytes, agent_id: str = "", session: str = SESSION, snapshot: Snapshot = CONFIGURED
) -> Identity:
    return async_to_sync(process.identify)(headers(agent_id, session), body, read_facts(body), snapshot)


def launch(process: Subagents, *calls: tuple[str, str], session: str = SESSION) -> None:
    """The main loop's answer, in which it starts agents: names and prompts."""
    watch = process.watch(identify(process, main_request(), session=session))
    assert watch is not None
    tools = [
        ToolUse("Agent", {"description": "Ask", "prompt": prompt, "subagent_type": name}) for name, prompt in calls
    ]
    for event in stream(Text("I send them."), *tools):
        watch.feed(event)


def call_agent(
    process: Subagents, agent_id: str, body: str, prompt: str, *, later: bool = False, **where: Any
) -> tuple[str, str]:
    """Name and how it is known."""
    identity = identify(process, agent_request(body, prompt, later=later), agent_id, **where)
    return identity.name, identity.known_by


def write_down(process: Subagents) -> None:
    """What the writer's thread does in a round, in this thread."""
    writer = process._writer
    writer._next_round = 0.0
    process._log._swept_at = float("-inf")
    writer._try(writer._write)
    assert not writer._complained
