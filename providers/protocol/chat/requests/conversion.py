"""What the parts of one request's conversion share, and the vocabulary they use.

A *block* is a content block of the Messages API. A *part* is what becomes of it: a text stays a plain `str` for as
long as possible, and anything else is a content part of the Chat Completions format.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from providers.protocol.chat.capabilities import Capabilities
from providers.protocol.chat.context import ThoughtSignatures
from providers.protocol.chat.requests.notes import Notes
from providers.protocol.chat.requests.reading import refuse
from providers.protocol.chat.requests.tool_names import ToolNames

Block = dict[str, Any]
Part = str | dict[str, Any]
ChatMessage = dict[str, Any]
PdfReader = Callable[[bytes], str]
"""Takes a PDF, gives its text. Raises `ValueError` where it cannot be read."""

BETWEEN_TEXTS = "\n\n"
encode_json = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Conversion:
    """One request on its way. The last four fields are findings that are collected on the way."""

    capabilities: Capabilities
    notes: Notes
    names: ToolNames = field(default_factory=ToolNames)
    read_pdf: PdfReader | None = None
    signatures: ThoughtSignatures | None = None
    thinking_is_off: bool = False
    """Whether the client turned thinking off, in so many words."""
    loaded_tools: set[str] = field(default_factory=set)
    """Declared names of tools that the history has called or loaded by a search."""
    used_tool_ids: set[str] = field(default_factory=set)
    attachments: int = 0
    """Images and files that are sent."""
    attached_characters: int = 0
    """How many characters of the body are their data."""

    def attach(self, part: dict[str, Any], data: str) -> dict[str, Any]:
        """Count a part with an image or a file."""
        self.attachments += 1
        self.attached_characters += len(data)
        return part

    def loaded_tool(self, declared: str) -> str:
        """Take note that a tool was loaded in the course of the conversation, and say so to the model."""
        self.loaded_tools.add(declared)
        return f"The tool {self.names.sent(declared)} is available now."


def is_blank(text: str) -> bool:
    """The API itself and many providers refuse texts of nothing or of white space alone."""
    return not text or text.isspace()


def texts_of(parts: list[Part]) -> list[str]:
    return [part for part in parts if isinstance(part, str)]


def text_field(block: Block, name: str, path: str) -> str:
    """A text that a block must have. Raises `InvalidRequest`."""
    value = block.get(name)
    if isinstance(value, str):
        return value
    refuse(f"{path}.{name}", "Field required" if value is None else "Input should be a valid string")


def optional_text(block: Block, name: str) -> str:
    """A text that a block may have; empty where it has none."""
    value = block.get(name)
    return value if isinstance(value, str) and not is_blank(value) else ""


def inner_blocks(content: Any, path: str) -> list[Block]:
    """The content of a block that holds others: a text, a list of blocks or nothing. Raises `InvalidRequest`."""
    if content is None:
        return []
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if not isinstance(content, list):
        refuse(path, "Input should be a valid string or list")
    for index, block in enumerate(content):
        if not isinstance(block, dict):
            refuse(f"{path}.{index}", "Input should be a valid dictionary")
    return content
