"""Stored bodies, read for a page: joined, decoded, parsed. What cannot be read is told in words and never raised.

ReadingError
└── BodyUnreadable   the stored form is damaged, or a block that it refers to is gone
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import zstandard

from requestlog.content_encoding import decode_content
from requestlog.models import Block, Body, BodyKind, Entry
from requestlog.presentation.text import parse_json, text_of

PARSE_LIMIT = 16 * 1024 * 1024
"""Bytes of a body that a page parses; a longer one is shown as text only. Parsed, it takes up to 20 times its size."""

Headers = tuple[tuple[str, str], ...]

_HEADERS_OF = {
    BodyKind.REQUEST: (BodyKind.REQUEST_HEADERS,),
    BodyKind.SENT: (BodyKind.SENT_HEADERS, BodyKind.REQUEST_HEADERS),
    BodyKind.RESPONSE: (BodyKind.RESPONSE_HEADERS,),
}
_OPENERS = (b"{", b"[")
_MAY_BE_STREAMS = (BodyKind.RESPONSE, BodyKind.RECEIVED)


class ReadingError(Exception):
    pass


class BodyUnreadable(ReadingError):
    pass


@dataclass(frozen=True, slots=True)
class ReadBody:
    """A body without its content encoding, at most `PARSE_LIMIT` bytes of it (`cut` says that there is more).

    `size` is the size of the stored bytes, `encoding` their content encoding. `value` is the body as JSON, None where
    it is none; `problem` says why.
    """

    kind: BodyKind
    size: int
    encoding: str = ""
    content: bytes = b""
    cut: bool = False
    value: Any = None
    problem: str = ""

    @property
    def text(self) -> str:
        return text_of(self.content)


def read_bodies(entry: Entry) -> dict[BodyKind, ReadBody]:
    """All bodies that the log holds of an exchange."""
    stored = {BodyKind(body.kind): body for body in entry.stored_bodies.all() if body.kind in BodyKind.values}
    read: dict[BodyKind, ReadBody] = {}
    for kind in sorted(stored, key=_HEADERS_OF.__contains__):  # headers first: they tell how to read the others
        read[kind] = _read_body(stored[kind], _content_encoding(kind, read))
    return read


def stored_content(body: Body) -> bytes:
    """The stored bytes, exactly as they were. Raises `BodyUnreadable`."""
    try:
        return body.content
    except (Block.DoesNotExist, zstandard.ZstdError, msgspec.DecodeError) as error:
        raise BodyUnreadable(f"The {body.get_kind_display()} cannot be read: {error}.") from error


def headers_of(body: ReadBody | None) -> Headers:
    """The name-value pairs of a headers body; what is no pair is left out."""
    values = body.value if body is not None and isinstance(body.value, list) else []
    pairs = [value for value in values if isinstance(value, list) and len(value) == 2]
    return tuple((str(name), str(value)) for name, value in pairs)


def _read_body(body: Body, encoding: str) -> ReadBody:
    kind = BodyKind(body.kind)
    try:
        stored = stored_content(body)
    except BodyUnreadable as error:
        return ReadBody(kind, body.size, problem=str(error))
    decoded = decode_content(stored, encoding, PARSE_LIMIT)
    if decoded.problem:
        return ReadBody(kind, body.size, encoding, decoded.content, decoded.cut, problem=decoded.problem)
    value, problem = _parse(kind, decoded.content, decoded.cut)
    return ReadBody(kind, body.size, encoding, decoded.content, decoded.cut, value, problem)


def _parse(kind: BodyKind, content: bytes, cut: bool) -> tuple[Any, str]:
    if kind in _MAY_BE_STREAMS and not content.lstrip()[:1].startswith(_OPENERS):
        return None, ""  # a stream of events, or nothing
    if cut:
        return None, "The body is too long to be taken apart here, so this is its beginning."
    return parse_json(content)


def _content_encoding(kind: BodyKind, read: dict[BodyKind, ReadBody]) -> str:
    headers = next((headers_of(read[source]) for source in _HEADERS_OF.get(kind, ()) if source in read), ())
    return ",".join(value for name, value in headers if name.lower() == "content-encoding")
