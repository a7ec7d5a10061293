"""What a route may be chosen by. What is in the body is looked up when a criterion asks for it, and then once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec

from providers.protocol.model_names import without_context_suffix
from routing.identification.callers import CallKind
from routing.identification.contents import UNREADABLE, read_json

BYTES_PER_TOKEN = 4
_THINKING_IS_ON = ("enabled", "adaptive")


class _Thinking(msgspec.Struct):
    type: str = ""


class _Request(msgspec.Struct):
    thinking: _Thinking | None = None


_decode_request = msgspec.json.Decoder(_Request).decode


@dataclass(frozen=True)
class Call:
    """One request of a client. Texts are empty where nothing is known.

    `headers` have their names in lower case; `at` is in the time zone that times of day are meant in.
    """

    requested_model: str
    kind: CallKind
    subagent: str
    session_id: str
    client_key: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    tools_offered: int
    at: datetime

    @cached_property
    def model_name(self) -> str:
        """The requested model without Claude Code's `[1m]`."""
        return without_context_suffix(self.requested_model)

    @property
    def input_tokens(self) -> int:
        """An estimate by the size of the body: counting would cost more than a decision may."""
        return len(self.body) // BYTES_PER_TOKEN

    @property
    def has_tools(self) -> bool:
        return self.tools_offered > 0

    @cached_property
    def has_images(self) -> bool:
        """Whether a message holds an image, in a tool's result or a document too."""
        # Inside a text the quotation marks are escaped, so the first look is wrong about few requests.
        if b'"image"' not in self.body:
            return False
        request = read_json(self.body)
        messages = request.get("messages") if isinstance(request, dict) else None
        return any(block.get("type") == "image" for block in _blocks(messages))

    @cached_property
    def thinking(self) -> bool:
        if b'"thinking"' not in self.body:
            return False
        try:
            thinking = _decode_request(self.body).thinking
        except UNREADABLE:
            return _reads_as_thinking(read_json(self.body))
        return thinking is not None and thinking.type in _THINKING_IS_ON


def _reads_as_thinking(request: Any) -> bool:
    thinking = request.get("thinking") if isinstance(request, dict) else None
    return isinstance(thinking, dict) and thinking.get("type") in _THINKING_IS_ON


def _blocks(items: Any) -> Iterator[dict[str, Any]]:
    """Everything that messages hold, whatever it is in; not what a model wrote as a tool's input."""
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield item
            yield from _blocks(item.get("content"))
            source = item.get("source")
            yield from _blocks(source.get("content") if isinstance(source, dict) else None)
