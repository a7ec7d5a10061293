"""Checks a Chat Completions request against the `openai` SDK's own types.

The SDK's types are `TypedDict`s, which say nothing of unknown keys, with `Iterable`s, which pydantic reads only when
somebody iterates. So pydantic's schema of them is tightened before it is used: every list is read, every unknown key is
an error, and no value is converted (`"1"` is no number).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from openai.types.chat import completion_create_params
from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaValidator

_SHOWN_ERRORS = 12

EXTENSIONS: dict[str, tuple[str, ...]] = {
    "CompletionCreateParams": (
        *("top_k", "reasoning", "thinking", "enable_thinking", "thinking_budget", "chat_template_kwargs"),
    ),
    "ChatCompletionAssistantMessageParam": ("reasoning_content", "reasoning"),
    "ChatCompletionMessageFunctionToolCallParam": ("extra_content",),
}
"""What providers take beyond OpenAI's own format: the beginning of a type's name and the keys."""


def problems_of(body: bytes, extensions: Iterable[str] = ()) -> list[str]:
    """What OpenAI's API would refuse in a request's body, in words; `extensions` are the keys allowed beyond it."""
    try:
        _validator(frozenset(extensions)).validate_json(body, strict=True)
    except ValidationError as error:
        found = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()]
        return [*found[:_SHOWN_ERRORS], *(["…"] if len(found) > _SHOWN_ERRORS else [])]
    return []


@cache
def _validator(extensions: frozenset[str]) -> SchemaValidator:
    params = completion_create_params
    types = params.CompletionCreateParamsStreaming | params.CompletionCreateParamsNonStreaming
    return SchemaValidator(_tightened(TypeAdapter(types).core_schema, extensions))


def _tightened(schema: Any, extensions: frozenset[str]) -> Any:
    if isinstance(schema, list | tuple):
        return type(schema)(_tightened(part, extensions) for part in schema)
    if not isinstance(schema, dict):
        return schema
    tightened = {key: _tightened(value, extensions) for key, value in schema.items()}
    match schema.get("type"):
        case "generator":
            return tightened | {"type": "list"}
        case "typed-dict":
            return tightened | {"extra_behavior": "forbid", "fields": tightened["fields"] | _added(schema, extensions)}
    return tightened


def _added(schema: dict[str, Any], extensions: frozenset[str]) -> dict[str, Any]:
    name = schema["cls"].__name__
    known = {key for beginning, keys in EXTENSIONS.items() if name.startswith(beginning) for key in keys}
    field = {"type": "typed-dict-field", "schema": {"type": "any"}, "required": False}
    return dict.fromkeys(known & extensions, field)
