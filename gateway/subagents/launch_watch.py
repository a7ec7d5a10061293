"""Watches an answer on its way to the client for the tool calls that start subagents.

It gets each chunk before the client does, so that a launch is known before the agent can call. A stream of events is
searched as it passes; an answer that is one JSON document is read as soon as it is complete. A content encoding is
undone for the watcher alone. An answer that cannot be read starts no agent that the client could start either.
"""

from __future__ import annotations

from collections.abc import Callable

from requestlog.content_encoding import ContentDecoder, UndecodableContent
from routing.identification.spawns import Spawn, SpawnWatcher, spawns_in

MAX_DOCUMENT_BYTES = 64 << 20
_JSON_BEGINS_WITH = (b"{", b"[")


class LaunchWatch:
    """For one answer, from its first chunk on. `note` is called for each launch."""

    def __init__(self, content_encoding: str, note: Callable[[Spawn], None]) -> None:
        self._note = note
        self._decoder: ContentDecoder | None = None
        self._read: Callable[[bytes], list[Spawn]] = self._read_first
        if content_encoding:
            self._decode_from_now_on(content_encoding)

    def feed(self, chunk: bytes) -> None:
        """`chunk` as it goes to the client. Never raises."""
        if self._decoder is not None:
            chunk = self._decoded(chunk, self._decoder)
        for spawn in self._read(chunk):
            self._note(spawn)

    def _read_first(self, chunk: bytes) -> list[Spawn]:
        begin = chunk.lstrip()[:1]
        if begin:
            self._read = _Document().feed if begin in _JSON_BEGINS_WITH else SpawnWatcher().feed
        return self._read(chunk) if begin else []

    def _decode_from_now_on(self, content_encoding: str) -> None:
        try:
            self._decoder = ContentDecoder(content_encoding)
        except UndecodableContent:
            self._read = _read_nothing

    def _decoded(self, chunk: bytes, decoder: ContentDecoder) -> bytes:
        try:
            return decoder.feed(chunk)
        except UndecodableContent:
            self._decoder, self._read = None, _read_nothing
            return b""


class _Document:
    """A JSON document in parts. One that is longer than any message is not read."""

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, chunk: bytes) -> list[Spawn]:
        if len(self._received) <= MAX_DOCUMENT_BYTES:
            self._received += chunk
        may_be_complete = chunk[-64:].rstrip().endswith(b"}")
        spawns = spawns_in(bytes(self._received)) if may_be_complete else []
        if spawns:
            self._received.clear()
        return spawns


def _read_nothing(chunk: bytes) -> list[Spawn]:
    return []
