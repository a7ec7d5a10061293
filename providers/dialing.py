"""Makes connections to providers: names, addresses, TLS and proxies.

aiohttp's connector does it, which knows happy eyeballs, certificates and `CONNECT`. What it connects is then taken
over by our own protocol (`providers.http1`); aiohttp's is told when the connection has ended, and is not involved in
between.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from providers.errors import UpstreamUnreachable
from providers.http1 import Http1Connection

OnChange = Callable[[Http1Connection], None]


class Dialer:
    """Belongs to the event loop that it is made in."""

    def __init__(self) -> None:
        self._connector = aiohttp.TCPConnector(limit=0, force_close=True, ttl_dns_cache=60)

    async def dial(self, origin: str, seconds: float, on_idle: OnChange, on_lost: OnChange) -> Http1Connection:
        """Connect to `origin` within `seconds`. Raises `UpstreamUnreachable`."""
        limits = aiohttp.ClientTimeout(total=None, sock_connect=seconds)
        try:
            connected = await self._connector.connect(_request_for(origin), traces=[], timeout=limits)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise _translate(error, origin, seconds) from error
        return _take_over(connected, origin, on_idle, on_lost)

    async def close(self) -> None:
        await self._connector.close()


def _request_for(origin: str) -> aiohttp.ClientRequest:
    """What the connector wants to know. Raises `ValueError` for an address, or one of a proxy, that is none."""
    proxy = proxy_for(origin)
    return aiohttp.ClientRequest(
        "GET", URL(origin), loop=asyncio.get_running_loop(), proxy=URL(proxy) if proxy else None
    )


def _take_over(
    connected: aiohttp.connector.Connection, origin: str, on_idle: OnChange, on_lost: OnChange
) -> Http1Connection:
    transport, previous = connected.transport, connected.protocol
    assert transport is not None and previous is not None

    def lost(connection: Http1Connection) -> None:
        previous.connection_lost(None)
        connected.close()
        on_lost(connection)

    connection = Http1Connection(origin, transport, on_idle, lost)
    transport.set_protocol(connection)
    return connection


@lru_cache(maxsize=256)
def proxy_for(origin: str) -> str | None:
    """The proxy that the environment names for this origin (`HTTPS_PROXY`, `NO_PROXY`…)."""
    parts = urlsplit(origin)
    proxy = None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy


def _translate(error: Exception, origin: str, seconds: float) -> UpstreamUnreachable:
    match error:
        case aiohttp.ConnectionTimeoutError() | TimeoutError():
            return UpstreamUnreachable(f"No connection to {origin} within {seconds:g} s, the provider's limit.")
        case aiohttp.InvalidURL() | ValueError():  # a host's name is only looked at when it is asked for
            return UpstreamUnreachable(f"Cannot connect to {origin}: its address, or that of its proxy, is not valid.")
        case aiohttp.ClientProxyConnectionError():
            return UpstreamUnreachable(f"Cannot connect to the proxy for {origin}: {_reason(error)}.")
        case aiohttp.ClientConnectorError():
            return UpstreamUnreachable(f"Cannot connect to {origin}: {_reason(error)}.")
        case _:
            return UpstreamUnreachable(f"Cannot connect to {origin}: {error}.")


def _reason(error: aiohttp.ClientConnectorError) -> str:
    """The system's words. asyncio puts others in their place ("Connect call failed"); only names have codes below 0."""
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error)
