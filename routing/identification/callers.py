"""Reads off a request who makes it, in one pass over the body.

Strategy: headers first. Of the body only the tools' names are taken out; `system` and `messages` stay raw and are
looked into for subagents alone, whose bodies are small. So a main loop's call costs the pass and nothing else.

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

from providers.protocol.messages_request import InvalidRequest, read_facts
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


class _Tool(msgspec.Struct):
    name: str = ""


class _Message(msgspec.Struct):
    role: str = ""
    content: msgspec.Raw = msgspec.Raw()


class _Request(msgspec.Struct):
    tools: list[_Tool] | None = None
    system: msgspec.Raw = msgspec.Raw()
    messages: msgspec.Raw = msgspec.Raw()
    output_config: msgspec.Raw = msgspec.Raw()


_decode_request = msgspec.json.Decoder(_Request).decode
_decode_messages = msgspec.json.Decoder(list[_Message]).decode


def read_caller(headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Caller:
    """The caller of a request; header names in lower case. Never raises for a body that `read_facts` takes."""
    named = dict(headers)
    request = _read_request(body)
    agent_id = _header(named, b"x-claude-code-agent-id")
    kind = _kind(request, agent_id)
    caller = Caller(
        kind=kind,
        session_id=_header(named, b"x-claude-code-session-id") or _session_in_metadata(body),
        agent_id=agent_id,
        parent_agent_id=_header(named, b"x-claude-code-parent-agent-id"),
        offers_agent_tool=any(tool.name in SPAWNING_TOOLS for tool in request.tools or ()),
    )
    return _with_agent(caller, request) if kind is CallKind.SUBAGENT else caller


def _kind(request: _Request, agent_id: str) -> CallKind:
    is_subagent = bool(agent_id) or _is_billed_as_subagent(request.system)
    if not request.tools and (not is_subagent or _asks_for_a_form(request.output_config)):
        return CallKind.SIDE_CALL
    return CallKind.SUBAGENT if is_subagent else CallKind.MAIN_LOOP


def _with_agent(caller: Caller, request: _Request) -> Caller:
    messages = _read_messages(request.messages)
    is_first_call = all(message.role != "assistant" for message in messages)
    is_fork = not is_first_call and any(map(_forks, messages))
    prompt = "" if is_fork else agent_prompt(read_texts(request.system))
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


def _session_in_metadata(body: bytes) -> str:
    """What clients before 2.1.86 have instead of the header."""
    try:
        return read_facts(body).session_id
    except InvalidRequest:
        return ""


def _header(headers: dict[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


def _read_request(body: bytes) -> _Request:
    try:
        return _decode_request(body)
    except UNREADABLE:
        fields = read_json(body)
    if not isinstance(fields, dict):
        return _Request()
    tools = fields.get("tools")
    raw = {name: _raw(fields[name]) for name in ("system", "messages", "output_config") if name in fields}
    return _Request(tools=[_tool(tool) for tool in tools] if isinstance(tools, list) else None, **raw)


def _read_messages(messages: msgspec.Raw) -> list[_Message]:
    try:
        return _decode_messages(messages)
    except UNREADABLE:
        found = read_json(messages) if bytes(messages) else None
    items = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    return [_Message(str(item.get("role")), _raw(item.get("content"))) for item in items]


def _tool(tool: object) -> _Tool:
    name = tool.get("name") if isinstance(tool, dict) else None
    return _Tool(name if isinstance(name, str) else "")


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(value).encode())
