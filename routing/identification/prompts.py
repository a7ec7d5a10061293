"""The prompt of an agent without what the client puts around it, and the fingerprints of both kinds of prompt.

A subagent's `system` is, in one block or in several: a billing line, an identity line, the body of the agent's
definition, and a tail that is different in every project. Nothing marks the seams, and a body may hold any text, so

-   the first two are taken off as whole lines, from the start of each block;
-   the tail is known by its sections, which the client always writes in the same order (`_TAIL`). It begins with the
    first of them that is there, where that one stands for the last time: a later section in front of it, or an earlier
    occurrence of its own, is the author's.
-   Two notes sections look like an author's own. The client's is known by how its first item begins; one of other
    words is taken for the client's only where nothing but its list stands before the section on the environment.

A section that this file does not know stays in the fingerprint. As long as it says the same in every project, the
agent is recognised all the same; otherwise `known_bodies` recognises it.

The prompts of built-in agents are the client's own and may change with its version.

Measured with Claude Code 2.1.197 (notes, environment, git status) and 2.1.330 (messages, notes; the environment has
moved into a message; a token count at the end), with agents that have a memory in both.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from routing.identification.contents import whole_characters

_LEADING_LINES = re.compile(
    r"(?:\s*(?:x-anthropic-billing-header:[^\n]*"
    r"|You are Claude Code, Anthropic's official CLI for Claude(?:, running within the Claude Agent SDK)?\.[ \t]*"
    r"|You are a Claude agent, built on Anthropic's Claude Agent SDK\.[ \t]*)(?:\n|\Z))+"
)
_REMINDER = "<system-reminder>"


@dataclass(frozen=True, slots=True)
class _Section:
    """A part of the tail: how it begins after an empty line, and what must stand near, if the words are common."""

    beginning: str
    near: str = ""

    def last_in(self, text: str) -> int:
        """Where its last occurrence begins; -1 without one."""
        found = text.rfind("\n\n" + self.beginning)
        return found if found < 0 or self.near in text[found : found + 300] else -1


_MEMORY = _Section("# Persistent Agent Memory\n\nYou have a persistent")
_MESSAGES = _Section("Messages from the agent that launched you")
_NOTES = _Section("Notes:\n- Agent threads ")
_ENVIRONMENT = _Section("Here is useful information about the environment", near="\n<env>\n")
_GIT_STATUS = _Section("gitStatus: ")
_TOKENS_LEFT = _Section("<total_tokens>")
_TAIL = (_MEMORY, _MESSAGES, _NOTES, _ENVIRONMENT, _GIT_STATUS, _TOKENS_LEFT)
"""In the order in which the client writes them."""


def agent_prompt(system: str | Sequence[str]) -> str:
    """An agent's prompt as it can be compared: body and tail, LF only, no space at the ends of lines.

    `system` is the request's, as a string or as the texts of its blocks; a definition's body is taken as well.
    """
    blocks = (system,) if isinstance(system, str) else system
    return "\n\n".join(filter(None, map(_without_leading_lines, blocks)))


def body_of(prompt: str) -> str:
    """An `agent_prompt` without the client's tail; empty where there is nothing else."""
    text = "\n\n" + prompt  # so that a tail without a body begins after an empty line, too
    return text[: _start_of_tail(text)].strip()


def fingerprint(system: str | Sequence[str]) -> str:
    """32 hexadecimal digits, the same wherever the agent runs; empty without a prompt."""
    return fingerprint_of(body_of(agent_prompt(system)))


def fingerprint_of_body(body: str) -> str:
    """The fingerprint that calls of an agent with this body will have."""
    return fingerprint_of(agent_prompt(body))


def fingerprint_of(body: str) -> str:
    """The fingerprint of a body that `body_of` or `agent_prompt` has given."""
    return _hash(body) if body else ""


def prompt_digest(prompt: str) -> str:
    """What the prompt in the parent's tool call and the text in the agent's first call have in common.

    The client passes a prompt on as it is; where something follows it in the same message, with a line end more.
    Empty for a prompt of spaces, which the client replaces or drops.
    """
    text = _with_line_feeds(prompt).strip()
    return _hash(text) if text else ""


def is_reminder(text: str) -> bool:
    """Whether the client has put this text into a user's message on its own account."""
    return text.startswith(_REMINDER)


def _without_leading_lines(block: str) -> str:
    text = "\n".join(map(str.rstrip, _with_line_feeds(block).split("\n"))).lstrip("\ufeff \t\n").strip()
    leading = _LEADING_LINES.match(text)
    return text[leading.end() :].strip() if leading else text


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _start_of_tail(text: str) -> int:
    for section in _TAIL:
        if (start := section.last_in(text)) >= 0:
            return _start_of_foreign_notes(text, start) if section is _ENVIRONMENT else start
    return len(text)


def _start_of_foreign_notes(text: str, end: int) -> int:
    """Where notes in words of their own begin that go up to `end`; `end` where there are none."""
    start = text.rfind("\n\nNotes:\n- ", 0, end)
    return start if start >= 0 and "\n\n" not in text[start + 2 : end] else end


def _hash(text: str) -> str:
    return hashlib.blake2b(whole_characters(text).encode(), digest_size=16).hexdigest()
