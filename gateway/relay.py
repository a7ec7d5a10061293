"""From a request that may be served to the bytes of its answer.

`Relay.open()` goes as far as the head of the upstream's answer, so that the view can give an honest status line, and
`Relay.chunks()` is the body. An error before the head is an `ApiError`; one after it can only be told in the stream
itself.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from gateway.errors import ApiError, ProviderFailed, ProviderTimedOut
from providers.adapters.base import HeaderList, ProviderConfig, UpstreamRequest
from providers.adapters.headers import forwarded_response_headers
from providers.errors import StaleConnection, UpstreamError, UpstreamTimeout
from providers.upstream import Upstream, UpstreamResponse
from requestlog.exchange import Attempt, Exchange

upstream = Upstream()

_FIRST_TOKEN = b"content_block_delta"


class Relay:
    """One request to one provider. `close()` must be called; it may be called at any time."""

    def __init__(self, exchange: Exchange, request: UpstreamRequest, provider: ProviderConfig) -> None:
        self._exchange = exchange
        self._request = request
        self._provider = provider
        self._response: UpstreamResponse | None = None

    async def open(self) -> None:
        """Wait for the head of the answer. Raises `ApiError`."""
        try:
            self._response = await self._attempt_on_live_connection()
        except UpstreamError as error:
            raise self._failure(error) from error
        self._exchange.upstream_answered_at = time.time()
        self._exchange.upstream_request_id = _request_id(self._response.headers)

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
        if self._exchange.first_token_at is None and _FIRST_TOKEN in chunk:
            self._exchange.first_token_at = time.time()
        return chunk

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes in."""
        while chunk := await self.read():
            yield chunk

    def close(self) -> None:
        if self._response is not None:
            self._response.close()

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

    def _failure(self, error: UpstreamError) -> ApiError:
        kind = ProviderTimedOut if isinstance(error, UpstreamTimeout) else ProviderFailed
        return kind(f"Provider {self._provider.name}: {error}")


def _request_id(headers: HeaderList) -> str:
    found = {name.lower(): value for name, value in headers}
    return (found.get(b"request-id") or found.get(b"x-request-id") or b"").decode("latin-1")
