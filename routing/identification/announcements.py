"""Reads the list of agents that a client can start, which it tells its model at the beginning of a conversation.

The list stands after one of the headings below, in a message of the role `system`, in a reminder in a user's message
or, in older clients, in the tool's description. Each entry is `- <name>: <description> (Tools: …)`. A description may
have several lines and even lists of its own, so an entry ends where its tools end; a name may hold colons and spaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from routing.identification.contents import read_json, texts_of, whole_characters
from routing.identification.spawns import SPAWNING_TOOLS

_MARKERS = (b"Available agent types", b"New agent types are now available")
_HEADING = re.compile(r"^(?:Available agent types|New agent types are now available)[^\n]*:\n", re.MULTILINE)
_ENTRY = re.compile(r"- ([^\n]+?): (.*?)\s*\(Tools: [^\n]*\)[ \t]*(?:\n|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class AnnouncedAgent:
    name: str
    description: str


def may_announce_agents(body: bytes) -> bool:
    """Whether it is worth while to read the whole request: two searches."""
    return any(marker in body for marker in _MARKERS)


def announced_agents(body: bytes) -> list[AnnouncedAgent]:
    """The agents that a request's texts say exist, each name once, the last announcement of it. Never raises."""
    request = read_json(body) if may_announce_agents(body) else None
    if not isinstance(request, dict):
        return []
    found = [agent for text in _texts(request) for agent in _agents_in(whole_characters(text))]
    return list({agent.name: agent for agent in found}.values())


def _agents_in(text: str) -> list[AnnouncedAgent]:
    found = []
    for heading in _HEADING.finditer(text):
        end = heading.end()
        while entry := _ENTRY.match(text, end):
            found.append(AnnouncedAgent(entry[1].strip(), entry[2].strip()))
            end = entry.end()
    return found


def _texts(request: dict[str, Any]) -> list[str]:
    """Where the client announces agents: not in an assistant's words, nor in a tool's result."""
    tools, messages = _dicts(request.get("tools")), _dicts(request.get("messages"))
    descriptions = [tool.get("description") for tool in tools if tool.get("name") in SPAWNING_TOOLS]
    contents = [message.get("content") for message in messages if message.get("role") in ("system", "user")]
    return [text for content in [*descriptions, *contents] for text in texts_of(content)]


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
