"""Completions and their streams as servers of the Chat Completions API write them.

A stream is a list of complete events in bytes, so that a test may put a gate or a cut between any two of them: a chunk
with the role, the deltas, a chunk with the finish reason, one with the usage and without choices, `[DONE]`. A tool call
begins with its id, its name and empty arguments; what follows carries its index alone.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.support.anthropic_stream import pieces

_numbers = itertools.count(1)
MODEL = "gpt-test-2026-06-01"
"""What the server calls itself, which is not the name under which it is asked for."""
DONE = b"data: [DONE]\n\n"


def next_id(prefix: str) -> str:
    return f"{prefix}Test{next(_numbers):08d}"


@dataclass(frozen=True)
class Usage:
    """Token counts. As in the API, `prompt_tokens` include the cached ones and `completion_tokens` the reasoning."""

    prompt_tokens: int = 20
    completion_tokens: int = 7
    cached: int = 0
    reasoning: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": self.cached, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": self.reasoning, "audio_tokens": 0},
        }


USUAL = Usage()


@dataclass(frozen=True)
class Text:
    text: str
    size: int = 7
    """Characters in each delta."""


@dataclass(frozen=True)
class Reasoning:
    """`key` is what the provider calls it: `reasoning_content` (DeepSeek, Qwen, vLLM) or `reasoning` (OpenRouter)."""

    text: str
    key: str = "reasoning_content"


@dataclass(frozen=True)
class Call:
    name: str
    arguments: dict[str, Any]
    id: str = field(default_factory=lambda: next_id("call_"))

    def whole(self) -> dict[str, Any]:
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": self._json}}

    def deltas(self, index: int) -> Iterator[dict[str, Any]]:
        yield {"index": index, **self.whole(), "function": {"name": self.name, "arguments": ""}}
        for piece in pieces(self._json):
            yield {"index": index, "function": {"arguments": piece}}

    @property
    def _json(self) -> str:
        return json.dumps(self.arguments, ensure_ascii=False)


Part = Text | Reasoning | Call


def finish_reason_of(parts: tuple[Part, ...]) -> str:
    return "tool_calls" if any(isinstance(part, Call) for part in parts) else "stop"


def completion(*parts: Part, usage: Usage = USUAL) -> dict[str, Any]:
    """A whole completion, as the API answers without streaming."""
    calls = [part.whole() for part in parts if isinstance(part, Call)]
    reasoning = {part.key: part.text for part in parts if isinstance(part, Reasoning)}
    content = "".join(part.text for part in parts if isinstance(part, Text)) or None
    message = {"role": "assistant", "content": content, "refusal": None} | reasoning
    if calls:
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason_of(parts)}
    head = {"id": next_id("chatcmpl-"), "object": "chat.completion", "created": 1_780_000_000, "model": MODEL}
    return {**head, "choices": [choice], "usage": usage.as_json(), "system_fingerprint": "fp_test"}


def stream(*parts: Part, usage: Usage | None = USUAL, interleaved: bool = False) -> list[bytes]:
    """The events of one completion. `interleaved`: the calls' arguments come in turns, as parallel decoding sends them.

    Without `usage` there is no usage chunk.
    """
    write = _Writer(with_usage=usage is not None)
    events = [write.delta(role="assistant", content="", refusal=None)]
    events += [write.delta(**fields) for part in parts for fields in _deltas(part)]
    events += [write.delta(tool_calls=[call]) for call in _calls(parts, interleaved)]
    events.append(write.finish(finish_reason_of(parts)))
    if usage:
        events.append(write.usage(usage))
    return [*events, DONE]


def data(payload: dict[str, Any]) -> bytes:
    """One event. Text is not escaped, as most servers send it: a character may be cut between two reads."""
    return b"data: " + json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


def error_event(text: str, kind: str = "server_error", code: Any = None) -> bytes:
    """An error in the middle of a stream, in the place of a chunk."""
    return data({"error": {"message": text, "type": kind, "param": None, "code": code}})


def _deltas(part: Part) -> Iterator[dict[str, Any]]:
    match part:
        case Text():
            return ({"content": piece} for piece in pieces(part.text, part.size))
        case Reasoning():
            return ({part.key: piece} for piece in pieces(part.text))
        case Call():
            return iter(())


def _calls(parts: tuple[Part, ...], interleaved: bool) -> Iterator[dict[str, Any]]:
    calls = [part.deltas(index) for index, part in enumerate(part for part in parts if isinstance(part, Call))]
    if not interleaved:
        return itertools.chain.from_iterable(calls)
    turns = itertools.chain.from_iterable(itertools.zip_longest(*calls))
    return (delta for delta in turns if delta is not None)


class _Writer:
    """Writes the chunks of one completion, which all carry the same head."""

    def __init__(self, with_usage: bool) -> None:
        head = {"id": next_id("chatcmpl-"), "object": "chat.completion.chunk", "created": 1_780_000_000, "model": MODEL}
        self._head = head | {"service_tier": "default", "system_fingerprint": "fp_test"}
        self._no_usage = {"usage": None} if with_usage else {}

    def delta(self, finish_reason: str | None = None, **fields: Any) -> bytes:
        choice = {"index": 0, "delta": fields, "logprobs": None, "finish_reason": finish_reason}
        return data({**self._head, "choices": [choice], **self._no_usage})

    def finish(self, reason: str) -> bytes:
        return self.delta(finish_reason=reason)

    def usage(self, usage: Usage) -> bytes:
        return data({**self._head, "choices": [], "usage": usage.as_json()})
