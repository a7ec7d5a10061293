"""From a request that may be served to the bytes of its answer.

`Relay.open()` goes as far as the head of the upstream's answer, so that the view can give an honest status line, and
`Relay.read()` gives the body. An error before the head is an `ApiError`; one after it can only be told in the stream.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from gateway.errors import ApiError, ProviderFailed, ProviderTimedOut
from providers.adapters.base import HeaderList, ProviderConfig, UpstreamRequest
from providers.adapters.headers import forwarded_response_headers
from providers.errors import StaleConnection, UpstreamError, UpstreamTimeout
from providers.upstream import Upstream, UpstreamResponse
from requestlog.content_encoding import ContentDecoder, UndecodableContent
from requestlog.exchange import Attempt, Exchange

upstream = Upstream()

FIRST_TOKEN = b"content_block_delta"


class Relay:
    """One request to one provider. `close()` must be called; it may be called at any time."""

    def __init__(self, exchange: Exchange, request: UpstreamRequest, provider: ProviderConfig) -> None:
        self._exchange = exchange
        self._request = request
        self._provider = provider
        self._response: UpstreamResponse | None = None
        self._first_token = _FirstToken("")

    async def open(self) -> None:
        """Wait for the head of the answer. Raises `ApiError`."""
        try:
            self._response = await self._attempt_on_live_connection()
        except UpstreamError as error:
            raise self.failure(error) from error
        self._exchange.upstream_answered_at = time.time()
        headers = {name.lower(): value.decode("latin-1") for name, value in self._response.headers}
        self._exchange.upstream_request_id = headers.get(b"request-id") or headers.get(b"x-request-id", "")
        self._first_token = _FirstToken(headers.get(b"content-encoding", ""))

    @property
    def status(self) -> int:
        return self._opened.status

    @property
    def headers(self) -> HeaderList:
        """The end-to-end headers of the answer."""
        return forwarded_response_headers(self._opened.headers)

    async def read(self) -> bytes:
        """The bytes of the body that have come in, empty at its end. Raises `UpstreamError` where it breaks off."""
        chunk = await self._opened.read()
        if self._exchange.streamed and self._exchange.first_token_at is None and self._first_token.is_in(chunk):
            self._exchange.first_token_at = time.time()
        return chunk

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes in."""
        while chunk := await self.read():
            yield chunk

    def close(self) -> None:
        if self._response is not None:
            self._response.close()

    def failure(self, error: UpstreamError) -> ApiError:
        """What the client is told of `error` while nothing of the answer has gone out."""
        kind = ProviderTimedOut if isinstance(error, UpstreamTimeout) else ProviderFailed
        return kind(f"Provider {self._provider.name}: {error}")

    @property
    def _opened(self) -> UpstreamResponse:
        assert self._response is not None, "open() comes first"
        return self._response

    async def _attempt_on_live_connection(self) -> UpstreamResponse:
        """Every stale connection fails at once and costs nothing; a new one ends the loop."""
        while True:
            try:
                return await self._attempt()
            except StaleConnection:
                continue

    async def _attempt(self) -> UpstreamResponse:
        started_at, status, problem = time.time(), None, ""
        try:
            response = await upstream.open(self._request, self._provider.timeouts)
            status = response.status
            return response
        except UpstreamError as error:
            problem = str(error)
            raise
        finally:
            duration_ms = (time.time() - started_at) * 1000
            model = self._exchange.routed_model
            self._exchange.attempts.append(
                Attempt(self._provider.name, model, started_at, duration_ms, status, problem)
            )


class _FirstToken:
    """Looks for the first delta of a stream, also behind a content encoding, and no longer than until it is found."""

    def __init__(self, content_encoding: str) -> None:
        self._content_encoding = content_encoding
        self._decoder: ContentDecoder | None = None

    def is_in(self, chunk: bytes) -> bool:
        if not self._content_encoding:
            return FIRST_TOKEN in chunk
        try:
            self._decoder = self._decoder or ContentDecoder(self._content_encoding)
            return FIRST_TOKEN in self._decoder.feed(chunk)
        except UndecodableContent:
            self._content_encoding = ""
            return False
