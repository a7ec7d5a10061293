"""The only place that talks HTTP to providers.

Strategy: aiohttp's client, because it measures best (tests/bench/RESULTS.md), used as a byte pipe: nothing is
decoded, no redirect followed, no cookie kept, no header added, no environment consulted on the way (`.netrc` would
add a credential). A session belongs to one event loop. aiohttp's exceptions are translated here, once, into those of
`providers.errors`. """

from __future__ import annotations

import asyncio
import warnings
from functools import lru_cache
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass
from weakref import WeakKeyDictionary

import aiohttp
from yarl import URL

from providers.adapters.base import HeaderList, Timeouts, UpstreamRequest
from providers.errors import UpstreamBroken, UpstreamDisconnected, UpstreamError, UpstreamTimeout, UpstreamUnreachable

_AUTOMATIC_HEADERS = ("accept", "accept-encoding", "user-agent", "content-type")
_MAX_HEAD_BYTES = 128 * 1024
_IDLE_CONNECTION_SECONDS = 30  # shorter than a load balancer's own limit, which would close the connection under us

# The advice to stream large bodies from a file is of no use: the body is in memory already.
warnings.filterwarnings("ignore", message="Sending a large body directly", category=ResourceWarning)


class UpstreamResponse:
    """An answer whose head is there. `headers` are raw, in order; the body is read chunk by chunk, as it comes in."""

    def __init__(self, response: aiohttp.ClientResponse, timeouts: Timeouts) -> None:
        self.status = response.status
        self.headers: HeaderList = list(response.raw_headers)
        self._response = response
        self._timeouts = timeouts
        if response.connection is not None and response.connection.protocol is not None:
            response.connection.protocol.read_timeout = timeouts.idle

    async def read(self) -> bytes:
        """The bytes that have come in since the last call, at least one; empty at the end. Raises `UpstreamError`."""
        try:
            return await self._response.content.readany()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _translate(error, self._response.url, self._timeouts.idle) from error

    def close(self) -> None:
        """Free the connection: it is used again when the answer was read to its end, and closed otherwise."""
        self._response.close()


class Upstream:
    """The HTTP client of one process."""

    def __init__(self) -> None:
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = WeakKeyDictionary()

    async def open(self, request: UpstreamRequest, timeouts: Timeouts) -> UpstreamResponse:
        """Send `request` and wait for the answer's head. Raises `UpstreamError`."""
        url = URL(request.origin + request.target, encoded=True)
        try:
            response = await self._session().request(
                request.method,
                url,
                headers=[(_text(name), _text(value)) for name, value in request.headers],
                data=request.body or None,
                allow_redirects=False,
                timeout=_client_timeout(timeouts),
                proxy=_proxy_for(request.origin),
            )
        except (aiohttp.ClientError, TimeoutError, OSError, UnicodeError) as error:
            raise _translate(error, url, timeouts.first_byte) from error
        return UpstreamResponse(response, timeouts)

    async def close(self) -> None:
        """Close all connections of the running event loop."""
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

    def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None:
            session = self._sessions[loop] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_CONNECTION_SECONDS, ttl_dns_cache=60),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=_AUTOMATIC_HEADERS,
                auto_decompress=False,
                max_line_size=_MAX_HEAD_BYTES,
                max_field_size=_MAX_HEAD_BYTES,
            )
        return session


@lru_cache(maxsize=256)
def _client_timeout(timeouts: Timeouts) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=timeouts.connect, sock_read=timeouts.first_byte)


@lru_cache(maxsize=256)
def _proxy_for(origin: str) -> str | None:
    """The proxy that the environment names for this origin (`HTTPS_PROXY`, `NO_PROXY`…)."""
    parts = urlsplit(origin)
    proxy = None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy


@lru_cache(maxsize=4096)
def _text(value: bytes) -> str:
    """aiohttp takes text and sends it as UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _translate(error: Exception, url: URL, seconds: float) -> UpstreamError:
    where = f"{url.scheme}://{url.raw_authority}"
    match error:
        case aiohttp.ConnectionTimeoutError():
            return UpstreamUnreachable(f"No connection to {where} within the provider's connect timeout.")
        case TimeoutError():
            return UpstreamTimeout(f"{where} sent nothing for {seconds:g} s, the provider's limit.")
        case aiohttp.InvalidURL() | UnicodeError():  # a host's name is only looked at when it is asked for
            return UpstreamUnreachable(f"Cannot connect to {where}: its address, or that of its proxy, is not valid.")
        case aiohttp.ClientProxyConnectionError():
            return UpstreamUnreachable(f"Cannot connect to the proxy for {where}: {error.strerror or error}.")
        case aiohttp.ClientConnectorError():
            return UpstreamUnreachable(f"Cannot connect to {where}: {error.strerror or error}.")
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError() | OSError():
            return UpstreamDisconnected(f"{where} closed the connection without an answer.")
        case aiohttp.ClientPayloadError():
            return UpstreamBroken(f"{where} closed the connection in the middle of its answer.")
        case _:
            return UpstreamBroken(f"{where} gave no valid HTTP answer: {error}")
