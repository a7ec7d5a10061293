"""Server-sent events on bytes, push style.

Strategy: the decoder never decodes text. A line ends at CR, LF or CRLF and nowhere else (U+2028 and its like are
legal inside JSON), an event ends at an empty line, and any split of the input gives the same events. A CR ends its
line at once; an LF that the next chunk begins with then belongs to it. An event without its empty line is incomplete
and never given out. Source: WHATWG HTML, "Server-sent events", section 9.2.6."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_EVENT_BYTES = 32 << 20
_LINE_END = re.compile(rb"\r\n|\n|\r")


class EventTooLarge(ValueError):
    """An event is longer than the decoder's limit; nothing more can be read from this stream."""


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """`data` holds the data lines joined by LF. A stream that names no event has the event "message"."""

    event: str
    data: bytes


class SSEDecoder:
    """Turns the chunks of one stream into events."""

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_event_bytes = max_event_bytes
        self._partial_line: list[bytes] = []
        self._event = b""
        self._data: list[bytes] = []
        self._size = 0
        self._skip_line_feed = False
        self._at_first_line = True

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """The events that `chunk` completes. Raises `EventTooLarge`, wherever the chunks begin and end."""
        return [event for line in self._lines(chunk) if (event := self._take_line(line))]

    def _lines(self, chunk: bytes) -> Iterator[bytes]:
        if self._skip_line_feed and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._skip_line_feed = False
        start = 0
        for match in _LINE_END.finditer(chunk):
            self._add(chunk[start : match.start()])
            start = match.end()
            self._skip_line_feed = match.group() == b"\r" and start == len(chunk)
            yield self._complete_line()
        if start < len(chunk):
            self._add(chunk[start:])

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._max_event_bytes:
            raise EventTooLarge(f"a server-sent event is longer than {self._max_event_bytes} bytes")
        self._partial_line.append(part)

    def _complete_line(self) -> bytes:
        line = b"".join(self._partial_line)
        self._partial_line.clear()
        if self._at_first_line:
            self._at_first_line = False
            return line.removeprefix(b"\xef\xbb\xbf")
        return line

    def _take_line(self, line: bytes) -> ServerSentEvent | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._event = value
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        event, data = self._event, self._data
        self._event, self._data, self._size = b"", [], 0
        if not data:
            return None
        return ServerSentEvent(event.decode("utf-8", "replace") or "message", b"\n".join(data))


def encode_event(event: str, data: bytes) -> bytes:
    """One event on the wire; `data` is one line, as JSON without line breaks is."""
    return b"event: " + event.encode() + b"\ndata: " + data + b"\n\n"
