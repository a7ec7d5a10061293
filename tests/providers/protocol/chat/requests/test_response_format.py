"""Structured answers."""

from __future__ import annotations

from typing import Any

import pytest

from providers.protocol.chat.capabilities import Capabilities, ResponseFormat, SchemaDialect
from tests.providers.protocol.chat.requests.converting import chat, notes, refusal

SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}},
    "required": ["title"],
    "additionalProperties": False,
}
LOOSE_SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}}


def wanted(schema: dict[str, Any]) -> dict[str, Any]:
    return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}


@pytest.mark.parametrize(("schema", "strict"), [(SCHEMA, {"strict": True}), (LOOSE_SCHEMA, {})])
def test_a_schema_is_sent_and_strict_where_it_may_be(schema: dict[str, Any], strict: dict[str, Any]) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, **strict}}
    assert chat(**wanted(schema))["response_format"] == form
    older = {"output_format": {"type": "json_schema", "schema": schema}}
    assert chat(**older)["response_format"] == form


def test_gemini_gets_its_own_kind_of_schema() -> None:
    form = chat(Capabilities(schema_dialect=SchemaDialect.GEMINI), **wanted(SCHEMA))["response_format"]
    expected = {name: value for name, value in SCHEMA.items() if name != "additionalProperties"}
    assert form["json_schema"] == {"name": "answer", "schema": expected}


def test_where_only_json_can_be_asked_for_the_schema_is_put_into_words() -> None:
    capabilities = Capabilities(response_format=ResponseFormat.JSON_OBJECT)
    sent = chat(capabilities, system="Be brief.", **wanted(LOOSE_SCHEMA))
    assert sent["response_format"] == {"type": "json_object"}
    system = sent["messages"][0]["content"]
    assert system.startswith("Be brief.\n\nAnswer with one JSON value")
    assert system.endswith('{"type":"object","properties":{"title":{"type":"string"}}}')
    assert notes(capabilities, **wanted(SCHEMA)) == (
        "an answer by a schema is not supported by this model: asked for JSON, and for the schema in words",
    )


def test_where_nothing_can_be_asked_for_words_have_to_do() -> None:
    capabilities = Capabilities(response_format=ResponseFormat.NONE)
    sent = chat(capabilities, **wanted(SCHEMA))
    assert "response_format" not in sent
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    assert notes(capabilities, **wanted(SCHEMA)) == (
        "an answer by a schema is not supported by this model: asked for in words only",
    )


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"type": "xml"}, "output_config.format.type: Input should be 'json_schema'"),
        ({"type": "json_schema"}, "output_config.format.schema: Input should be a valid dictionary"),
        ({"type": "json_schema", "schema": 5}, "output_config.format.schema: Input should be a valid dictionary"),
        ("json", "output_config.format: Input should be a valid dictionary"),
    ],
)
def test_a_malformed_format_is_refused_with_its_place(form: Any, words: str) -> None:
    assert refusal(output_config={"format": form}) == words
