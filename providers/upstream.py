"""The only place that talks HTTP to providers: a byte pipe that decodes, follows, keeps and adds nothing by itself.

Our own client on llhttp, because the client is most of what the gateway costs: aiohttp's took two thirds of the time
of a small request (tests/bench/RESULTS.md). Connections are kept for `IDLE_SECONDS` and belong to one event loop, as
asyncio wants it.
"""

from __future__ import annotations

import asyncio
import base64
import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit
from weakref import WeakKeyDictionary

from providers.adapters.base import Timeouts, UpstreamRequest
from providers.dialing import Dialer, proxy_for
from providers.http1 import Http1Connection, Http1Response

IDLE_SECONDS = 30.0
"""Shorter than the limit of load balancers, which would otherwise close the connection under us."""

UpstreamResponse = Http1Response
_UNSAFE_IN_A_TARGET = re.compile(r"[\x00-\x20\x7f]")


class Upstream:
    """The HTTP client of one process."""

    def __init__(self) -> None:
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, _Pool] = WeakKeyDictionary()

    async def open(self, request: UpstreamRequest, timeouts: Timeouts) -> UpstreamResponse:
        """Send `request` and wait for the answer's head. Raises `UpstreamError`."""
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            pool = self._pools[loop] = _Pool(loop)
        connection = await pool.connection(request.origin, timeouts)
        return await connection.request(_head(request), request.body, timeouts)

    async def close(self) -> None:
        """Close all connections of the running event loop."""
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.close()


class _Pool:
    """The connections of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._dialer = Dialer()
        self._idle: dict[str, list[Http1Connection]] = {}
        self._sweep: asyncio.TimerHandle | None = None

    async def connection(self, origin: str, timeouts: Timeouts) -> Http1Connection:
        """The connection that was used last, or a new one. Raises `UpstreamUnreachable`."""
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if not connection.is_closing:
                connection.reused = True
                return connection
        return await self._dialer.dial(origin, timeouts.connect, self._keep, self._forget)

    async def close(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in [connection for idle in self._idle.values() for connection in idle]:
            connection.abort()
        await self._dialer.close()

    def _keep(self, connection: Http1Connection) -> None:
        connection.idle_since = self._loop.time()
        self._idle.setdefault(connection.origin, []).append(connection)
        if self._sweep is None:
            self._sweep = self._loop.call_later(IDLE_SECONDS, self._close_old)

    def _forget(self, connection: Http1Connection) -> None:
        idle = self._idle.get(connection.origin, [])
        if connection in idle:
            idle.remove(connection)

    def _close_old(self) -> None:
        oldest = self._loop.time() - IDLE_SECONDS
        for connection in [connection for idle in self._idle.values() for connection in idle]:
            if connection.idle_since <= oldest:
                connection.abort()
        self._sweep = self._loop.call_later(IDLE_SECONDS / 2, self._close_old) if any(self._idle.values()) else None


def _head(request: UpstreamRequest) -> bytes:
    if _UNSAFE_IN_A_TARGET.search(request.target):
        raise ValueError("a request target holds a space or a control character")
    host, more, absolute = _connection_headers(request.origin)
    target = absolute + request.target
    lines = [f"{request.method} {target} HTTP/1.1\r\nhost: {host}\r\n".encode(), more]
    for name, value in request.headers:
        lines += (name, b": ", value, b"\r\n")
    if request.body or request.method != "GET":
        lines.append(b"content-length: %d\r\n" % len(request.body))
    lines.append(b"\r\n")
    return b"".join(lines)


@lru_cache(maxsize=256)
def _connection_headers(origin: str) -> tuple[str, bytes, str]:
    """The Host header, further headers, and what stands before the path: a proxy is told whom a plain request is
    for."""
    proxy = proxy_for(origin) if origin.startswith("http:") else None
    if proxy is None:
        return urlsplit(origin).netloc, b"", ""
    user = urlsplit(proxy)
    credentials = f"{unquote(user.username)}:{unquote(user.password or '')}" if user.username else ""
    basic = base64.b64encode(credentials.encode())
    return urlsplit(origin).netloc, b"proxy-authorization: Basic " + basic + b"\r\n" if credentials else b"", origin
