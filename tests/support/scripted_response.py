"""What a scripted server answers, step by step."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from http.client import responses as reason_phrases

from tests.support.loop_thread import Gate

Headers = tuple[tuple[str, str], ...]


class Framing(enum.Enum):
    """How the client learns where the body ends."""

    LENGTH = "content-length"
    CHUNKED = "chunked"
    UNTIL_CLOSE = "until close"


class Cut(enum.Enum):
    """A step that ends the connection. What follows it is never sent, but still counts in `content-length`."""

    CLOSE = "close"
    RESET = "reset"


Step = bytes | Gate | Cut


@dataclass(frozen=True)
class Response:
    """`steps` are written one by one, each as one chunk; a `Gate` among them waits until the test opens it.

    `hold` waits before the head is sent: with a gate that nobody opens, the server never answers. Steps may come from
    a generator without end, but then not with a content length.
    """

    status: int = 200
    headers: Headers = ()
    steps: Iterable[Step] = ()
    framing: Framing = Framing.LENGTH
    hold: Gate | None = field(default=None, compare=False)

    def held(self, gate: Gate) -> Response:
        return replace(self, hold=gate)

    def with_headers(self, *headers: tuple[str, str]) -> Response:
        return replace(self, headers=self.headers + headers)

    def head(self) -> bytes:
        """The status line and the headers as bytes, with the framing's own header last."""
        lines = [f"HTTP/1.1 {self.status} {reason_phrases.get(self.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in (*self.headers, *self._framing_headers())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def frames(self) -> Iterator[Step]:
        """The steps as they stand on the wire."""
        for step in self.steps:
            yield self._framed(step)
        if self.framing is Framing.CHUNKED:
            yield b"0\r\n\r\n"

    def body(self) -> bytes:
        """All bytes of the steps, also of those behind a cut."""
        return b"".join(step for step in self.steps if isinstance(step, bytes))

    def _framed(self, step: Step) -> Step:
        if isinstance(step, bytes) and self.framing is Framing.CHUNKED:
            return b"%x\r\n%b\r\n" % (len(step), step)
        return step

    def _framing_headers(self) -> Headers:
        match self.framing:
            case Framing.LENGTH:
                return (("content-length", str(len(self.body()))),)
            case Framing.CHUNKED:
                return (("transfer-encoding", "chunked"),)
            case Framing.UNTIL_CLOSE:
                return (("connection", "close"),)
