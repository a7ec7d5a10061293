"""Which headers travel: end-to-end ones do, and no credential does by itself.

Left out of a request: the hop-by-hop headers of RFC 9110 section 7.6.1 with those that `Connection` names, what the
HTTP client writes itself (`Host`, `Content-Length`), everything that can carry a credential, and what proxies on the
client's side added about the client.
"""

from __future__ import annotations

from collections.abc import Iterable

from providers.adapters.base import HeaderList

SESSION_ID = b"x-claude-code-session-id"
HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
CREDENTIALS = frozenset((b"authorization", b"x-api-key", b"x-gateway-key", b"proxy-authorization", b"cookie"))
_WRITTEN_BY_THE_HTTP_CLIENT = frozenset((b"host", b"content-length", b"expect"))
_ABOUT_THE_CLIENT = frozenset((b"forwarded", b"via", b"x-real-ip", b"true-client-ip", b"cdn-loop"))
_NOT_FORWARDED = HOP_BY_HOP | CREDENTIALS | _WRITTEN_BY_THE_HTTP_CLIENT | _ABOUT_THE_CLIENT
_NOT_FORWARDED_PREFIXES = (b"x-forwarded-", b"cf-")


def forwarded_request_headers(headers: HeaderList) -> HeaderList:
    """The end-to-end headers of a request, in their order, without any credential. Names are in lower case."""
    dropped = _NOT_FORWARDED | _named_by_connection(headers)
    return [h for h in headers if h[0] not in dropped and not h[0].startswith(_NOT_FORWARDED_PREFIXES)]


def forwarded_response_headers(headers: Iterable[tuple[bytes, bytes]]) -> HeaderList:
    """The end-to-end headers of a response, in their order, with names in lower case as ASGI wants them."""
    lowered = [(name.lower(), value) for name, value in headers]
    dropped = HOP_BY_HOP | _named_by_connection(lowered)
    return [header for header in lowered if header[0] not in dropped]


def _named_by_connection(headers: HeaderList) -> frozenset[bytes]:
    values = [value for name, value in headers if name == b"connection"]
    return frozenset(token.strip().lower() for value in values for token in value.split(b","))
