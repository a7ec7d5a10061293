"""A round of a conversation: what the assistant said, and all that was answered before it spoke again.

The Chat Completions format is strict about the order of these: behind an assistant message with `tool_calls` stands
one `tool` message for each call, and nothing else in between. The Messages API mixes results, texts and images in one
user message, and allows system messages among them. So a round is collected first and written afterwards:

    assistant   text, reasoning and calls
    tool        one for each call, in the order of the calls
    user        images and files of the results, then everything else that was said
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from providers.protocol.chat.capabilities import ReasoningHistory
from providers.protocol.chat.context import ThoughtSignatures
from providers.protocol.chat.requests.assistant import AssistantContent, ToolCall
from providers.protocol.chat.requests.conversion import (
    BETWEEN_TEXTS,
    ChatMessage,
    Conversion,
    Part,
    texts_of,
)
from providers.protocol.chat.requests.tool_results import INTERRUPTED, ToolResult, merged

NO_REASONING = " "
"""DeepSeek and Kimi refuse a history in which an assistant message lacks `reasoning_content` or has an empty one."""

NOD = "I have the results."
"""Mistral refuses a user message that directly follows a tool's result."""


@dataclass(frozen=True, slots=True)
class SystemText:
    """A system message in mid-conversation that the provider takes as one."""

    text: str


@dataclass(slots=True)
class Round:
    assistant: AssistantContent = field(default_factory=AssistantContent)
    said: list[list[Part] | SystemText] = field(default_factory=list)
    answered: bool = False
    """Whether anything has come behind the assistant's message."""

    def say(self, parts: list[Part]) -> None:
        self.answered = True
        if self.said and isinstance(last := self.said[-1], list):
            last += parts
        else:
            self.said.append(parts)

    def say_system(self, text: str) -> None:
        self.answered = True
        self.said.append(SystemText(text))


def chat_messages(conversion: Conversion, round_: Round) -> list[ChatMessage]:
    """The round as messages."""
    messages = []
    if not round_.assistant.is_empty:
        messages.append(_assistant_message(conversion, round_.assistant))
    attachments: list[Part] = []
    for call in round_.assistant.calls:
        result = _result_of(conversion, call)
        messages.append({"role": "tool", "tool_call_id": call.id, "content": result.text})
        attachments += _labelled(call, result)
    said = _said_messages(attachments, round_.said)
    if said and round_.assistant.calls and not conversion.capabilities.user_after_tool:
        messages.append({"role": "assistant", "content": NOD})
    return messages + said


def _assistant_message(conversion: Conversion, content: AssistantContent) -> ChatMessage:
    message: ChatMessage = {"role": "assistant", "content": "".join(content.texts) or None}
    kind = conversion.capabilities.reasoning_history
    if content.reasoning:
        message[kind.value] = BETWEEN_TEXTS.join(content.reasoning)
    elif kind is ReasoningHistory.REASONING_CONTENT and not conversion.thinking_is_off:
        message[kind.value] = NO_REASONING
    if content.calls:
        signed = conversion.capabilities.thought_signatures
        message["tool_calls"] = [_tool_call(call, signed and index == 0) for index, call in enumerate(content.calls)]
    return message


def _tool_call(call: ToolCall, must_be_signed: bool) -> dict[str, Any]:
    """Google validates the first call of each step; the others have a signature only where the model gave one."""
    function = {"name": call.name, "arguments": call.arguments}
    found = {"id": call.id, "type": "function", "function": function}
    if signature := call.signature or (ThoughtSignatures.SKIP_VALIDATION if must_be_signed else ""):
        found["extra_content"] = {"google": {"thought_signature": signature}}
    return found


def _result_of(conversion: Conversion, call: ToolCall) -> ToolResult:
    if not call.results:
        conversion.notes.add(f"tool call {call.id} has no result: one that says so is added")
        return ToolResult(INTERRUPTED)
    if len(call.results) > 1:
        conversion.notes.add(f"tool call {call.id} has {len(call.results)} results: sent as one")
    return merged(call.results)


def _labelled(call: ToolCall, result: ToolResult) -> list[Part]:
    if not result.attachments:
        return []
    return [f"From the result of the tool call {call.id} ({call.name}):", *result.attachments]


def _said_messages(attachments: list[Part], said: list[list[Part] | SystemText]) -> list[ChatMessage]:
    if attachments:
        joins = bool(said) and isinstance(said[0], list)
        said = [attachments + said[0], *said[1:]] if joins and isinstance(said[0], list) else [attachments, *said]
    return [
        {"role": "system", "content": item.text}
        if isinstance(item, SystemText)
        else {"role": "user", "content": _user_content(item)}
        for item in said
    ]


def _user_content(parts: list[Part]) -> str | list[dict[str, Any]]:
    """One string where there are only texts: many servers take nothing else, and it means the same to all of them."""
    texts = texts_of(parts)
    if len(texts) == len(parts):
        return BETWEEN_TEXTS.join(texts)
    return [{"type": "text", "text": part} if isinstance(part, str) else part for part in parts]
