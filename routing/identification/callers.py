"""Reads off a request who makes it.

Strategy: headers first. Of the body, `read_facts` has taken out the tools' names; `system` and `messages` are raw and
looked into for subagents alone, whose bodies are small. So a main loop's call costs next to nothing.

What shows a subagent is the agent's id in the headers or, without one, the billing line's `cc_is_subagent=true`. Calls
without tools are side calls (the conversation's title, say), unless a subagent makes them: an agent may have no tools.
But a subagent has side calls too, under its own id: the client asks hooks by them. They ask for an answer of a given
form (`output_config.format`), which no agent without tools does.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec

from providers.protocol.messages_request import RequestFacts, RequestParts
from routing.identification.contents import UNREADABLE, read_json, read_texts
from routing.identification.prompts import agent_prompt, body_of, fingerprint_of, is_reminder, prompt_digest
from routing.identification.spawns import SPAWNING_TOOLS

_BILLING = "x-anthropic-billing-header:"
_SUBAGENT = "cc_is_subagent=true"
_FORK = "<fork-boilerplate>"


class CallKind(enum.StrEnum):
    MAIN_LOOP = "main loop"
    SUBAGENT = "subagent"
    SIDE_CALL = "side call"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request. Ids are empty where the client tells none; what follows them is empty but for subagents.

    `prompt` is the agent's prompt with the client's tail, `fingerprint` that of its body. `prompt_digests` are there in
    an agent's first call only: one of them, most likely the first, is the digest of the tool call that started the
    agent. (A hook's calls under the agent's id have digests that belong to no tool call.) A fork goes on with its
    parent's prompt and conversation: it has none of these, and is told by `is_fork`.
    """

    kind: CallKind
    session_id: str = ""
    agent_id: str = ""
    parent_agent_id: str = ""
    fingerprint: str = ""
    prompt: str = field(default="", repr=False)
    prompt_digests: tuple[str, ...] = ()
    is_fork: bool = False
    offers_agent_tool: bool = False
    """Whether the answer may hold a tool call that starts a subagent."""


class _Message(msgspec.Struct):
    role: str = ""
    content: msgspec.Raw = msgspec.Raw()


_decode_message = msgspec.json.Decoder(_Message).decode


def read_caller(headers: Sequence[tuple[bytes, bytes]], facts: RequestFacts) -> Caller:
    """The caller of a request; header names in lower case. Never raises."""
    named = dict(headers)
    parts = facts.parts
    agent_id = _header(named, b"x-claude-code-agent-id")
    kind = _kind(parts, agent_id)
    caller = Caller(
        kind=kind,
        # Clients before 2.1.86 have no such header and name the session in the body.
        session_id=_header(named, b"x-claude-code-session-id") or facts.session_id,
        agent_id=agent_id,
        parent_agent_id=_header(named, b"x-claude-code-parent-agent-id"),
        offers_agent_tool=not SPAWNING_TOOLS.isdisjoint(parts.tool_names),
    )
    return _with_agent(caller, parts) if kind is CallKind.SUBAGENT else caller


def _kind(parts: RequestParts, agent_id: str) -> CallKind:
    is_subagent = bool(agent_id) or _is_billed_as_subagent(parts.system)
    if not parts.tool_names and (not is_subagent or _asks_for_a_form(parts.output_config)):
        return CallKind.SIDE_CALL
    return CallKind.SUBAGENT if is_subagent else CallKind.MAIN_LOOP


def _with_agent(caller: Caller, parts: RequestParts) -> Caller:
    messages = _read_messages(parts.messages)
    is_first_call = all(message.role != "assistant" for message in messages)
    is_fork = not is_first_call and any(map(_forks, messages))
    prompt = "" if is_fork else agent_prompt(read_texts(parts.system))
    return replace(
        caller,
        fingerprint=fingerprint_of(body_of(prompt)),
        prompt=prompt,
        prompt_digests=_digests(messages) if is_first_call else (),
        is_fork=is_fork,
    )


def _forks(message: _Message) -> bool:
    """Whether this is the message that turned its conversation into a fork."""
    if message.role != "user" or _FORK.encode() not in bytes(message.content):
        return False
    return any(text.startswith(_FORK) for text in read_texts(message.content))


def _digests(messages: list[_Message]) -> tuple[str, ...]:
    """Of the last text that the user's messages hold, and of those before it that may be the prompt as well.

    The prompt comes last, but for an agent that starts with skills: their texts follow it in the same message.
    """
    texts = [text for message in messages if message.role == "user" for text in read_texts(message.content)]
    *earlier, last = texts or [""]
    candidates = [last, *(text for text in reversed(earlier) if not is_reminder(text))]
    return tuple(dict.fromkeys(filter(None, map(prompt_digest, candidates))))


def _is_billed_as_subagent(system: msgspec.Raw) -> bool:
    if _SUBAGENT.encode() not in bytes(system):
        return False
    lines = [line for text in read_texts(system) for line in text.split("\n", 1)[:1]]
    return any(line.startswith(_BILLING) and _SUBAGENT in line for line in lines)


def _asks_for_a_form(output_config: msgspec.Raw) -> bool:
    config = read_json(output_config) if bytes(output_config) else None
    return isinstance(config, dict) and bool(config.get("format"))


def _header(headers: dict[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


def _read_messages(messages: Sequence[msgspec.Raw]) -> list[_Message]:
    """Those that have the shape of one."""
    return [read for message in messages if (read := _read_message(message)) is not None]


def _read_message(message: msgspec.Raw) -> _Message | None:
    try:
        return _decode_message(message)
    except UNREADABLE:
        found = read_json(message)
    if not isinstance(found, dict):
        return None
    content = found.get("content")
    return _Message(str(found.get("role")), msgspec.Raw(json.dumps(content).encode()))
