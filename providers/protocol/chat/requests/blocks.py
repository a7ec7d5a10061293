"""Content blocks of user messages, tool results and documents, as parts of a chat message.

Strategy: one converter for each `type`, looked up in a table; each gives a list of parts. A block that a provider
cannot take leaves a text in its place where that is honest (an image), or the request is refused with a text that names
the block (a PDF that nobody can read): what the model does not see, it must not be thought to have seen.
"""

from __future__ import annotations

from collections.abc import Callable

from providers.protocol.chat.requests.conversion import (
    BETWEEN_TEXTS,
    Block,
    Conversion,
    Part,
    inner_blocks,
    is_blank,
    optional_text,
    text_field,
    texts_of,
)
from providers.protocol.chat.requests.documents import convert_document, enclosed
from providers.protocol.chat.requests.images import convert_image
from providers.protocol.chat.requests.reading import refuse
from providers.protocol.chat.requests.server_blocks import SERVER_BLOCKS, convert_server_block


def convert_block(conversion: Conversion, block: Block, path: str) -> list[Part]:
    """The parts that a block becomes; none for one that is empty. Raises `InvalidRequest`."""
    kind = block.get("type")
    if not isinstance(kind, str):
        refuse(f"{path}.type", "Field required" if kind is None else "Input should be a valid string")
    return _CONVERTERS.get(kind, _convert_unknown)(conversion, block, path)


def convert_blocks(conversion: Conversion, blocks: list[Block], path: str) -> list[Part]:
    """The parts of all `blocks`, which stand in the list at `path`."""
    return [part for index, block in enumerate(blocks) for part in convert_block(conversion, block, f"{path}.{index}")]


def _convert_text(conversion: Conversion, block: Block, path: str) -> list[Part]:
    text = text_field(block, "text", path)
    return [] if is_blank(text) else [text]


def _convert_document(conversion: Conversion, block: Block, path: str) -> list[Part]:
    _note_citations(conversion, block)
    return convert_document(conversion, block, path, convert_blocks)


def _convert_search_result(conversion: Conversion, block: Block, path: str) -> list[Part]:
    _note_citations(conversion, block)
    content = convert_blocks(conversion, inner_blocks(block.get("content"), f"{path}.content"), f"{path}.content")
    heading = {"title": optional_text(block, "title"), "source": optional_text(block, "source")}
    return [enclosed("search_result", heading, BETWEEN_TEXTS.join(texts_of(content)))]


def _note_citations(conversion: Conversion, block: Block) -> None:
    citations = block.get("citations")
    if isinstance(citations, dict) and citations.get("enabled") is True:
        conversion.notes.add("citations are not supported by this provider: the answer has none")


def _convert_tool_reference(conversion: Conversion, block: Block, path: str) -> list[Part]:
    return [conversion.loaded_tool(text_field(block, "tool_name", path))]


def _convert_tool_addition(conversion: Conversion, block: Block, path: str) -> list[Part]:
    """A system message's word that a tool of the request may be used from here on."""
    tool = block.get("tool")
    if isinstance(tool, dict) and tool.get("type") == "tool_reference":
        return [conversion.loaded_tool(text_field(tool, "name", f"{path}.tool"))]
    return _convert_unknown(conversion, block, path)


def _refuse_tool_use(conversion: Conversion, block: Block, path: str) -> list[Part]:
    refuse(path, "`tool_use` blocks can only be in `assistant` messages")


def _refuse_tool_result(conversion: Conversion, block: Block, path: str) -> list[Part]:
    refuse(path, "`tool_result` blocks can only stand directly in `user` messages")


def _drop_thinking(conversion: Conversion, block: Block, path: str) -> list[Part]:
    conversion.notes.add(f"{path}: thinking outside of an assistant message left out", about="misplaced thinking")
    return []


def _convert_unknown(conversion: Conversion, block: Block, path: str) -> list[Part]:
    """A block of a newer API: its text where it has one."""
    if text := optional_text(block, "text"):
        return [text]
    kind = block["type"]
    conversion.notes.add(f"blocks of the type `{kind}` left out, the first at {path}", about=f"unknown {kind}")
    return []


_CONVERTERS: dict[str, Callable[[Conversion, Block, str], list[Part]]] = {
    "text": _convert_text,
    "image": convert_image,
    "document": _convert_document,
    "search_result": _convert_search_result,
    "tool_reference": _convert_tool_reference,
    "tool_addition": _convert_tool_addition,
    "tool_use": _refuse_tool_use,
    "tool_result": _refuse_tool_result,
    "thinking": _drop_thinking,
    "redacted_thinking": _drop_thinking,
    **dict.fromkeys(SERVER_BLOCKS, convert_server_block),
}
