"""Replaces credentials by a short keyed hash, before anything reaches the journal.

The hash tells equal credentials from different ones and says nothing else: it is an HMAC under the project's secret
key, cut to 32 bits. Names of headers decide, not values. Response headers that speak of tokens (`anthropic-ratelimit-
tokens-…`) are no credentials, so a name must end in one of the words or be one of the known names.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote_plus

from django.conf import settings

from requestlog.exchange import Headers

_CREDENTIAL_NAME = re.compile(
    r"(authorization|cookie|set-cookie2?|(.*[-_])?(api[-_]?key|key|token|secret|password|passwd|credentials?|auth|signature))",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(?i)(basic|bearer|digest|token|negotiate) +")


@lru_cache(maxsize=4096)
def is_credential(name: str) -> bool:
    """Whether a header or query parameter of this name carries a credential."""
    return _CREDENTIAL_NAME.fullmatch(name) is not None or name.lower().endswith("authorization")


@lru_cache(maxsize=1024)
def fingerprint(value: str) -> str:
    """`[redacted 1a2b3c4d]`, with the authorization scheme kept in front where there is one."""
    scheme = _SCHEME.match(value)
    prefix = scheme.group() if scheme else ""
    digest = hmac.new(
        settings.SECRET_KEY.encode(), value[len(prefix) :].encode("utf-8", "surrogatepass"), hashlib.sha256
    ).hexdigest()
    return f"{prefix}[redacted {digest[:8]}]"


def redact_headers(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """HTTP headers as the log stores them: latin-1 text, credentials replaced."""
    return [_redact_header(name, value) for name, value in headers]


@lru_cache(maxsize=4096)
def _redact_header(raw_name: bytes, raw_value: bytes) -> tuple[str, str]:
    name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
    return name, fingerprint(value) if is_credential(name) else value


def redact_query(query: str) -> str:
    """A query string with the values of credential parameters replaced; every other byte stays."""
    if not query:
        return query
    return "&".join(map(_redact_parameter, query.split("&")))


def _redact_parameter(parameter: str) -> str:
    name, separator, value = parameter.partition("=")
    return f"{name}={fingerprint(value)}" if separator and is_credential(unquote_plus(name)) else parameter
