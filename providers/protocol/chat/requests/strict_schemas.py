"""Whether a schema keeps to the rules of OpenAI's strict mode, which refuses a request with one that does not.

Every object lists all of its properties as required and forbids others, the root is an object and no `anyOf`, and only
some keywords are known. Source: OpenAI's guide to structured outputs, "Supported schemas".
"""

from __future__ import annotations

from typing import Any

_ANNOTATIONS = frozenset({"$schema", "title", "description"})
_STRUCTURE = frozenset({"$ref", "$defs", "definitions", "type", "items"})
_OF_OBJECTS = frozenset({"properties", "required", "additionalProperties"})
_CHOICES = frozenset({"anyOf", "enum", "const"})
_LIMITS = frozenset(
    {"pattern", "format", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
    | {"minItems", "maxItems"}
)
_KEYWORDS = _ANNOTATIONS | _STRUCTURE | _OF_OBJECTS | _CHOICES | _LIMITS
_FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"})
_MAX_DEPTH = 10


def is_strict(schema: Any) -> bool:
    """Whether `strict` may be true for this schema."""
    if not isinstance(schema, dict) or schema.get("type") != "object" or "anyOf" in schema:
        return False
    return _fits(schema, 0)


def _fits(schema: Any, depth: int) -> bool:
    if not isinstance(schema, dict) or depth > _MAX_DEPTH or not schema.keys() <= _KEYWORDS:
        return False
    if str(schema.get("format", "uuid")) not in _FORMATS or not _fits_as_object(schema):
        return False
    return all(_fits(inner, depth + 1) for inner in _inner(schema))


def _fits_as_object(schema: dict[str, Any]) -> bool:
    kind = schema.get("type")
    if "properties" not in schema and kind != "object" and not (isinstance(kind, list) and "object" in kind):
        return True
    properties, required = schema.get("properties"), schema.get("required")
    if not isinstance(properties, dict) or not isinstance(required, list):
        return False
    return schema.get("additionalProperties") is False and all(name in required for name in properties)


def _inner(schema: dict[str, Any]) -> list[Any]:
    found = [inner for name in ("properties", "$defs", "definitions") for inner in _values(schema.get(name))]
    found += schema["anyOf"] if isinstance(schema.get("anyOf"), list) else []
    return [*found, schema["items"]] if "items" in schema else found


def _values(schemas: Any) -> list[Any]:
    return list(schemas.values()) if isinstance(schemas, dict) else []
