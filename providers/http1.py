"""HTTP/1.1 on a connected transport: one request at a time, the answer's body as it comes in.

Strategy: llhttp (httptools) parses, this file only keeps what it says. A response is pulled: what has come in waits
in a list until `read()` takes all of it, and the transport pauses when that list grows long. No timer is touched
while data flows: one timer per request looks at when the upstream was last heard, and goes back to sleep for the
rest.

A connection is used again only when the answer ended by its own framing, the request had gone out completely, and
neither side asked to close. Whatever arrives on an idle connection ends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httptools

from providers.adapters.base import HeaderList, Timeouts
from providers.errors import StaleConnection, UpstreamBroken, UpstreamDisconnected, UpstreamError, UpstreamTimeout

MAX_HEAD_BYTES = 128 * 1024
_PAUSE_AT_BYTES = 512 * 1024
_STALE_WITHIN_SECONDS = 1.0
"""A kept connection that the upstream has closed fails at once. One that fails later may have done its work."""


class Http1Response:
    """An answer. `status` and `headers` (raw, in order) are there once `head()` has returned."""

    def __init__(self, connection: Http1Connection, timeouts: Timeouts) -> None:
        self.status = 0
        self.headers: HeaderList = []
        self.complete = False
        self.keeps_connection = False
        """Whether the upstream is willing to answer another request on this connection."""
        self._connection = connection
        self._timeouts = timeouts
        self._parser = httptools.HttpResponseParser(self)
        self._head_done = False
        self._head_bytes = 0
        self._chunks: list[bytes] = []
        self._buffered = 0
        self._error: UpstreamError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self._timer = self._loop.call_later(min(timeouts.first_byte, timeouts.idle), self._check_silence)

    async def head(self) -> None:
        """Wait for status and headers. Raises `UpstreamError`."""
        while not self._head_done:
            await self._wait()

    async def read(self) -> bytes:
        """The bytes that have come in since the last call, at least one; empty at the end. Raises `UpstreamError`."""
        while not self._chunks:
            if self.complete:
                return b""
            await self._wait()
        chunks, self._chunks, self._buffered = self._chunks, [], 0
        self._connection.resume()
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def close(self) -> None:
        """Done with the answer: the connection lives on only if the answer has come in to its end."""
        self._timer.cancel()
        if not self.complete:
            self._connection.abort()

    def feed(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.keeps_connection = False
            if not self.complete:  # what follows an answer is nothing that was asked for
                self.fail(UpstreamBroken(f"{self._connection.origin} gave no valid HTTP answer: {error}."))
        if not self._head_done:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.fail(
                    UpstreamBroken(f"{self._connection.origin} sent headers of more than {MAX_HEAD_BYTES} bytes.")
                )
        self._wake()

    def end_of_connection(self) -> None:
        """The connection is gone: the end of an answer without a length, and a failure of any other."""
        if self.complete:
            return
        if self._head_done and self._ends_with_connection():
            self.complete = True
            self._wake()
            return
        origin = self._connection.origin
        if self._head_done:
            self.fail(UpstreamBroken(f"{origin} closed the connection in the middle of its answer."))
        elif self._is_stale():
            self.fail(StaleConnection(f"{origin} closed the connection without an answer."))
        else:
            self.fail(UpstreamDisconnected(f"{origin} closed the connection without an answer."))

    def fail(self, error: UpstreamError) -> None:
        self._error = self._error or error
        self._connection.abort()
        self._wake()

    # What the parser calls -----------------------------------------------------------------------------------------
    def on_message_begin(self) -> None:
        if self.complete:
            raise ValueError("a second answer to one request")

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._head_done:  # afterwards they are trailers
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        if self.status < 200:  # "100 Continue" and "103 Early Hints" announce the answer and are not it
            self.headers = []
        else:
            self._head_done = True

    def on_body(self, body: bytes) -> None:
        self._chunks.append(body)
        self._buffered += len(body)
        if self._buffered > _PAUSE_AT_BYTES:
            self._connection.pause()

    def on_message_complete(self) -> None:
        if self._head_done:
            self.complete = True
            self.keeps_connection = self._parser.should_keep_alive()  # known in this moment only

    # ---------------------------------------------------------------------------------------------------------------
    def _is_stale(self) -> bool:
        waited = self._loop.time() - self._heard_at
        return self._connection.reused and not self._head_bytes and waited < _STALE_WITHIN_SECONDS

    def _ends_with_connection(self) -> bool:
        return not {name.lower() for name, _ in self.headers} & {b"content-length", b"transfer-encoding"}

    async def _wait(self) -> None:
        if self._error is not None:
            raise self._error
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
        if self._error is not None and not self._chunks:
            raise self._error

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _check_silence(self) -> None:
        limit = self._timeouts.idle if self._head_done else self._timeouts.first_byte
        left = self._heard_at + limit - self._loop.time()
        if self._waiter is None:  # the client is slow, or the answer is complete: the upstream owes nothing
            left = limit
        elif left <= 0:
            where = self._connection.origin
            self.fail(UpstreamTimeout(f"{where} sent nothing for {limit:g} s, the provider's limit."))
            return
        self._timer = self._loop.call_later(left, self._check_silence)


class Http1Connection(asyncio.Protocol):
    """One connection to `origin`. `on_idle` and `on_lost` are called with it when it can be used again, or never
    more."""

    def __init__(
        self,
        origin: str,
        transport: asyncio.Transport,
        on_idle: Callable[[Http1Connection], None],
        on_lost: Callable[[Http1Connection], None],
    ) -> None:
        self.origin = origin
        self.reused = False
        self.idle_since = 0.0
        self._transport = transport
        self._on_idle = on_idle
        self._on_lost = on_lost
        self._response: Http1Response | None = None
        self._paused = False

    async def request(self, head: bytes, body: bytes, timeouts: Timeouts) -> Http1Response:
        """Send a request and wait for the answer's head. Raises `UpstreamError`; then the connection is gone."""
        self._response = response = Http1Response(self, timeouts)
        self._transport.writelines([head, body] if body else [head])
        try:
            await response.head()
        except BaseException:  # also when the client has left and this task is cancelled
            response.close()
            raise
        return response

    @property
    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def abort(self) -> None:
        self._transport.abort()

    def pause(self) -> None:
        if not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._paused and not self.is_closing:
            self._transport.resume_reading()
        self._paused = False

    def data_received(self, data: bytes) -> None:
        response = self._response
        if response is None:
            self.abort()
            return
        response.feed(data)
        if response.complete:
            self._release(response)

    def eof_received(self) -> bool:
        return False  # the transport closes, and `connection_lost` tells the response

    def connection_lost(self, error: Exception | None) -> None:
        if self._response is not None:
            self._response.end_of_connection()
        self._on_lost(self)

    def _release(self, response: Http1Response) -> None:
        self._response = None
        if response.keeps_connection and not self._transport.get_write_buffer_size():
            self.resume()
            self._on_idle(self)
        else:
            self._transport.close()
