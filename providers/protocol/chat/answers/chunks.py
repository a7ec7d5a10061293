"""The chunks of a Chat Completions stream as typed values; a whole completion is read as one chunk.

Strategy: one typed decoder takes nearly every chunk and skips what nobody asks for. A chunk with a field of another
type than documented is taken apart by hand, each field for itself: what does not fit counts as absent, and a chunk is
never lost because of one odd field. Only texts that the next chunk goes on with may hold halves of characters. What
comes out of JSON has no cycles, so the garbage collector need not look at it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from providers.protocol.chat.answers import lenient_json
from providers.protocol.chat.answers.half_characters import without_halves


class FunctionDelta(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class ToolCallDelta(msgspec.Struct, gc=False):
    index: int | None = None
    id: str | None = None
    function: FunctionDelta | None = None
    extra_content: Any = None


class Delta(msgspec.Struct, gc=False):
    """`delta` of a chunk, or `message` of a completion. `content` is a text, or a list of parts."""

    content: str | list[Any] | None = None
    reasoning_content: str | list[Any] | None = None
    reasoning: str | list[Any] | None = None
    reasoning_details: list[Any] | None = None
    refusal: str | None = None
    tool_calls: list[ToolCallDelta] | None = None
    function_call: FunctionDelta | None = None
    extra_content: Any = None


class Choice(msgspec.Struct, gc=False):
    """`stop_reason` (vLLM) and `matched_stop` (SGLang) tell the stop sequence; Moonshot puts the usage here."""

    index: int | None = 0
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None
    stop_reason: Any = None
    matched_stop: Any = None
    error: Any = None
    usage: Any = None


class Chunk(msgspec.Struct, gc=False):
    """`choices` is None where the chunk has none, as an error has."""

    choices: list[Choice] | None = None
    usage: Any = None
    error: Any = None
    x_groq: Any = None

    @property
    def first_choice(self) -> Choice | None:
        """Only one answer is asked for, so only the choice with the index 0 is one."""
        for choice in self.choices or ():
            if not choice.index:
                return choice
        return None


_decode = msgspec.json.Decoder(Chunk).decode


def decode_chunk(data: bytes) -> Chunk:
    """The chunk that `data` holds; an empty one where it is JSON of another kind. Raises `NotJson`."""
    try:
        return _decode(data)
    except lenient_json.UNREADABLE:
        return _decode_leniently(data)


def _decode_leniently(data: bytes) -> Chunk:
    try:
        return _chunk(lenient_json.load_with_halves(data))
    except RecursionError as error:
        raise lenient_json.NotJson("the text is nested too deeply") from error


def groq_error(chunk: Chunk) -> Any:
    """Why Groq stopped the stream early, if it did."""
    return chunk.x_groq.get("error") if isinstance(chunk.x_groq, dict) else None


def _chunk(document: Any) -> Chunk:
    if not isinstance(document, dict):
        return Chunk(error=without_halves(_first_error(document)))
    choices = _dicts(document["choices"]) if "choices" in document else None
    return Chunk(
        choices=None if choices is None else [_choice(choice) for choice in choices],
        usage=document.get("usage"),
        error=without_halves(document.get("error")),
        x_groq=without_halves(document.get("x_groq")),
    )


def _first_error(document: Any) -> Any:
    """Gemini wraps an error into a list."""
    return next((item["error"] for item in _dicts(document) if item.get("error")), None)


def _choice(fields: dict[str, Any]) -> Choice:
    return Choice(
        index=_index(fields.get("index")),
        delta=_delta(fields.get("delta")),
        message=_delta(fields.get("message")),
        finish_reason=without_halves(_text(fields.get("finish_reason"))),
        stop_reason=without_halves(fields.get("stop_reason")),
        matched_stop=without_halves(fields.get("matched_stop")),
        error=without_halves(fields.get("error")),
        usage=fields.get("usage"),
    )


def _delta(fields: Any) -> Delta | None:
    if not isinstance(fields, dict):
        return None
    calls = fields.get("tool_calls")
    return Delta(
        content=_text_or_parts(fields.get("content")),
        reasoning_content=_text_or_parts(fields.get("reasoning_content")),
        reasoning=_text_or_parts(fields.get("reasoning")),
        reasoning_details=_dicts(fields.get("reasoning_details")),
        refusal=_text(fields.get("refusal")),
        tool_calls=[_tool_call(call) for call in _dicts(calls)],
        function_call=_function(fields.get("function_call")),
        extra_content=without_halves(fields.get("extra_content")),
    )


def _tool_call(fields: dict[str, Any]) -> ToolCallDelta:
    return ToolCallDelta(
        index=_index(fields.get("index")),
        id=without_halves(_text(fields.get("id"))),
        function=_function(fields.get("function")),
        extra_content=without_halves(fields.get("extra_content")),
    )


def _function(fields: Any) -> FunctionDelta | None:
    if not isinstance(fields, dict):
        return None
    name, arguments = without_halves(_text(fields.get("name"))), fields.get("arguments")
    if isinstance(arguments, list):
        arguments = msgspec.json.encode(without_halves(arguments)).decode()
    return FunctionDelta(name, without_halves(arguments) if isinstance(arguments, dict) else _text(arguments))


def _text_or_parts(value: Any) -> str | list[Any] | None:
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, dict) else _text(value)


def _text(value: Any) -> str | None:
    """A number stands for its digits: ids are written as such."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _index(value: Any) -> int | None:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value if type(value) is int else None


def _dicts(value: Any) -> list[dict[str, Any]]:
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, dict)]
