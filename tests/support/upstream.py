"""A scripted upstream: it records every request to the byte and answers what the test told it to.

It stands where the Messages API stands. Each connection is an asyncio protocol of its own, so that the moment in which
the client closes is seen at once, in every phase: during the upload, before the answer and in mid-stream. Requests of
one connection are answered one after the other.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httptools

from tests.support.loop_thread import Gate, LoopThread
from tests.support.scripted_response import Cut, Framing, Response, Step
from tests.support.waiting import wait_until


@dataclass(eq=False)
class RecordedRequest:
    """A request as it arrived. `target` is the raw path with its query, `headers` keep their order and case.

    `received_at` is when the head was complete and `client_closed_at` when the client ended the connection while this
    request was its last one (both `time.monotonic`).
    """

    connection: int
    method: str = ""
    target: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    received: bytearray = field(default_factory=bytearray, repr=False)
    received_at: float = 0.0
    response: Response | None = None
    client_closed_at: float | None = None
    complete: threading.Event = field(default_factory=threading.Event)
    client_closed: threading.Event = field(default_factory=threading.Event)
    answered: threading.Event = field(default_factory=threading.Event)

    @property
    def body(self) -> bytes:
        """The body as far as it has arrived, without its transfer encoding."""
        return bytes(self.received)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        """The value of the header, whatever its case; None without one, an `AssertionError` where it came twice."""
        values = self.header_values(name)
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    def header_values(self, name: str) -> list[str]:
        return [value for other, value in self.headers if other.lower() == name.lower()]

    def json(self) -> Any:
        return json.loads(self.body)


Script = Callable[[RecordedRequest], Response]


class ScriptedUpstream(LoopThread):
    """The server. `answer` scripts it, `requests` holds what it got, `failures` what the script did not foresee."""

    def __init__(self) -> None:
        super().__init__("scripted upstream")
        self.requests: list[RecordedRequest] = []
        self.failures: list[str] = []
        self.connections = 0
        self.open_connections: set[_Connection] = set()
        self._script: Script = self._nothing_scripted

    def answer(self, *responses: Response) -> None:
        """Answer the coming requests with these responses, in order; one request more is a failure."""
        queue = deque(responses)
        self._script = lambda request: queue.popleft() if queue else self._nothing_scripted(request)

    def answer_by(self, script: Script) -> None:
        """Let a function choose each response; it runs in the server's thread, one call at a time."""
        self._script = script

    def reset(self) -> None:
        """Forget the requests and the script: what comes now belongs to the next test."""
        self.requests, self.failures, self._script = [], [], self._nothing_scripted

    def posts(self, path: str = "/v1/messages") -> list[RecordedRequest]:
        return [request for request in self.requests if request.method == "POST" and request.path == path]

    def wait_for_requests(self, count: int, timeout: float = 10) -> list[RecordedRequest]:
        """The requests, as soon as `count` of them have arrived with their whole body."""
        return wait_until(lambda: self._complete(count), timeout, f"{count} requests at the upstream")

    def _complete(self, count: int) -> list[RecordedRequest]:
        complete = [request for request in self.requests if request.complete.is_set()]
        return complete if len(complete) >= count else []

    async def listen(self) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=1024)

    async def hang_up(self) -> None:
        for connection in tuple(self.open_connections):
            connection.transport.abort()

    def respond(self, request: RecordedRequest) -> Response:
        """What the script answers to the request."""
        return self._script(request)

    def _nothing_scripted(self, request: RecordedRequest) -> Response:
        self.failures.append(f"{request.method} {request.target}: nothing was scripted for this request")
        return Response(400, (("x-should-retry", "false"),), [b"nothing was scripted for this request"])


class _Connection(asyncio.Protocol):
    """One client connection; httptools calls the `on_…` methods."""

    transport: asyncio.Transport

    def __init__(self, upstream: ScriptedUpstream) -> None:
        self._upstream = upstream
        upstream.connections += 1
        self._number = upstream.connections
        self._parser = httptools.HttpRequestParser(self)
        self._request = RecordedRequest(self._number)
        self._waiting: asyncio.Queue[RecordedRequest] = asyncio.Queue()
        self._writable = asyncio.Event()
        self._writable.set()
        self._closed_here = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._upstream.open_connections.add(self)
        self._answering = asyncio.get_running_loop().create_task(self._answer_all())
        self._answering.add_done_callback(self._note_failure)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._upstream.failures.append(f"connection {self._number} sent bytes that are no HTTP: {error}")
            self._close(self.transport.abort)

    def eof_received(self) -> bool:
        self._note_client_closed()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self._note_client_closed()
        self._upstream.open_connections.discard(self)
        self._answering.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def on_message_begin(self) -> None:
        self._request = RecordedRequest(self._number)

    def on_url(self, url: bytes) -> None:
        self._request.target += url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._request.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self._request.method = self._parser.get_method().decode("ascii")
        self._request.received_at = time.monotonic()
        self._upstream.requests.append(self._request)

    def on_body(self, body: bytes) -> None:
        self._request.received += body

    def on_message_complete(self) -> None:
        self._request.complete.set()
        self._waiting.put_nowait(self._request)

    def _note_client_closed(self) -> None:
        if not self._closed_here and self._request.client_closed_at is None:
            self._request.client_closed_at = time.monotonic()
            self._request.client_closed.set()

    def _note_failure(self, answering: asyncio.Task[None]) -> None:
        if not answering.cancelled() and (error := answering.exception()):
            self._upstream.failures.append(
                f"{self._request.method} {self._request.target}: the script raised {error!r}"
            )
            self._close(self.transport.abort)

    def _close(self, close: Callable[[], None]) -> None:
        self._closed_here = True
        close()

    async def _answer_all(self) -> None:
        while not self.transport.is_closing():
            request = await self._waiting.get()
            request.response = self._upstream.respond(request)
            await self._send(request.response, without_body=request.method == "HEAD")
            request.answered.set()

    async def _send(self, response: Response, without_body: bool) -> None:
        if response.hold:
            await response.hold.passed()
        self.transport.write(response.head())
        if without_body:
            return
        for step in response.frames():
            await self._take(step)
            if self._closed_here:
                return
        if response.framing is Framing.UNTIL_CLOSE:
            self._close(self.transport.close)

    async def _take(self, step: Step) -> None:
        match step:
            case Gate():
                await step.passed()
            case Cut.CLOSE:
                self._close(self.transport.close)
            case Cut.RESET:
                self._close(self._reset)
            case bytes():
                # An answer without end must leave the loop a moment to notice that the client has gone.
                await asyncio.sleep(0)
                await self._writable.wait()
                self.transport.write(step)

    def _reset(self) -> None:
        # With no time to linger the kernel ends the connection with RST instead of FIN.
        connection: socket.socket = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()
