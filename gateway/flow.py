"""One request on its way through the gateway: its exchange for the log, its client's connection, and its body.

The journal is written here and nowhere else: once when the request is accepted, once when it has ended, whatever
ended it.
"""

from __future__ import annotations

import contextlib
import time
from typing import Protocol

from django.conf import settings

from gateway.connection import ClientConnection, Scope
from gateway.errors import ApiError, LogFull
from gateway.keepalive import StreamKeepAlive
from providers.adapters.base import HeaderList
from providers.protocol.errors import ErrorType
from requestlog.exchange import Exchange, Outcome
from requestlog.journal import Journal, JournalFull
from requestlog.recorder_process import ensure_recorder
from requestlog.redaction import redact_headers, redact_query

REQUEST_ID_HEADER = b"x-gateway-request-id"
_RECORDER_CHECK_SECONDS = 1.0


class Closable(Protocol):
    def close(self) -> None: ...


class Watch(Protocol):
    def feed(self, chunk: bytes) -> None: ...


class Flow:
    def __init__(self, scope: Scope, client: ClientConnection, journal: RequestJournal) -> None:
        self.scope = scope
        self.client = client
        self.exchange = _begin_exchange(scope)
        self.body = b""
        self.sent = b""
        """The body that goes upstream, where it is not the client's own."""
        self.received: list[bytes] = []
        """What came from the upstream, where it is not what the client gets."""
        self.body_complete_at = 0.0
        self.keepalive: StreamKeepAlive | None = None
        self.answer: Closable | None = None
        """The upstream's answer, open until the flow is closed."""
        self.launches: Watch | None = None
        """Sees the answer's bytes as the upstream sent them, where agents may be launched in it."""
        self.admitted = False
        """Whether the caller may use the gateway. The bodies of others are not kept: they could fill the log."""
        self._journal = journal
        self._accepted = False

    @property
    def headers(self) -> HeaderList:
        headers: HeaderList = self.scope["headers"]
        return headers

    @property
    def path(self) -> str:
        """Without the second `/v1` that comes of a base URL which ends in one."""
        path: str = self.scope["path"]
        return path[3:] if path.startswith("/v1/v1/") else path

    @property
    def gateway_headers(self) -> HeaderList:
        """What the gateway adds to every answer: where to find it in the log, and which provider gave it."""
        headers = [(REQUEST_ID_HEADER, str(self.exchange.id).encode())]
        if self.exchange.provider:
            headers.append((b"x-gateway-provider", self.exchange.provider.encode()))
        return headers

    async def read_body(self) -> None:
        """Raises `BodyTooLarge` and `ClientLeft`."""
        self.body = await self.client.read_body(settings.MAX_REQUEST_BYTES)
        self.exchange.request_bytes = len(self.body)
        self.body_complete_at = time.perf_counter()

    def accept(self) -> None:
        """Promise the log that this request will end in an entry. Raises `LogFull`."""
        self._journal.accept(self.exchange, self.body)
        self._accepted = True

    def keep_alive(self) -> None:
        """Break silences from here on: the client waits for a stream."""
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]
        self.keepalive = StreamKeepAlive(self.client, settings.PING_SECONDS, headers + self.gateway_headers)
        self.keepalive.start()

    def fail(self, error: ApiError) -> None:
        """Note that the gateway answers `error` itself. What an admitted caller sent is logged all the same."""
        if self.body and self.admitted and not self._accepted:
            with contextlib.suppress(LogFull):
                self.accept()
        self.exchange.status = error.status
        self.exchange.finish(error.outcome, error.error_type, str(error))

    def note_overhead(self) -> None:
        """The head of the answer has gone out: what of the time until now was not the upstream's was the gateway's."""
        waited_ms = sum(attempt.duration_ms for attempt in self.exchange.attempts)
        self.exchange.overhead_ms = (time.perf_counter() - self.body_complete_at) * 1000 - waited_ms

    def close(self) -> None:
        """The end, reached on every path. Never raises: the client has its answer, or is gone."""
        if self.keepalive is not None:
            self.keepalive.stop()
        if self.answer is not None:
            self.answer.close()
        exchange, client = self.exchange, self.client
        exchange.finish(Outcome.INTERRUPTED, ErrorType.API, "The gateway stopped before the exchange had ended.")
        exchange.status = exchange.status or client.status  # a client that has left may have got no more than pings
        exchange.response_headers = redact_headers(client.sent_headers)
        exchange.response_bytes = client.sent_bytes
        self._journal.finish(exchange, b"".join(client.sent), self.sent, b"".join(self.received))


class RequestJournal:
    """The process's journal, with a recorder behind it."""

    def __init__(self) -> None:
        self._journal: Journal | None = None
        self._recorder_checked_at = float("-inf")

    def accept(self, exchange: Exchange, body: bytes) -> None:
        self.ensure_recorder()
        try:
            self._open().accept(exchange, body)
        except JournalFull as error:
            raise LogFull(f"The request log cannot take more requests: {error}. See /readyz of the gateway.") from error

    def finish(self, exchange: Exchange, response: bytes, sent: bytes = b"", received: bytes = b"") -> None:
        self.ensure_recorder()
        self._open().finish(exchange, response, sent, received)

    def tend(self) -> None:
        """Do what cannot wait for the next request; to be called about once a second."""
        self.ensure_recorder()
        if self._journal is not None:
            self._journal.retry()

    def close(self) -> None:
        if self._journal is not None:
            self._journal.close()

    def ensure_recorder(self) -> None:
        now = time.monotonic()
        if now - self._recorder_checked_at > _RECORDER_CHECK_SECONDS:
            self._recorder_checked_at = now
            ensure_recorder()

    def _open(self) -> Journal:
        if self._journal is None:  # here and not at import: the process that serves must be the one that writes
            self._journal = Journal(
                settings.JOURNAL_DIR, limit=settings.JOURNAL_LIMIT, bodies_limit=settings.JOURNAL_BODIES_LIMIT
            )
        return self._journal


def _begin_exchange(scope: Scope) -> Exchange:
    headers = dict(scope["headers"])
    client = scope.get("client")
    query = scope["query_string"].decode("latin-1")
    return Exchange(
        client_address=client[0] if client else "",
        user_agent=_header(headers, b"user-agent"),
        session_id=_header(headers, b"x-claude-code-session-id"),
        agent_id=_header(headers, b"x-claude-code-agent-id"),
        parent_agent_id=_header(headers, b"x-claude-code-parent-agent-id"),
        method=scope["method"],
        path=scope["path"] + (f"?{redact_query(query)}" if query else ""),
        request_headers=redact_headers(scope["headers"]),
    )


def _header(headers: dict[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")
