"""Takes the body of a Messages API request apart, one top-level field at a time.

Strategy: the first pass only finds out where each field's value begins and ends (`msgspec.Raw`); a value is decoded by
whoever needs it, so that what is passed on as it came is never built in memory. Decoding checks the types on the way,
and a wrong one is refused in the API's style: the path of the value, a colon, what it should be.

The decoder does not take all that is JSON: it refuses halves of surrogate pairs, which JavaScript writes for an emoji
that was cut in two. `cleaned` makes such a body readable, slowly; only bodies that could not be read need it.
"""

from __future__ import annotations

import json
import math
import re
from typing import NoReturn, TypeVar

import msgspec

from providers.protocol.messages_request import InvalidRequest

T = TypeVar("T")
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises for a body that `cleaned` may be able to repair."""

_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_SURROGATE = re.compile("[\ud800-\udfff]")
_WHERE = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<where>.*)`)?$", re.DOTALL)
_EXPECTED = re.compile(r"Expected `(?P<kinds>[^`]+)`")
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]+)`")
_KINDS = {
    "str": "string",
    "array": "list",
    "object": "dictionary",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
}


class Fields:
    """The fields of one JSON object, not yet decoded. A field that is null counts as missing."""

    def __init__(self, raw: dict[str, msgspec.Raw], path: str = "") -> None:
        self._raw = {name: value for name, value in raw.items() if bytes(memoryview(value)[:5]) != b"null"}
        self._prefix = f"{path}." if path else ""

    @property
    def names(self) -> list[str]:
        return list(self._raw)

    def raw(self, name: str) -> bytes | None:
        """The JSON text of a field, unchecked."""
        value = self._raw.get(name)
        return None if value is None else bytes(value)

    def read(self, name: str, decoder: msgspec.json.Decoder[T]) -> T | None:
        """The value of a field. Raises `InvalidRequest` for one of another type."""
        value = self._raw.get(name)
        return None if value is None else decode(decoder, value, self._prefix + name)

    def inner(self, name: str) -> Fields:
        """The fields of the object that is this field's value; of none where it is missing."""
        return Fields(self.read(name, _decode_object) or {}, self._prefix + name)


def read_fields(body: bytes) -> Fields:
    """The request's fields. Raises `InvalidRequest` for a body that is no object, one of `UNREADABLE` for no JSON."""
    try:
        return Fields(_decode_object.decode(body))
    except msgspec.ValidationError as error:
        raise InvalidRequest("The request body is not a JSON object.") from error


def decode(decoder: msgspec.json.Decoder[T], value: bytes | msgspec.Raw, path: str) -> T:
    """The decoded `value`. Raises `InvalidRequest` naming the place below `path` that has a wrong type."""
    try:
        return decoder.decode(value)
    except msgspec.ValidationError as error:
        raise InvalidRequest(_in_words(path, str(error))) from error


def refuse(path: str, problem: str) -> NoReturn:
    raise InvalidRequest(f"{path}: {problem}")


def cleaned(body: bytes) -> bytes:
    """The same request as JSON that can be decoded: U+FFFD for halves of characters. Raises `InvalidRequest`."""
    try:
        request = json.loads(body.decode(), parse_float=_finite, parse_constant=_refuse_constant)
        return _SURROGATE.sub("\ufffd", json.dumps(request, ensure_ascii=False)).encode()
    except ValueError as error:
        raise InvalidRequest(f"The request body is not valid JSON: {error}") from error
    except RecursionError as error:
        raise InvalidRequest("The request body is nested too deeply.") from error


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"the number {number[:20]} is out of range")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _in_words(path: str, message: str) -> str:
    match = _WHERE.match(message)
    what, where = (match["what"], match["where"] or "") if match else (message, "")
    place = path + where.replace("[", ".").replace("]", "")
    if missing := _MISSING.match(what):
        return f"{place}.{missing['name']}: Field required"
    if expected := _EXPECTED.match(what):
        kinds = expected["kinds"].replace("int | float", "float").removesuffix(" | null").split(" | ")
        return f"{place}: Input should be a valid {' or '.join(_KINDS.get(kind, kind) for kind in kinds)}"
    return f"{place}: {what}"
