"""Assistant messages: their text, their tool calls, and the reasoning that belongs to this format.

Thinking is never sent on as text. A block without a signature is one that the gateway itself made from a Chat
Completions model's reasoning, and goes back to where it came from; a signed one is for Anthropic's models alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from providers.protocol.chat.capabilities import ReasoningHistory
from providers.protocol.chat.context import ThoughtSignatures
from providers.protocol.chat.requests.blocks import convert_block
from providers.protocol.chat.requests.conversion import (
    BETWEEN_TEXTS,
    Block,
    Conversion,
    encode_json,
    is_blank,
    text_field,
)
from providers.protocol.chat.requests.reading import refuse
from providers.protocol.chat.requests.tool_results import ToolResult
from providers.protocol.chat.tool_ids import to_upstream


@dataclass(slots=True)
class ToolCall:
    """A call, `name` as it is sent. `signature` is Gemini's, where one is known."""

    id: str
    name: str
    arguments: str
    signature: str = ""
    results: list[ToolResult] = field(default_factory=list)


@dataclass(slots=True)
class AssistantContent:
    """What one or more assistant messages in a row come to. `waiting` are the calls by the ids that the client uses."""

    texts: list[str] = field(default_factory=list)
    """The text in pieces, with what stands between them."""
    reasoning: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    waiting: dict[str, deque[ToolCall]] = field(default_factory=dict)
    continues: bool = False
    """Whether the text broke off in mid-sentence: the API cuts a text into blocks where its citations begin and end."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it can be sent: reasoning alone is no message."""
        return not (self.texts or self.calls)

    def add_text(self, text: str, cited: bool = False) -> None:
        if self.texts and not (cited or self.continues):
            self.texts.append(BETWEEN_TEXTS)
        self.texts.append(text)
        self.continues = cited

    def call_for(self, tool_use_id: str) -> ToolCall | None:
        """The call that a result is for: the first of this id that has none yet, else the last of them."""
        waiting = self.waiting.get(tool_use_id)
        if not waiting:
            return None
        if waiting[0].results and len(waiting) > 1:
            waiting.popleft()
        return waiting[0]


def convert_assistant(conversion: Conversion, blocks: list[Block], content: AssistantContent, path: str) -> None:
    """Add a message's blocks to `content`. Raises `InvalidRequest`."""
    content.continues = False
    for index, block in enumerate(blocks):
        kind = block.get("type")
        converter = _CONVERTERS.get(kind, _add_other) if isinstance(kind, str) else _add_other
        converter(conversion, block, content, f"{path}.{index}")


def _add_text(conversion: Conversion, block: Block, content: AssistantContent, path: str) -> None:
    text = text_field(block, "text", path)
    if is_blank(text):
        content.continues = False
    else:
        content.add_text(text, cited=bool(block.get("citations")))


def _add_call(conversion: Conversion, block: Block, content: AssistantContent, path: str) -> None:
    declared_id, name = text_field(block, "id", path), text_field(block, "name", path)
    arguments = block.get("input")
    if not isinstance(arguments, dict):
        refuse(f"{path}.input", "Field required" if arguments is None else "Input should be a valid dictionary")
    conversion.loaded_tools.add(name)
    sent_name, text = conversion.names.sent(name), encode_json(arguments).decode()
    if not conversion.capabilities.tools:
        content.add_text(f"[called the tool {name} ({declared_id}): {text}]")
        return
    call = ToolCall(_unused_id(conversion, declared_id), sent_name, text, _signature(conversion, declared_id))
    content.calls.append(call)
    content.waiting.setdefault(declared_id, deque()).append(call)


def _unused_id(conversion: Conversion, declared_id: str) -> str:
    """The id as the model gave it: some depend on its form. Only one that a call before has used is changed."""
    sent_id = to_upstream(declared_id)
    if sent_id in conversion.used_tool_ids:
        number = len(conversion.used_tool_ids)
        while f"{sent_id}_{number}" in conversion.used_tool_ids:
            number += 1
        conversion.notes.add(f"the id of a tool call is used twice: {declared_id} → {sent_id}_{number}")
        sent_id = f"{sent_id}_{number}"
    conversion.used_tool_ids.update((declared_id, sent_id))
    return sent_id


def _signature(conversion: Conversion, declared_id: str) -> str:
    if not conversion.capabilities.thought_signatures or conversion.signatures is None:
        return ""
    signature = conversion.signatures.of(declared_id)
    return "" if signature == ThoughtSignatures.SKIP_VALIDATION else signature


def _add_thinking(conversion: Conversion, block: Block, content: AssistantContent, path: str) -> None:
    thinking = block.get("thinking")
    if block.get("signature"):
        conversion.notes.add("thinking of another provider's model in the history is left out")
    elif conversion.capabilities.reasoning_history is ReasoningHistory.DROP:
        conversion.notes.add("thinking of earlier turns is not sent back to this model")
    elif isinstance(thinking, str) and not is_blank(thinking):
        content.reasoning.append(thinking)


def _drop_redacted(conversion: Conversion, block: Block, content: AssistantContent, path: str) -> None:
    conversion.notes.add("redacted thinking in the history is left out: only Anthropic's models can read it")


def _add_other(conversion: Conversion, block: Block, content: AssistantContent, path: str) -> None:
    """An assistant message takes nothing but text."""
    for part in convert_block(conversion, block, path):
        if isinstance(part, str):
            content.add_text(part)
        else:
            conversion.notes.add(f"{path}: the provider takes no {block['type']} in an assistant message: left out")


_CONVERTERS: dict[str, Callable[[Conversion, Block, AssistantContent, str], Any]] = {
    "text": _add_text,
    "tool_use": _add_call,
    "thinking": _add_thinking,
    "redacted_thinking": _drop_redacted,
}
