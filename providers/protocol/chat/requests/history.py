"""The messages of a request as chat messages.

Strategy: messages are read in order and gathered into rounds (see `rounds`); a round is written when the assistant
speaks again. Messages of one role in a row fall together on the way, as they do in the Messages API itself, and empty
ones vanish. Within a round, results find their calls by id; what finds no partner (clients edit and compact their
histories) is repaired so that nothing that was said is lost: a result without a call becomes a text of the user, a call
without a result gets one that says so, several results of one call become one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from providers.protocol.chat.requests.assistant import AssistantContent, convert_assistant
from providers.protocol.chat.requests.blocks import convert_block, convert_blocks
from providers.protocol.chat.requests.conversion import (
    BETWEEN_TEXTS,
    Block,
    ChatMessage,
    Conversion,
    inner_blocks,
    is_blank,
    text_field,
    texts_of,
)
from providers.protocol.chat.requests.reading import Fields, refuse
from providers.protocol.chat.requests.rounds import Round, chat_messages
from providers.protocol.chat.requests.tool_results import ToolResult, convert_tool_result


class Message(msgspec.Struct):
    role: str
    content: str | list[dict[str, Any]] | None = None


_decode_messages = msgspec.json.Decoder(list[Message])
_REMINDER = "<system-reminder>"


def read_messages(fields: Fields) -> list[Message]:
    """The request's messages. Raises `InvalidRequest`."""
    messages = fields.read("messages", _decode_messages)
    if messages is None:
        refuse("messages", "Field required")
    if not messages:
        refuse("messages", "at least one message is required")
    return messages


def convert_messages(conversion: Conversion, messages: list[Message]) -> list[ChatMessage]:
    """The chat messages behind the system prompt. Raises `InvalidRequest`."""
    history = _History(conversion)
    for index, message in enumerate(messages):
        history.add(message, f"messages.{index}")
    converted = history.finished()
    if not converted:
        refuse("messages", "at least one message must have content")
    return converted


class _History:
    def __init__(self, conversion: Conversion) -> None:
        self._conversion = conversion
        self._written: list[ChatMessage] = []
        self._round = Round()

    def add(self, message: Message, path: str) -> None:
        add = self._ROLES.get(message.role)
        if add is None:
            refuse(f"{path}.role", "Input should be 'user', 'assistant' or 'system'")
        if message.content is None and message.role != "system":
            refuse(f"{path}.content", "Field required")
        add(self, inner_blocks(message.content, f"{path}.content"), f"{path}.content")

    def finished(self) -> list[ChatMessage]:
        return self._written + chat_messages(self._conversion, self._round)

    def _add_assistant(self, blocks: list[Block], path: str) -> None:
        content = AssistantContent() if self._round.answered else self._round.assistant
        convert_assistant(self._conversion, blocks, content, path)
        if self._round.answered and not content.is_empty:
            self._written += chat_messages(self._conversion, self._round)
            self._round = Round(content)

    def _add_system(self, blocks: list[Block], path: str) -> None:
        text = BETWEEN_TEXTS.join(texts_of(convert_blocks(self._conversion, blocks, path)))
        if is_blank(text):
            return
        if self._conversion.capabilities.mid_conversation_system:
            self._round.say_system(text)
        else:
            self._round.say([text if text.lstrip().startswith(_REMINDER) else _reminder(text)])

    def _add_user(self, blocks: list[Block], path: str) -> None:
        for index, block in enumerate(blocks):
            place = f"{path}.{index}"
            if block.get("type") == "tool_result":
                self._add_result(block, place)
            elif parts := convert_block(self._conversion, block, place):
                self._round.say(parts)

    def _add_result(self, block: Block, path: str) -> None:
        tool_use_id = text_field(block, "tool_use_id", path)
        result = convert_tool_result(self._conversion, block, path)
        call = self._round.assistant.call_for(tool_use_id)
        if call is None:
            self._say_result(tool_use_id, result, path)
            return
        self._round.answered = True
        call.results.append(result)

    def _say_result(self, tool_use_id: str, result: ToolResult, path: str) -> None:
        problem = f"{path}: no call {tool_use_id} stands before this result: sent as a user's text"
        as_text = "tool calls and results of the history are sent as text: this model takes no tools"
        self._conversion.notes.add(problem if self._conversion.capabilities.tools else as_text)
        self._round.say([f"[result of the tool call {tool_use_id}]\n{result.text}", *result.attachments])

    _ROLES: dict[str, Callable[[_History, list[Block], str], None]] = {
        "user": _add_user,
        "assistant": _add_assistant,
        "system": _add_system,
    }


def _reminder(text: str) -> str:
    return f"{_REMINDER}\n{text}\n</system-reminder>"
