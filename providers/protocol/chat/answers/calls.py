"""Tells which tool call a delta belongs to.

Upstreams name a call by its index, by its id, by both or by neither, and some give every call the index 0. So a delta
is taken for a part of the call that it names, unless it clearly begins another one:

- a new id together with a name, or after the call's arguments were complete, is a new call; a new id alone is not, as
  some upstreams make one up for every chunk;
- another name is a new call; the same name is one if other arguments begin after complete ones. The same call once more
  is a repetition.

A delta that names no call goes on with the last one, or begins the next one if it has a name.
"""

from __future__ import annotations

from typing import Any

import msgspec

from providers.protocol.chat.answers.block_queue import BlockQueue
from providers.protocol.chat.answers.chunks import FunctionDelta, ToolCallDelta
from providers.protocol.chat.answers.content_blocks import EventSink
from providers.protocol.chat.answers.tool_block import CallSetting, ToolBlock

_NO_FUNCTION = FunctionDelta()
_LEGACY_INDEX = 0
_ARGUMENTS_BEGIN = ("{", '"{')


class Calls:
    """The tool calls of one answer."""

    def __init__(self, queue: BlockQueue, sink: EventSink, setting: CallSetting) -> None:
        self._queue = queue
        self._sink = sink
        self._setting = setting
        self._by_index: dict[int, ToolBlock] = {}
        self._by_id: dict[str, ToolBlock] = {}
        self._last: ToolBlock | None = None

    def take(self, deltas: list[ToolCallDelta], extra_content: Any) -> None:
        """The `tool_calls` of one chunk; `extra_content` is what Gemini adds to the delta that holds them."""
        signature = read_signature(extra_content)
        nameless_before = False
        for delta in deltas:
            is_nameless = delta.index is None and not delta.id
            block = self._take_one(delta, is_another=is_nameless and nameless_before)
            nameless_before = nameless_before or is_nameless
            if own := read_signature(delta.extra_content) or signature:
                block.add_signature(own)
            signature = ""

    def take_function_call(self, function: FunctionDelta) -> None:
        """A delta of the one call that there was before `tool_calls`."""
        self._take_one(ToolCallDelta(index=_LEGACY_INDEX, function=function), is_another=False)

    def _take_one(self, delta: ToolCallDelta, *, is_another: bool) -> ToolBlock:
        function = delta.function or _NO_FUNCTION
        name, arguments = function.name or "", _arguments_text(function)
        block = self._named_by(delta, name)
        if block is None or (is_another and name) or _begins_another(block, delta.id or "", name, arguments):
            block = ToolBlock(self._sink, self._setting)
            self._queue.append(block)
        self._learn(block, delta)
        block.add_name(name)
        if arguments:
            self._queue.touch(block)
            block.add_arguments(arguments)
        self._last = block
        return block

    def _named_by(self, delta: ToolCallDelta, name: str) -> ToolBlock | None:
        known = self._by_id.get(delta.id) if delta.id else None
        if known is not None and (delta.index is None or known.index in (None, delta.index)):
            return known
        if delta.index is not None and delta.index in self._by_index:
            return self._by_index[delta.index]
        return self._last if self._goes_on_with_the_last(delta, name) else None

    def _goes_on_with_the_last(self, delta: ToolCallDelta, name: str) -> bool:
        """Of a delta with an id or an index that is new."""
        last = self._last
        if last is None or (delta.index is not None and last.index is not None):
            return False
        if delta.index is None and not delta.id:
            return True
        return not name and not (delta.id and last.is_complete())

    def _learn(self, block: ToolBlock, delta: ToolCallDelta) -> None:
        if delta.index is not None and block.index is None:
            block.index = delta.index
        if delta.index is not None:
            self._by_index[delta.index] = block
        if delta.id and not block.upstream_id:
            block.upstream_id = delta.id
            self._by_id[delta.id] = block


def _begins_another(block: ToolBlock, upstream_id: str, name: str, arguments: str) -> bool:
    if upstream_id and block.upstream_id and upstream_id != block.upstream_id:
        return bool(name) or block.is_complete()
    if not name or not block.name:
        return False
    if name != block.name:
        return not upstream_id or upstream_id != block.upstream_id or block.is_complete()
    begins = arguments.lstrip().startswith(_ARGUMENTS_BEGIN)
    return begins and block.is_complete() and not block.repeats(arguments)


def _arguments_text(function: FunctionDelta) -> str:
    arguments = function.arguments
    return arguments or "" if not isinstance(arguments, dict) else msgspec.json.encode(arguments).decode()


def read_signature(extra_content: Any) -> str:
    """`{"google": {"thought_signature": …}}`; empty where there is none."""
    google = extra_content.get("google") if isinstance(extra_content, dict) else None
    signature = google.get("thought_signature") if isinstance(google, dict) else None
    return signature if isinstance(signature, str) else ""
