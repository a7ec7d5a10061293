"""Which schemas keep to the rules of OpenAI's strict mode."""

from __future__ import annotations

from typing import Any

import pytest

from providers.protocol.chat.requests.strict_schemas import is_strict


def strict_object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    "schema",
    [
        strict_object(),
        strict_object(a={"type": "string", "enum": ["x"]}, b={"type": ["integer", "null"], "minimum": 1}),
        strict_object(a={"type": "array", "items": strict_object(b={"type": "string", "format": "date"})}),
        strict_object(a={"anyOf": [{"type": "string"}, {"$ref": "#/$defs/A"}]}) | {"$defs": {"A": strict_object()}},
    ],
)
def test_a_schema_that_says_all_is_strict(schema: Any) -> None:
    assert is_strict(schema)


@pytest.mark.parametrize(
    "schema",
    [
        None,
        {},
        {"type": "array", "items": strict_object()},
        {"anyOf": [strict_object()]},
        strict_object() | {"anyOf": [{}]},
        strict_object(a={"type": "string"}) | {"required": []},
        strict_object() | {"additionalProperties": True},
        {"type": "object", "properties": {}, "additionalProperties": False},
        strict_object(a={"type": "object"}),
        strict_object(a={"type": ["object", "null"]}),
        strict_object(a={"properties": {}}),
        strict_object(a={"type": "string", "format": "uri"}),
        strict_object(a={"type": "string", "minLength": 1}),
        strict_object(a={"oneOf": [{"type": "string"}]}),
        strict_object(a={"allOf": [{"type": "string"}]}),
        strict_object(a=True),
        strict_object(a={"type": "array", "items": {"type": "object"}}),
    ],
)
def test_a_schema_that_leaves_something_open_is_not(schema: Any) -> None:
    assert not is_strict(schema)
