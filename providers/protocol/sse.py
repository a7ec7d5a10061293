"""Server-sent events on bytes, push style.

Strategy: the decoder never decodes text. A line ends at CR, LF or CRLF and nowhere else (U+2028 and its like are
legal inside JSON), an event ends at an empty line, and any split of the input gives the same events. A CR ends its
line at once; an LF that the next chunk begins with then belongs to it. An event without its empty line is incomplete
and never given out. Source: WHATWG HTML, "Server-sent events", section 9.2.6.

Nearly all events of the APIs have one shape, `event: …` (which OpenAI's lacks), `data: …`, empty line, LF, and come in
whole: one match of an expression takes each of them. What is left of a chunk goes line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_EVENT_BYTES = 32 << 20
_LINE_END = re.compile(rb"\r\n|\n|\r")
_WHOLE_EVENT = re.compile(rb"(?:event: (.++)\n)?data: (.*+)\n\n")  # for chunks without a CR


class EventTooLarge(ValueError):
    """An event is longer than the decoder's limit; nothing more can be read from this stream.

    `events` are those that the same chunk had completed before it.
    """

    events: list[ServerSentEvent] = []


class ServerSentEvent(NamedTuple):
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
        events: list[ServerSentEvent] = []
        try:
            for part in self._parts(chunk):
                self._take(part, events)
        except EventTooLarge as error:
            error.events = events
            raise
        return events

    def _parts(self, chunk: bytes) -> tuple[bytes, ...]:
        """What completes an event that began before goes apart, so that the events after it are taken whole."""
        end = 0 if self._is_between_events() else chunk.find(b"\n\n") + 2
        return (chunk[:end], chunk[end:]) if end > 1 else (chunk,)

    def _take(self, chunk: bytes, events: list[ServerSentEvent]) -> None:
        start = self._take_whole_events(chunk, events) if self._is_between_events() else 0
        if start < len(chunk):
            events.extend(event for line in self._lines(chunk[start:]) if (event := self._take_line(line)))

    def _is_between_events(self) -> bool:
        return not (self._partial_line or self._event or self._data or self._size or self._skip_line_feed)

    def _take_whole_events(self, chunk: bytes, events: list[ServerSentEvent]) -> int:
        """Adds the whole events that `chunk` begins with, and tells where they end."""
        if b"\r" in chunk:
            return 0
        end = 0
        while match := _WHOLE_EVENT.match(chunk, end):
            name, data = match.groups()
            line_ends = 2 if name is None else 3
            self._check_size(match.end() - end - line_ends)
            end = match.end()
            events.append(ServerSentEvent("message" if name is None else name.decode("utf-8", "replace"), data))
        self._at_first_line = self._at_first_line and not end
        return end

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
        self._check_size(self._size)
        self._partial_line.append(part)

    def _check_size(self, size: int) -> None:
        if size > self._max_event_bytes:
            raise EventTooLarge(f"a server-sent event is longer than {self._max_event_bytes} bytes")

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
