"""A structured answer: `output_config.format`, or `output_format` as older clients name it, as `response_format`.

Where a provider cannot hold an answer to a schema, the schema is put into words for the system prompt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from providers.protocol.chat.capabilities import Capabilities, ResponseFormat, SchemaDialect
from providers.protocol.chat.requests.conversion import encode_json
from providers.protocol.chat.requests.notes import Notes
from providers.protocol.chat.requests.reading import Fields, decode, refuse
from providers.protocol.chat.requests.schemas import GeminiSchemas
from providers.protocol.chat.requests.strict_schemas import is_strict

_NAME = "answer"
_WORDS = (
    "Answer with one JSON value that is valid against this JSON schema, and with nothing else: "
    "no text before or behind it, no code fence.\n"
)


class _Format(msgspec.Struct):
    type: str
    schema: msgspec.Raw = msgspec.Raw(b"null")


_decode_format = msgspec.json.Decoder(_Format)
_decode_schema = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class AnswerFormat:
    """What to send about the form of the answer: parameters, and words for the system prompt."""

    parameters: dict[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()


def convert_format(fields: Fields, output_config: Fields, capabilities: Capabilities, notes: Notes) -> AnswerFormat:
    """The form of the answer that the client asks for. Raises `InvalidRequest`."""
    path = "output_config.format"
    wanted = output_config.read("format", _decode_format)
    if wanted is None:
        path, wanted = "output_format", fields.read("output_format", _decode_format)
    if wanted is None:
        return AnswerFormat()
    if wanted.type != "json_schema":
        refuse(f"{path}.type", "Input should be 'json_schema'")
    schema = decode(_decode_schema, wanted.schema, f"{path}.schema")
    return _FORMS[capabilities.response_format](schema, wanted.schema, capabilities, notes)


def _by_schema(schema: dict[str, Any], raw: msgspec.Raw, capabilities: Capabilities, notes: Notes) -> AnswerFormat:
    if capabilities.schema_dialect is SchemaDialect.GEMINI:
        form: dict[str, Any] = {"name": _NAME, "schema": GeminiSchemas(schema).convert()}
    else:
        form = {"name": _NAME, "schema": raw} | ({"strict": True} if is_strict(schema) else {})
    return AnswerFormat({"response_format": {"type": "json_schema", "json_schema": form}})


def _by_object(schema: dict[str, Any], raw: msgspec.Raw, capabilities: Capabilities, notes: Notes) -> AnswerFormat:
    notes.add("an answer by a schema is not supported by this model: asked for JSON, and for the schema in words")
    return AnswerFormat({"response_format": {"type": "json_object"}}, _in_words(schema))


def _by_words(schema: dict[str, Any], raw: msgspec.Raw, capabilities: Capabilities, notes: Notes) -> AnswerFormat:
    notes.add("an answer by a schema is not supported by this model: asked for in words only")
    return AnswerFormat(words=_in_words(schema))


def _in_words(schema: dict[str, Any]) -> tuple[str, ...]:
    return (_WORDS + encode_json(schema).decode(),)


_FORMS: dict[ResponseFormat, Callable[[dict[str, Any], msgspec.Raw, Capabilities, Notes], AnswerFormat]] = {
    ResponseFormat.JSON_SCHEMA: _by_schema,
    ResponseFormat.JSON_OBJECT: _by_object,
    ResponseFormat.NONE: _by_words,
}
