"""A Messages request and its answer, as a page shows them.

The page's budget goes to what a reader looks for first: the answer, then the newest messages, then the system prompt
and the tools, then the oldest messages. Everything else can be downloaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from requestlog.presentation.blocks import Content, read_content
from requestlog.presentation.text import Budget, Excerpt, first_text, one_line

FIRST_MESSAGES = 5
EARLIER_MESSAGES = 40
LATEST_MESSAGES = 2
TOOLS_LIMIT = 200
PARAMETERS_LIMIT = 8_000
_TOOL_TEXT_LIMIT = 3_000
_TOOL_JSON_LIMIT = 3_000
_SHOWN_APART = frozenset({"messages", "system", "tools"})


@dataclass(frozen=True, slots=True)
class Message:
    """`number` counts from 1. `summary` is the content in one line."""

    number: int
    role: str
    content: Content
    summary: str


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    summary: str
    description: Excerpt
    rest: Excerpt


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `parameters` is the JSON of all other keys; `left_out` messages are missing in `earlier`, after the
    first few."""

    latest: tuple[Message, ...]
    parameters: Excerpt
    system: Content | None
    tools: tuple[Tool, ...]
    tools_left_out: int
    earlier: tuple[Message, ...]
    left_out: int

    @property
    def gap_before(self) -> int:
        """The number of the message before which messages are left out; 0 where none are."""
        return FIRST_MESSAGES + self.left_out + 1 if self.left_out else 0

    @property
    def earlier_count(self) -> int:
        return len(self.earlier) + self.left_out


@dataclass(frozen=True, slots=True)
class Answered:
    """A response. `rest` is the JSON of all keys but the content."""

    content: Content | None
    rest: Excerpt


def read_request(request: Any, budget: Budget) -> Asked | None:
    """The parts of a Messages request; None where `request` is none."""
    if not isinstance(request, dict):
        return None
    messages, tools = _list(request.get("messages")), _list(request.get("tools"))
    parameters = {key: value for key, value in request.items() if key not in _SHOWN_APART}
    numbers = _shown_numbers(len(messages))
    return Asked(
        latest=_read_messages(numbers[-LATEST_MESSAGES:], messages, budget),
        parameters=budget.take_json(parameters, PARAMETERS_LIMIT),
        system=read_content(request["system"], budget) if request.get("system") else None,
        tools=tuple(_read_tool(tool, budget) for tool in tools[:TOOLS_LIMIT]),
        tools_left_out=max(0, len(tools) - TOOLS_LIMIT),
        earlier=_read_messages(numbers[:-LATEST_MESSAGES], messages, budget),
        left_out=len(messages) - len(numbers),
    )


def read_response(response: Any, budget: Budget) -> Answered | None:
    """The parts of a message or of an error body; None where `response` is neither."""
    if not isinstance(response, dict):
        return None
    rest = {key: value for key, value in response.items() if key != "content"}
    content = read_content(response["content"], budget) if "content" in response else None
    return Answered(content, budget.take_json(rest, PARAMETERS_LIMIT))


def _shown_numbers(count: int) -> list[int]:
    """The numbers of the messages that a page shows, of `count`: the first few and the last ones."""
    last = max(FIRST_MESSAGES, count - EARLIER_MESSAGES - LATEST_MESSAGES)
    return [number for number in range(1, count + 1) if number <= FIRST_MESSAGES or number > last]


def _read_messages(numbers: list[int], messages: list[Any], budget: Budget) -> tuple[Message, ...]:
    """The messages of these numbers; the newest are read first, because they get the budget first."""
    newest_first = [_read_message(number, messages[number - 1], budget) for number in reversed(numbers)]
    return tuple(reversed(newest_first))


def _read_message(number: int, message: Any, budget: Budget) -> Message:
    fields = message if isinstance(message, dict) else {"content": message}
    content = read_content(fields.get("content"), budget)
    summaries = [part.summary for part in content.parts if part.summary]
    return Message(
        number=number,
        role=one_line(first_text([fields.get("role")]) or "no role", 40),
        content=content,
        summary=one_line(" · ".join(summaries), 160),
    )


def _read_tool(tool: Any, budget: Budget) -> Tool:
    fields = tool if isinstance(tool, dict) else {"tool": tool}
    description = first_text([fields.get("description")])
    rest = {key: value for key, value in fields.items() if key not in ("name", "description")}
    return Tool(
        name=one_line(first_text([fields.get("name"), fields.get("type")]) or "no name", 100),
        summary=one_line(description, 120),
        description=budget.take(description, _TOOL_TEXT_LIMIT),
        rest=budget.take_json(rest, _TOOL_JSON_LIMIT),
    )


def _list(value: Any) -> list[Any]:
    """`value` as a list: a single value that should be a list is shown rather than lost."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
