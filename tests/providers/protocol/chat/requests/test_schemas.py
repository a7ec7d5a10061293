"""Tool parameters in Gemini's schema language."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.chat.requests.schemas import MAX_SCHEMAS, GeminiSchemas

ALLOWED = {
    *("type", "title", "description", "nullable", "default", "example", "enum", "format", "anyOf", "items"),
    *("properties", "required", "minProperties", "maxProperties", "propertyOrdering", "minItems", "maxItems"),
    *("minLength", "maxLength", "pattern", "minimum", "maximum"),
}
Schema = dict[str, Any]


def of(schema: Schema) -> Schema:
    """What becomes of a property with this schema."""
    converted = GeminiSchemas({"properties": {"p": schema}}).parameters()
    assert converted is not None
    found: Schema = converted["properties"]["p"]
    return found


def left_out(schema: Schema) -> set[str]:
    schemas = GeminiSchemas({"properties": {"p": schema}})
    schemas.parameters()
    return schemas.left_out


def test_what_gemini_knows_stays_as_it_is() -> None:
    schema = {
        "type": "object",
        "description": "d",
        "properties": {
            "s": {"type": "string", "enum": ["a", "b"], "description": "choose"},
            "n": {"type": "number", "minimum": 0, "maximum": 1.5},
            "l": {"type": "array", "items": {"type": "integer"}, "minItems": 1},
        },
        "required": ["s", "n"],
    }
    schemas = GeminiSchemas(schema)
    assert schemas.parameters() == schema
    assert schemas.left_out == set()


@pytest.mark.parametrize(
    ("schema", "converted"),
    [
        ({"const": "x"}, {"type": "string", "enum": ["x"]}),
        ({"enum": ["a", None, "b", ""]}, {"type": "string", "enum": ["a", "b"]}),
        ({"type": "integer", "enum": [1, 2]}, {"type": "integer", "description": "One of: 1, 2."}),
        ({"const": 5, "description": "Five."}, {"type": "number", "description": "Five. One of: 5."}),
        ({"type": ["string", "null"], "maxLength": 3}, {"type": "string", "nullable": True, "maxLength": 3}),
        ({"type": ["null"]}, {"type": "string", "nullable": True}),
        (
            {"type": ["string", "array"], "items": {"type": "number"}, "description": "d"},
            {
                "anyOf": [
                    {"type": "string", "description": "d"},
                    {"type": "array", "description": "d", "items": {"type": "number"}},
                ]
            },
        ),
        (
            {"anyOf": [{"type": "string", "format": "uri"}, {"type": "null"}], "description": "d", "default": None},
            {"type": "string", "nullable": True, "description": "d", "default": None},
        ),
        (
            {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}], "title": "T"},
            {"anyOf": [{"type": "string", "nullable": True}, {"type": "integer"}]},
        ),
        ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}),
        ({"type": "number", "exclusiveMaximum": 1.5}, {"type": "number", "maximum": 1.5}),
        ({"type": "number", "minimum": 1, "exclusiveMinimum": True}, {"type": "number", "minimum": 1}),
        ({"type": "string", "format": "date-time"}, {"type": "string", "format": "date-time"}),
        ({"type": "string", "format": "email"}, {"type": "string"}),
        ({"type": "string", "format": ["x"]}, {"type": "string"}),
        ({"type": "array"}, {"type": "array", "items": {"type": "string"}}),
        (
            {"type": "array", "items": [{"type": "string"}, {"type": "number"}]},
            {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "number"}]}},
        ),
        ({"type": "array", "prefixItems": [{"type": "number"}]}, {"type": "array", "items": {"type": "number"}}),
        ({}, {"type": "string"}),
        ({"type": "anything"}, {"type": "string"}),
        ({"items": {}}, {"type": "array", "items": {"type": "string"}}),
        ({"minimum": 1}, {"type": "number", "minimum": 1}),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {"type": "object"}),
        ({"type": "object", "properties": {}}, {"type": "object"}),
        (
            {"properties": {"a": {"type": "string"}, "b": False}, "required": ["a", "b", "c", 5]},
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
        ),
        ({"type": "string", "properties": {"a": {}}, "minimum": 3}, {"type": "string"}),
        (
            {
                "allOf": [
                    {"properties": {"a": {"type": "string"}}, "required": ["a"]},
                    {"properties": {"b": {"type": "number"}}, "required": ["b"]},
                ]
            },
            {
                "type": "object",
                "properties": {"a": {"type": "string"}, "b": {"type": "number"}},
                "required": ["a", "b"],
            },
        ),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "string"}},
                "anyOf": [{"required": ["a"]}, {"required": []}],
            },
            {"type": "object", "properties": {"a": {"type": "string"}}},
        ),
        (
            {"properties": {"$schema": {"type": "string"}, "oneOf": True}},
            {"type": "object", "properties": {"$schema": {"type": "string"}, "oneOf": {"type": "string"}}},
        ),
    ],
)
def test_a_schema_is_rewritten_to_what_gemini_knows(schema: Schema, converted: Schema) -> None:
    assert of(schema) == converted


def test_what_has_to_go_is_named() -> None:
    schema = {
        "$comment": "c",
        "type": "object",
        "additionalProperties": False,
        "properties": {"a": {"type": "string", "format": "uri", "multipleOf": 2}},
        "if": {},
    }
    assert left_out(schema) == {"$comment", "additionalProperties", "format", "multipleOf", "if"}


def test_references_are_replaced_by_what_they_refer_to() -> None:
    schemas = GeminiSchemas(
        {
            "type": "object",
            "properties": {
                "a": {"$ref": "#/$defs/Item", "description": "mine"},
                "b": {"allOf": [{"$ref": "#/definitions/x~1y"}]},
            },
            "$defs": {"Item": {"type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}}, "N": {"type": "integer"}},
            "definitions": {"x/y": {"type": "boolean"}},
        }
    )
    assert schemas.parameters() == {
        "type": "object",
        "properties": {
            "a": {"type": "object", "description": "mine", "properties": {"n": {"type": "integer"}}},
            "b": {"type": "boolean"},
        },
    }
    assert schemas.left_out == set()


def test_a_schema_that_holds_itself_ends_where_it_begins_again() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}, "value": {"type": "string"}}}
    schemas = GeminiSchemas({"properties": {"node": {"$ref": "#/$defs/Node"}}, "$defs": {"Node": node}})
    converted = schemas.parameters()
    assert converted is not None
    assert converted["properties"]["node"]["properties"] == {"next": {"type": "object"}, "value": {"type": "string"}}
    assert schemas.left_out == {"$ref"}


@pytest.mark.parametrize("reference", ["#/$defs/Gone", "https://example.org/schema.json", "#/properties/p/type"])
def test_a_reference_to_nothing_is_a_text(reference: str) -> None:
    assert of({"$ref": reference, "description": "d"}) == {"type": "string", "description": "d"}


def test_references_that_multiply_come_to_an_end() -> None:
    definitions = {
        f"D{level}": {"type": "object", "properties": {name: {"$ref": f"#/$defs/D{level + 1}"} for name in "abcdef"}}
        for level in range(10)
    }
    schemas = GeminiSchemas({"properties": {"p": {"$ref": "#/$defs/D0"}}, "$defs": definitions})
    assert str(schemas.parameters()).count("'type'") < 4 * MAX_SCHEMAS
    assert "what is nested too deeply" in schemas.left_out


@pytest.mark.parametrize("reference", ["#", "#/properties/p", "#/properties/p/allOf/0"])
def test_a_schema_made_of_itself_alone_comes_to_an_end(reference: str) -> None:
    assert of({"allOf": [{"$ref": reference}]})["type"]


def test_a_tool_without_parameters_has_none() -> None:
    assert GeminiSchemas({"type": "object", "properties": {}, "additionalProperties": False}).parameters() is None
    assert GeminiSchemas({}).parameters() is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
types = st.sampled_from(["object", "array", "string", "number", "integer", "boolean", "null", "odd"])
references = st.sampled_from(["#", "#/$defs/A", "#/$defs/B", "#/properties/p", "gone"])


def with_inner(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Schema]:
    several = st.lists(inner, max_size=3)
    named = st.dictionaries(st.sampled_from("abp"), inner, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": types | st.lists(types, max_size=3) | json_values,
            **dict.fromkeys(("anyOf", "oneOf", "allOf", "prefixItems"), several | json_values),
            **dict.fromkeys(("properties", "$defs"), named | json_values),
            **dict.fromkeys(("items", "not", "additionalProperties"), inner | several | json_values),
            **dict.fromkeys(("enum", "required"), st.lists(json_values, max_size=3) | json_values),
            **dict.fromkeys(("const", "format", "exclusiveMinimum", "description", "odd"), json_values),
            "$ref": references | json_values,
        },
    )


schemas = st.recursive(st.just({}) | json_values, with_inner, max_leaves=12).filter(
    lambda value: isinstance(value, dict)
)


def check(schema: Schema) -> None:
    assert schema.keys() <= ALLOWED
    assert ("anyOf" in schema) != ("type" in schema)
    assert schema.keys() == {"anyOf"} or isinstance(schema["type"], str)
    assert set(schema.get("required", ())) <= schema.get("properties", {}).keys()
    assert ("items" in schema) == (schema.get("type") == "array")
    for inner in [*schema.get("anyOf", ()), *schema.get("properties", {}).values()]:
        check(inner)
    if "items" in schema:
        check(schema["items"])


@given(schemas)
def test_any_schema_becomes_one_that_gemini_takes(schema: Schema) -> None:
    check(GeminiSchemas(schema).convert())
