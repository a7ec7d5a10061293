"""Tool parameters in the schema language of Google's Gemini API.

Gemini takes no JSON Schema but its own type `Schema`, a subset of OpenAPI 3.0, and refuses a whole request for one
field that it does not know. So this is an allow-list, applied at every level. What has an equivalent is rewritten
(`const` is an `enum` of one, `oneOf` an `anyOf`, a reference is replaced by what it refers to, …), the rest is left out
and named.
The rules:

- one type: a list of types is an `anyOf`, `null` among them is `nullable`; a schema without one gets the type that its
  fields imply, and "string" where they imply none;
- a field that does not belong to the type is left out: `properties` of a string are an error there;
- an `anyOf` stands alone: Vertex AI refuses fields beside it, so a description goes into its branches;
- `required` names only properties that exist, an array says what its items are; enums hold texts only.

Sources: the reference of `Schema` (ai.google.dev/api/caching#Schema) and the errors that the API answers otherwise.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_BY_TYPE: dict[str, frozenset[str]] = {
    "object": frozenset({"properties", "required", "minProperties", "maxProperties", "propertyOrdering"}),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "string": frozenset({"enum", "format", "minLength", "maxLength", "pattern"}),
    "number": frozenset({"format", "minimum", "maximum"}),
    "integer": frozenset({"format", "minimum", "maximum"}),
    "boolean": frozenset(),
}
_OF_ANY_TYPE = frozenset({"type", "title", "description", "nullable", "default", "example"})
_FORMATS = {
    "string": frozenset({"enum", "date-time"}),
    "number": frozenset({"float", "double"}),
    "integer": frozenset({"int32", "int64"}),
}
_REWRITTEN = frozenset(
    {"$ref", "$defs", "definitions", "const", "oneOf", "anyOf", "allOf", "prefixItems", "exclusiveMinimum"}
    | {"exclusiveMaximum", "enum", "format"}
)
MAX_SCHEMAS = 4000
"""How many schemas one tool may hold once its references are replaced: they can multiply without end."""
MAX_DEPTH = 60


class GeminiSchemas:
    """Converts the schemas of one tool. `left_out` collects the keywords that had to go."""

    def __init__(self, root: Schema) -> None:
        self.left_out: set[str] = set()
        self._root = root
        self._followed: list[str] = []
        self._converted = self._depth = 0

    def parameters(self) -> Schema | None:
        """The tool's parameters; None for a tool without any, which Gemini wants without the field."""
        converted = self._convert({"type": "object", **self._root})
        return converted if converted.keys() & {"properties", "anyOf"} else None

    def convert(self) -> Schema:
        """Any schema, as that of a structured answer."""
        return self._convert(self._root)

    def _convert(self, schema: Any) -> Schema:
        if not isinstance(schema, dict):
            return {"type": "string"}
        if self._converted == MAX_SCHEMAS or self._depth == MAX_DEPTH:
            self.left_out.add("what is nested too deeply")
            return {"type": "string"}
        self._converted += 1
        self._depth += 1
        converted = self._convert_object(schema)
        self._depth -= 1
        return converted

    def _convert_object(self, schema: Schema) -> Schema:
        if isinstance(reference := schema.get("$ref"), str):
            return self._follow(reference, schema)
        if isinstance(schema.get("allOf"), list):
            return self._convert(self._merged(schema))
        branches = self._branches(schema)
        if len(branches) > 1:
            return self._union(schema, branches)
        if branches:
            return self._convert(_without_alternatives(schema) | branches[0])
        return self._single(schema)

    def _follow(self, reference: str, schema: Schema) -> Schema:
        target = _at(self._root, reference)
        if target is None or reference in self._followed:
            self.left_out.add("$ref")  # it refers to nothing here, or to a schema that holds itself
            return {"type": "object" if target is not None else "string", **_described(schema)}
        self._followed.append(reference)
        beside = {name: value for name, value in schema.items() if name != "$ref"}
        converted = self._convert({**target, **beside})
        self._followed.pop()
        return converted

    def _merged(self, schema: Schema) -> Schema:
        """`allOf` as one schema: all properties, all that are required, and of anything else what is given first."""
        merged = {name: value for name, value in schema.items() if name != "allOf"}
        for part in schema["allOf"]:
            reference = part.get("$ref") if isinstance(part, dict) else None
            found = _at(self._root, reference) if isinstance(reference, str) else part
            if isinstance(found, dict):
                _merge(merged, found)
        return merged

    def _branches(self, schema: Schema) -> list[Schema]:
        """The alternatives that the schema allows, without null; none where it is of one kind."""
        found = [branch for branch in _alternatives(schema) if isinstance(branch, dict)]
        if found and "properties" in schema:
            self.left_out.update({"anyOf", "oneOf"} & schema.keys())  # mostly about which properties go together
            found = []
        if not found and isinstance(schema.get("type"), list):
            found = [{"type": kind} for kind in schema["type"]]
        return [branch for branch in found if branch.get("type") != "null"]

    def _union(self, schema: Schema, branches: list[Schema]) -> Schema:
        converted = [self._convert(_fitting(schema, branch) | branch) for branch in branches]
        if _is_nullable(schema):
            converted[0]["nullable"] = True
        return {"anyOf": converted}

    def _single(self, schema: Schema) -> Schema:
        kind = _type_of(schema)
        converted: Schema = {"type": kind}
        if _is_nullable(schema):
            converted["nullable"] = True
        for name, value in (schema | _inclusive_bounds(schema, kind)).items():
            if name in _OF_ANY_TYPE or (name in _BY_TYPE[kind] and name not in _REWRITTEN):
                converted.setdefault(name, value)
            elif name not in _REWRITTEN:
                self.left_out.add(name)
        self._complete(converted, schema)
        return converted

    def _complete(self, converted: Schema, schema: Schema) -> None:
        _COMPLETIONS.get(converted["type"], GeminiSchemas._complete_scalar)(self, converted, schema)

    def _complete_object(self, converted: Schema, schema: Schema) -> None:
        properties = schema.get("properties")
        named = properties.items() if isinstance(properties, dict) else ()
        converted["properties"] = {name: self._convert(value) for name, value in named if value is not False}
        required = [name for name in _texts(schema.get("required")) if name in converted["properties"]]
        for name, value in (("properties", converted["properties"]), ("required", required)):
            converted.pop(name, None)
            if value:
                converted[name] = value

    def _complete_array(self, converted: Schema, schema: Schema) -> None:
        items = schema.get("items")
        kinds = _list(schema.get("prefixItems")) or _list(items)
        self.left_out.update({"prefixItems"} & schema.keys())
        converted["items"] = self._convert({"anyOf": kinds} if kinds else items)

    def _complete_scalar(self, converted: Schema, schema: Schema) -> None:
        known = _FORMATS.get(converted["type"], frozenset())
        if isinstance(name := schema.get("format"), str) and name in known:
            converted["format"] = name
        elif "format" in schema:
            self.left_out.add("format")
        choices = [schema["const"]] if "const" in schema else _list(schema.get("enum"))
        texts = [choice for choice in _texts(choices) if choice]
        if converted["type"] == "string" and texts:
            converted["enum"] = texts
        elif choices:
            self.left_out.add("enum")
            _describe_choices(converted, choices)


_COMPLETIONS = {"object": GeminiSchemas._complete_object, "array": GeminiSchemas._complete_array}


def _alternatives(schema: Schema) -> list[Any]:
    return _list(schema.get("anyOf")) + _list(schema.get("oneOf"))


def _without_alternatives(schema: Schema) -> Schema:
    rest = {name: value for name, value in schema.items() if name not in ("anyOf", "oneOf", "type")}
    return rest | {"nullable": True} if _is_nullable(schema) else rest


def _type_of(schema: Schema) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), None)
    if isinstance(kind, str) and kind in _BY_TYPE:
        return kind
    return _implied_type(schema)


def _implied_type(schema: Schema) -> str:
    choices = [schema["const"]] if "const" in schema else _list(schema.get("enum"))
    if choices and all(isinstance(choice, int | float) for choice in choices):
        return "boolean" if isinstance(choices[0], bool) else "number"
    implied = (kind for kind in ("object", "array", "number") if (_BY_TYPE[kind] - {"format"}) & schema.keys())
    return next(implied, "string")


def _is_nullable(schema: Schema) -> bool:
    has_null_branch = any(isinstance(branch, dict) and branch.get("type") == "null" for branch in _alternatives(schema))
    return schema.get("nullable") is True or has_null_branch or "null" in _list(schema.get("type"))


def _inclusive_bounds(schema: Schema, kind: str) -> Schema:
    """Exclusive bounds of numbers; those of integers move by one. (In old schemas they are flags: they go.)"""
    bounds = {}
    for exclusive, inclusive, step in (("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)):
        bound = schema.get(exclusive)
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            bounds[inclusive] = bound + step if kind == "integer" else bound
    return bounds


def _fitting(shared: Schema, branch: Schema) -> Schema:
    """What stands beside the alternatives and belongs to one of them."""
    allowed = {"description"} | (_BY_TYPE[_type_of(branch)] if "type" in branch else frozenset())
    return {name: value for name, value in shared.items() if name in allowed}


def _describe_choices(converted: Schema, choices: list[Any]) -> None:
    """An enum of numbers can only be told in words."""
    words = f"One of: {', '.join(map(str, choices))}."
    described = converted.get("description")
    converted["description"] = f"{described} {words}" if isinstance(described, str) and described else words


def _merge(merged: Schema, part: Schema) -> None:
    for name, value in part.items():
        known = merged.get(name)
        if isinstance(known, dict) and isinstance(value, dict):
            merged[name] = {**value, **known}
        elif name == "required" and isinstance(known, list) and isinstance(value, list):
            merged[name] = [*known, *value]
        else:
            merged.setdefault(name, value)


def _described(schema: Schema) -> Schema:
    return {"description": schema["description"]} if "description" in schema else {}


def _at(root: Schema, reference: str) -> Schema | None:
    """The schema that a reference of this document points to, as `#/$defs/Name`."""
    if not reference.startswith("#"):
        return None
    found: Any = root
    for step in reference[1:].split("/")[1:]:
        found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _texts(value: Any) -> list[str]:
    return [item for item in _list(value) if isinstance(item, str)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
