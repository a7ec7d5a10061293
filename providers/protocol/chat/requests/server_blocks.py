"""Blocks of tools that Anthropic's servers run, as they stand in the history of a conversation that began there.

Another provider knows neither these tools nor their encrypted results. What can be read of them is told to the model as
text: what was called with which input, and each text that the result holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from providers.protocol.chat.requests.conversion import BETWEEN_TEXTS, Block, Conversion, Part, encode_json, is_blank

CALLS = frozenset({"server_tool_use", "mcp_tool_use"})
SERVER_BLOCKS = CALLS | {
    "web_search_tool_result",
    "web_fetch_tool_result",
    "advisor_tool_result",
    "code_execution_tool_result",
    "bash_code_execution_tool_result",
    "text_editor_code_execution_tool_result",
    "tool_search_tool_result",
    "mcp_tool_result",
    "compaction",
    "container_upload",
}
_READABLE = ("title", "url", "context", "text", "content", "source", "data", "stdout", "stderr", "lines", "error_code")
"""Fields of results that a model can make sense of; the others are types, ids, encrypted or binary data."""
_BINARY = frozenset({"base64", "file"})


def convert_server_block(conversion: Conversion, block: Block, path: str) -> list[Part]:
    """The block's text, if it has any."""
    kind = block["type"]
    text = _call(block) if kind in CALLS else BETWEEN_TEXTS.join(_result(conversion, block.get("content")))
    if is_blank(text):
        conversion.notes.add(f"blocks of the type `{kind}` left out, the first at {path}", about=f"left out {kind}")
        return []
    conversion.notes.add(f"blocks of the type `{kind}` sent as text, the first at {path}", about=f"as text {kind}")
    return [text if kind in CALLS or kind == "compaction" else f"[{kind}]\n{text}"]


def _call(block: Block) -> str:
    name = ".".join(str(block[field]) for field in ("server_name", "name") if block.get(field))
    return f"[{block['type']} {name}: {encode_json(block.get('input')).decode()}]"


def _result(conversion: Conversion, content: Any) -> Iterator[str]:
    yield from _readable_texts(content)
    for name in _references(content):
        yield conversion.loaded_tool(name)


def _readable_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if not is_blank(value):
            yield value
    elif isinstance(value, list):
        for item in value:
            yield from _readable_texts(item)
    elif isinstance(value, dict):
        yield from _texts_of_object(value)


def _texts_of_object(value: dict[str, Any]) -> Iterator[str]:
    if value.get("type") in _BINARY:
        return
    for name in _READABLE:
        yield from _readable_texts(value.get(name))


def _references(content: Any) -> Iterator[str]:
    """The names of the tools that a tool search has found."""
    references = content.get("tool_references") if isinstance(content, dict) else None
    for reference in references if isinstance(references, list) else ():
        if isinstance(reference, dict) and isinstance(name := reference.get("tool_name"), str):
            yield name
