"""Watches a parent's answer for the tool calls that start subagents.

Strategy: nearly every chunk of a stream holds no tool call, so whole lines are only searched for one short marker, and
the line that a chunk ends in waits for its rest. In JSON a quotation mark inside a string is escaped: the marker never
stands in a text. Where it stands, lines are read, until the tool call has ended or shown itself to be another tool's.
An event is one `data:` line, as the API and this gateway's conversion write it; its name does not matter, since its
JSON repeats it.

A stream that cannot be read starts nothing that the client could start either: it is passed over, never an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from routing.identification.contents import UNREADABLE, read_json, whole_characters
from routing.identification.prompts import prompt_digest

SPAWNING_TOOLS = frozenset({"Agent", "Task"})
"""The tool's name since 2.1.63 or so, and the one before, which the client still takes."""
GENERAL_PURPOSE = "general-purpose"
"""What the client starts where no `subagent_type` is given, or an empty one."""

_MARKER = b'"tool_use"'


@dataclass(frozen=True, slots=True)
class Spawn:
    """A subagent that the client is about to start. `name` is as the model wrote it: the client forgives its case."""

    name: str
    prompt_digest: str
    description: str = ""


class _Block(msgspec.Struct):
    type: str = ""
    name: str = ""
    input: msgspec.Raw = msgspec.Raw()


class _Delta(msgspec.Struct):
    partial_json: str = ""


class _Event(msgspec.Struct):
    type: str = ""
    index: int = 0
    content_block: _Block | None = None
    delta: _Delta | None = None


class _Message(msgspec.Struct):
    content: list[_Block] | None = None


@dataclass(slots=True)
class _ToolCall:
    whole: bytes
    """The input that the block began with: `{}` as a rule, since the input follows in parts."""
    parts: list[str] = field(default_factory=list)

    @property
    def input(self) -> bytes:
        return "".join(self.parts).encode() or self.whole


_decode_event = msgspec.json.Decoder(_Event).decode
_decode_message = msgspec.json.Decoder(_Message).decode


class SpawnWatcher:
    """For one stream, from its first chunk on; a chunk may begin and end anywhere."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._open: dict[int, _ToolCall] = {}
        """The calls that are being written, by the index of their block."""
        self._is_idle = True
        """Between lines and outside of calls: one attribute to ask instead of two, on each chunk of each stream."""

    def feed(self, chunk: bytes) -> list[Spawn]:
        """The subagents whose tool call `chunk` completes."""
        if self._is_idle and _MARKER not in chunk and chunk.endswith(b"\n"):
            return []
        spawns = self._read_lines(self._complete_lines(chunk))
        self._is_idle = not self._line and not self._open
        return spawns

    def _read_lines(self, lines: bytes) -> list[Spawn]:
        if not self._open and _MARKER not in lines:
            return []
        data = [line[5:] for line in lines.replace(b"\r", b"\n").split(b"\n") if line.startswith(b"data:")]
        return [spawn for event in data if (spawn := self._read(event)) is not None]

    def _complete_lines(self, chunk: bytes) -> bytes:
        waiting = len(self._line)
        self._line += chunk
        end = 1 + max(self._line.rfind(b"\n", waiting), self._line.rfind(b"\r", waiting))
        lines = bytes(self._line[:end])
        del self._line[:end]
        return lines

    def _read(self, data: bytes) -> Spawn | None:
        try:
            event = _decode_event(data)
        except UNREADABLE:
            return None
        if event.type == "content_block_start" and event.content_block is not None:
            if _starts_subagent(event.content_block):
                self._open[event.index] = _ToolCall(bytes(event.content_block.input))
        elif event.type == "content_block_delta" and event.delta is not None and event.index in self._open:
            self._open[event.index].parts.append(event.delta.partial_json)
        elif event.type == "content_block_stop" and event.index in self._open:
            return _spawn(self._open.pop(event.index).input)
        return None


def spawns_in(message: bytes) -> list[Spawn]:
    """The subagents that a whole message starts, as it is answered without streaming."""
    if _MARKER not in message:
        return []
    try:
        blocks = _decode_message(message).content or []
    except UNREADABLE:
        return []
    found = [_spawn(bytes(block.input)) for block in blocks if _starts_subagent(block)]
    return [spawn for spawn in found if spawn is not None]


def _starts_subagent(block: _Block) -> bool:
    return block.type == "tool_use" and block.name in SPAWNING_TOOLS


def _spawn(tool_input: bytes) -> Spawn | None:
    """None for an input that the client refuses: without a prompt, say, or cut off."""
    call = read_json(tool_input)
    prompt = call.get("prompt") if isinstance(call, dict) else None
    if not isinstance(prompt, str):
        return None
    name, description = call.get("subagent_type"), call.get("description")
    return Spawn(
        name=whole_characters(name) if isinstance(name, str) and name else GENERAL_PURPOSE,
        prompt_digest=prompt_digest(prompt),
        description=whole_characters(description) if isinstance(description, str) else "",
    )
