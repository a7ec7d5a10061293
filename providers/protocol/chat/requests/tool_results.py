"""`tool_result` blocks: a text for the `tool` message, and what such a message cannot hold.

A `tool` message of the Chat Completions format takes text only and knows no failure. So the images and files of a
result are handed back apart, for a user message behind the results, and a failed call says so in its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from providers.protocol.chat.requests.blocks import convert_blocks
from providers.protocol.chat.requests.conversion import (
    BETWEEN_TEXTS,
    Block,
    Conversion,
    Part,
    inner_blocks,
    is_blank,
    texts_of,
)

_SAYS_ERROR = re.compile(r"\W*(?:tool_use_)?error\b", re.IGNORECASE)
"""Texts that already begin with it, as Claude Code's `<tool_use_error>`."""
NO_OUTPUT = "(no output)"
INTERRUPTED = "(no result: the call was interrupted)"


@dataclass(frozen=True, slots=True)
class ToolResult:
    text: str
    attachments: list[dict[str, Any]] = field(default_factory=list)


def convert_tool_result(conversion: Conversion, block: Block, path: str) -> ToolResult:
    """The result of one call. Raises `InvalidRequest`."""
    content = block.get("content")
    if isinstance(content, str):
        parts: list[Part] = [] if is_blank(content) else [content]
    else:
        parts = convert_blocks(conversion, inner_blocks(content, f"{path}.content"), f"{path}.content")
    attachments = [part for part in parts if not isinstance(part, str)]
    text = BETWEEN_TEXTS.join(texts_of(parts)) or ("(see the next message)" if attachments else NO_OUTPUT)
    return ToolResult(_marked(text) if block.get("is_error") is True else text, attachments)


def merged(results: list[ToolResult]) -> ToolResult:
    """Several results for one call as one."""
    if len(results) == 1:
        return results[0]
    return ToolResult(
        BETWEEN_TEXTS.join(result.text for result in results),
        [attachment for result in results for attachment in result.attachments],
    )


def _marked(text: str) -> str:
    return text if _SAYS_ERROR.match(text) else f"Error: {text}"
