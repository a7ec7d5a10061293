"""What there is to count in a request: its texts, its images and its documents, wherever they stand.

Strategy: one walk over the decoded request, which passes over nothing that a model gets to read. Each kind of block has
a reader of its own; a block of a kind that is not known here is counted by its JSON, so that a new one costs accuracy
and never a request. Nothing is refused: whoever is sent the request will say what is wrong with it.

What messages and tools cost beside their texts is `framing`, by the numbers that OpenAI's cookbook gives for GPT-4o
("How to count tokens with tiktoken"): three tokens a message and one for its role, three before the answer, seven for
each tool and twelve at the end of their list. Other models frame in their own ways, of much the same length. Calls and
results of tools are messages of their own there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

Block = dict[str, Any]

_TOKENS_OF_A_MESSAGE = 4
_TOKENS_BEFORE_THE_ANSWER = 3
_TOKENS_OF_A_TOOL = 7
_TOKENS_OF_ALL_TOOLS = 12
_BILLING_BLOCK = "x-anthropic-billing-header:"
"""Begins a block that is for Anthropic's own accounting: no other provider is sent it."""

_decode = msgspec.json.Decoder(Block).decode
_encode = msgspec.json.Encoder().encode


@dataclass
class Countable:
    """`images` and `pdfs` hold base64 data, which is empty where the data are not in the request."""

    texts: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    pdfs: list[str] = field(default_factory=list)
    messages: int = 0
    tools: int = 0

    @property
    def framing(self) -> int:
        """In tokens."""
        tools = _TOKENS_OF_ALL_TOOLS + self.tools * _TOKENS_OF_A_TOOL if self.tools else 0
        return _TOKENS_BEFORE_THE_ANSWER + self.messages * _TOKENS_OF_A_MESSAGE + tools

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing but messages of one text each."""
        return not (self.images or self.pdfs or self.tools) and len(self.texts) == self.messages

    def add(self, text: object) -> None:
        """A text; anything else by its JSON."""
        if text is not None and text != "":
            self.texts.append(text if isinstance(text, str) else _as_json(text))


def read_countable(body: bytes) -> Countable:
    """What is to be counted in a Messages or count_tokens request; nothing in a body that is none."""
    request = _load(body)
    countable = Countable()
    _read_system(countable, request.get("system"))
    _read_tools(countable, request.get("tools"))
    for message in _items(request.get("messages")):
        _read_message(countable, message)
    output_format = _inner(request.get("output_config"), "format")
    countable.add(_inner(output_format, "schema"))
    return countable


def _read_system(countable: Countable, system: object) -> None:
    if system:
        countable.messages += 1
        kept = [block for block in _blocks(system) if not str(block.get("text")).startswith(_BILLING_BLOCK)]
        _read_blocks(countable, kept)


def _read_tools(countable: Countable, tools: object) -> None:
    for tool in _items(tools):
        countable.tools += 1
        countable.add(_without(tool, "cache_control", "defer_loading", "eager_input_streaming"))


def _read_message(countable: Countable, message: object) -> None:
    countable.messages += 1
    if isinstance(message, dict):
        _read_blocks(countable, _blocks(message.get("content")))
    else:
        countable.add(message)


def _read_blocks(countable: Countable, blocks: Iterable[Block]) -> None:
    for block in blocks:
        kind = block.get("type")
        reader = _READERS.get(kind, _read_unknown) if isinstance(kind, str) else _read_unknown
        reader(countable, block)


def _read_text(countable: Countable, block: Block) -> None:
    countable.add(block.get("text"))


def _read_thinking(countable: Countable, block: Block) -> None:
    countable.add(block.get("thinking"))  # its signature is a proof and no text


def _read_nothing(countable: Countable, block: Block) -> None:
    """Encrypted thinking, which only the model that wrote it can read."""


def _read_tool_use(countable: Countable, block: Block) -> None:
    countable.messages += 1
    countable.add(block.get("name"))
    countable.add(block.get("input"))


def _read_tool_result(countable: Countable, block: Block) -> None:
    countable.messages += 1
    _read_blocks(countable, _blocks(block.get("content")))


def _read_image(countable: Countable, block: Block) -> None:
    countable.images.append(_data_of(block.get("source")))


def _read_document(countable: Countable, block: Block) -> None:
    countable.add(block.get("title"))
    countable.add(block.get("context"))
    source = block.get("source")
    kind = _inner(source, "type")
    if kind == "text":
        countable.add(_inner(source, "data"))
    elif kind == "content":
        _read_blocks(countable, _blocks(_inner(source, "content")))
    else:
        countable.pdfs.append(_data_of(source))


def _read_unknown(countable: Countable, block: Block) -> None:
    countable.add(_without(block, "cache_control", "signature", "encrypted_content"))


_READERS: dict[str, Callable[[Countable, Block], None]] = {
    "text": _read_text,
    "thinking": _read_thinking,
    "redacted_thinking": _read_nothing,
    "tool_use": _read_tool_use,
    "server_tool_use": _read_tool_use,
    "mcp_tool_use": _read_tool_use,
    "tool_result": _read_tool_result,
    "mcp_tool_result": _read_tool_result,
    "image": _read_image,
    "document": _read_document,
}


def _blocks(content: object) -> list[Block]:
    """Content as blocks: it may be a text, a list of blocks, or something else that is counted by its JSON."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block if isinstance(block, dict) else {"type": "text", "text": block} for block in _items(content)]


def _items(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _inner(value: object, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _data_of(source: object) -> str:
    data = _inner(source, "data") if _inner(source, "type") == "base64" else ""
    return data if isinstance(data, str) else ""


def _without(value: object, *names: str) -> object:
    if not isinstance(value, dict):
        return value
    return {name: item for name, item in value.items() if name not in names}


def _as_json(value: object) -> str:
    return _encode(value).decode()


def _load(body: bytes) -> Block:
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _load_leniently(body)


def _load_leniently(body: bytes) -> Block:
    """The quick decoder refuses halves of surrogate pairs, which are JSON; they are replaced."""
    try:
        request = json.loads(json.dumps(json.loads(body), ensure_ascii=False).encode(errors="replace"))
    except (ValueError, RecursionError):
        return {}
    return request if isinstance(request, dict) else {}
