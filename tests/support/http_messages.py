"""Takes the bytes of a recorded connection apart into HTTP messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import httptools


@dataclass
class Message:
    """`start` is `POST /path` or a status such as `200`; `complete` is False where the connection ended too early.

    `body` is without its transfer encoding, but with its content encoding.
    """

    start: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    complete: bool = False

    def header(self, name: str) -> str | None:
        return next((value for other, value in self.headers if other.lower() == name.lower()), None)


def requests_in(data: bytes) -> list[Message]:
    """The requests that a client sent on one connection. Raises `httptools.HttpParserError`."""
    collector = _Collector()
    parser = httptools.HttpRequestParser(collector)
    collector.name_start = lambda: f"{parser.get_method().decode()} {collector.url}"
    parser.feed_data(data)
    return collector.messages


def responses_in(data: bytes) -> list[Message]:
    """The responses that a server sent on one connection, none of them to a HEAD request (that has no body)."""
    collector = _Collector()
    parser = httptools.HttpResponseParser(collector)
    collector.name_start = lambda: str(parser.get_status_code())
    parser.feed_data(data)
    return collector.messages


class _Collector:
    """What httptools calls while it reads."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.url = ""
        self.name_start: Callable[[], str] = str

    def on_message_begin(self) -> None:
        self.messages.append(Message())
        self.url = ""

    def on_url(self, url: bytes) -> None:
        self.url += url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        self.messages[-1].headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self.messages[-1].start = self.name_start()

    def on_body(self, body: bytes) -> None:
        self.messages[-1].body += body

    def on_message_complete(self) -> None:
        self.messages[-1].complete = True
