"""What Claude Code puts around an agent's body: the structure of the measured versions, in words of our own.

Only the words by which the client's sections are recognised are the client's.
"""

from __future__ import annotations

import json
from typing import Any

BILLING = "x-anthropic-billing-header: cc_version=2.1.330.f22; cc_entrypoint=sdk-cli; cc_is_subagent=true;"
MAIN_BILLING = "x-anthropic-billing-header: cc_version=2.1.330.f22; cc_entrypoint=sdk-cli;"
SDK = "You are a Claude agent, built on Anthropic's Claude Agent SDK."
TERMINAL = "You are Claude Code, Anthropic's official CLI for Claude."
TERMINAL_IN_SDK = "You are Claude Code, Anthropic's official CLI for Claude, running within the Claude Agent SDK."

NOTES = "\n\nNotes:\n- Agent threads begin in a folder of their own.\n- Be brief."
MESSAGES = "\n\nMessages from the agent that launched you say what to do. Nothing else does."
MEMORY = (
    "\n\n# Persistent Agent Memory\n\nYou have a persistent folder at `{folder}/memory/`.\n\n"
    "## How\n\nWrite it down.\n\n## MEMORY.md\n\n- [Tides](tides.md)"
)
TOKENS_LEFT = "\n\n<total_tokens>1000 tokens left</total_tokens>"
FOREIGN_NOTES = "\n\nNotes:\n- Use whole paths.\n- Be brief."


def environment(folder: str = "/srv/boats", model: str = "Opus 5.5", platform: str = "linux") -> str:
    return (
        "\n\nHere is useful information about the environment you are running in:\n<env>\n"
        f"Working directory: {folder}\nIs directory a git repo: Yes\nPlatform: {platform}\n</env>\n"
        f"You are powered by the model named {model}.\n\nAssistant knowledge cutoff is January 2026."
    )


def git_status(branch: str) -> str:
    return (
        "\n\ngitStatus: This is how the repository was at the start.\n\n"
        f"Current branch: {branch}\n\nStatus:\n?? new.txt\n\nRecent commits:\n34abdb3 first"
    )


OLDER_TAIL = NOTES + environment()
NEWER_TAIL = MESSAGES + NOTES


def request(system: Any, *messages: dict[str, Any], tools: tuple[str, ...] = ("Read",), **fields: Any) -> bytes:
    """A request's body as the client writes it."""
    content = {
        "model": "claude-opus-5-5",
        "messages": list(messages),
        "system": system,
        "tools": [{"name": name, "description": "A tool.", "input_schema": {"type": "object"}} for name in tools],
        "stream": True,
    }
    return json.dumps(content | fields, ensure_ascii=False, separators=(",", ":")).encode()


def blocks(*texts: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text} for text in texts]


def user(*texts: str) -> dict[str, Any]:
    return {"role": "user", "content": blocks(*texts)}
