"""How the log stores a body: as pieces, of which the ones that come again are stored once.

A conversation repeats its whole history on each turn, so `split` cuts a request at the borders of its content blocks,
tools and system blocks. A cut is a range of the original bytes, never a re-serialised value: `join` gives back
exactly the bytes that came in. What is no JSON, or not of that shape, is one piece.

Packed form, in zstandard: a MessagePack list in which bytes are a piece itself and an integer is the id of a `Block`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec
import zstandard

SHARED_FROM_BYTES = 200
"""Smaller pieces stay in the body: a row, its hash and its index would cost more than they save."""

_BLOCKS_OF = frozenset({"content", "tool_calls", "reasoning_content"})
"""The keys of a message whose values come again: the Messages format has the first alone, Chat Completions all."""

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[int | bytes]).decode


_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


@dataclass(frozen=True, slots=True)
class Piece:
    content: bytes
    shared: bool


class _Zstandard(threading.local):
    """Contexts are costly to make and must not be used by two threads at once."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=3)
        self.decompressor = zstandard.ZstdDecompressor()


_zstandard = _Zstandard()


def compress(content: bytes) -> bytes:
    return _zstandard.compressor.compress(content)


def decompress(content: bytes) -> bytes:
    return _zstandard.decompressor.decompress(content)


def pack(references: list[int | bytes]) -> bytes:
    """`references` in order: the id of a block, or the piece itself."""
    return compress(_pack(references))


def join(packed: bytes, load_blocks: Callable[[list[int]], dict[int, bytes]]) -> bytes:
    """The body of a packed form; `load_blocks` turns ids into contents and raises where one is missing."""
    references = _unpack(decompress(packed))
    blocks = load_blocks([reference for reference in references if isinstance(reference, int)])
    return b"".join(reference if isinstance(reference, bytes) else blocks[reference] for reference in references)


def split(body: bytes) -> list[Piece]:
    """The pieces of a body, in order; joined they are the body. A body without messages is one piece."""
    try:
        return _split(body)
    except (ValueError, RecursionError):
        # No JSON, JSON nested without end, or a value that also occurs elsewhere, across a border of the request.
        return [Piece(body, shared=False)] if body else []


def _split(body: bytes) -> list[Piece]:
    found: list[Piece] = []
    end_of_last = 0
    for raw in _repeating_values(body):
        start = _find(body, raw, end_of_last)
        if start > end_of_last:
            found.append(Piece(body[end_of_last:start], shared=False))
        found.append(Piece(raw, shared=True))
        end_of_last = start + len(raw)
    if end_of_last < len(body):
        found.append(Piece(body[end_of_last:], shared=False))
    return found


def _repeating_values(body: bytes) -> Iterator[bytes]:
    """The values worth sharing, as raw JSON in the order in which they stand in the body."""
    for name, section in _decode_object(body).items():
        for value in _values_of_section(name, section):
            if len(memoryview(value)) >= SHARED_FROM_BYTES:
                yield bytes(value)


def _values_of_section(name: str, section: msgspec.Raw) -> Iterator[msgspec.Raw]:
    if name in ("system", "tools"):
        yield from _elements(section)
    elif name == "messages":
        for message in _elements(section):
            yield from _blocks(message)


def _find(body: bytes, raw: bytes, start: int) -> int:
    """Where `raw` next begins. Its first bytes decide nearly always: a search for all of it is slow."""
    beginning = raw[:32]
    start = body.index(beginning, start)
    while not body.startswith(raw, start):
        start = body.index(beginning, start + 1)
    return start


def _elements(raw: msgspec.Raw) -> list[msgspec.Raw]:
    """The elements of a JSON array; any other value is its own only element."""
    return _decode_list(raw) if memoryview(raw)[0] == ord("[") else [raw]


def _blocks(message: msgspec.Raw) -> list[msgspec.Raw]:
    """The content blocks and tool calls of a message, in their order; a value without any is one block."""
    try:
        fields = _decode_object(message)
    except msgspec.DecodeError:
        return [message]
    return [block for name in fields if name in _BLOCKS_OF for block in _elements(fields[name])] or [message]
