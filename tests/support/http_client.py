"""A client that sends exactly the bytes it is told to, and may stop, wait or leave at any byte.

Libraries add headers, decode bodies and hide broken answers; here nothing of that happens. The answer is read by
httptools and can be looked at while it is still coming in.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httptools

from tests.support.anthropic_stream import MODEL

HeaderPairs = Iterable[tuple[str, str]]
JSON = ("content-type", "application/json")


class BrokenOff(Exception):
    """The server closed the connection before the answer's end; `answer` is what had come until then."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"the answer broke off after {bytes(answer.received[-200:])!r}")
        self.answer = answer


@dataclass
class Answer:
    """An answer so far. `received` is the body without its transfer encoding, but with its content encoding."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    received: bytearray = field(default_factory=bytearray, repr=False)
    has_head: bool = False
    complete: bool = False

    @property
    def body(self) -> bytes:
        return bytes(self.received)

    def header_values(self, name: str) -> list[str]:
        return [value for other, value in self.headers if other.lower() == name]

    def header(self, name: str) -> str | None:
        values = self.header_values(name)
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    def error(self) -> tuple[int, str, str]:
        """Status, type and message of an error, which must have the API's shape."""
        content = json.loads(self.received)
        assert self.header("content-type") == "application/json"
        assert (content["type"], set(content)) == ("error", {"type", "error"})
        return self.status, content["error"]["type"], content["error"]["message"]


class HttpClient:
    """One connection to 127.0.0.1. A wait of more than `timeout` seconds is a `TimeoutError`."""

    def __init__(self, port: int, timeout: float = 10) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._parser = httptools.HttpResponseParser(self)
        self._coming = Answer()
        self._answers_head_request = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def ask(self, method: str, target: str, body: bytes = b"", headers: HeaderPairs = (JSON,)) -> Answer:
        """Send a request and wait for the whole answer. Raises `BrokenOff`."""
        self.begin(method, target, body, headers)
        return self.answer()

    def begin(self, method: str, target: str, body: bytes = b"", headers: HeaderPairs = (JSON,)) -> None:
        """Send a request with a content length, without waiting for anything."""
        self._answers_head_request = method == "HEAD"
        self.send(request_head(method, target, [*headers, ("content-length", str(len(body)))]) + body)

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def answer(self) -> Answer:
        """The next whole answer. Raises `BrokenOff`."""
        return self._take(lambda answer: answer.complete)

    def wait_for(self, part: bytes) -> Answer:
        """The answer as soon as its body so far holds `part`; more of it may come. Raises `BrokenOff`."""
        return self._read(lambda answer: part in answer.received)

    def finish_sending(self) -> None:
        """Close the connection for writing only."""
        self._socket.shutdown(socket.SHUT_WR)

    def leave(self) -> None:
        """Close the connection."""
        self._socket.close()

    def leave_abruptly(self) -> None:
        """End the connection with RST, as when a process is killed with unread data."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def is_closed_by_server(self) -> bool:
        """Waits for the end of the connection; False where bytes come instead."""
        try:
            return self._socket.recv(1) == b""
        except ConnectionError:
            return True

    def _take(self, enough: Callable[[Answer], bool]) -> Answer:
        answer = self._read(enough)
        # A new parser each time: this one does not know that an answer to HEAD has no body.
        self._parser, self._coming = httptools.HttpResponseParser(self), Answer()
        return answer

    def _read(self, enough: Callable[[Answer], bool]) -> Answer:
        answer = self._coming
        while not enough(answer):
            try:
                data = self._socket.recv(1 << 18)
            except ConnectionError:
                data = b""
            if not data:
                raise BrokenOff(answer)
            self._parser.feed_data(data)
        return answer

    def on_header(self, name: bytes, value: bytes) -> None:
        self._coming.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self._coming.status = self._parser.get_status_code()
        self._coming.has_head = True
        self._coming.complete = self._answers_head_request

    def on_body(self, body: bytes) -> None:
        self._coming.received += body

    def on_message_complete(self) -> None:
        self._coming.complete = True


def request_head(method: str, target: str, headers: HeaderPairs = ()) -> bytes:
    """A request's head; a `host` among the headers replaces the usual one."""
    pairs = list(headers)
    if not any(name.lower() == "host" for name, _ in pairs):
        pairs.insert(0, ("host", "127.0.0.1"))
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in pairs), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body; the empty one ends it."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def asked(**fields: Any) -> bytes:
    """The body of a small Messages request, changed by `fields`."""
    usual = {"model": MODEL, "max_tokens": 64, "messages": [{"role": "user", "content": "When does the tide turn?"}]}
    return json.dumps(usual | fields).encode()
