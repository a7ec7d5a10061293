"""When a client should try again after an upstream's error, and when it should not.

The Messages API's clients read `retry-after` (seconds) and `x-should-retry`. Upstreams tell the time in that header, in
`retry-after-ms`, in Gemini's `RetryInfo`, or in their words ("try again in 1m2.5s"). A quota that has run out, or a
request that is larger than the quota itself, is not cured by waiting: clients should not try again for minutes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from providers.protocol.chat.answers.error_bodies import ErrorReading

RETRY_AFTER = b"retry-after"
SHOULD_RETRY = b"x-should-retry"
_RETRY_AFTER_MS = b"retry-after-ms"
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_SECONDS_OF_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SPELLED_OUT = (
    (re.compile(r"\s*(?:milliseconds?|msecs?)\b"), "ms"),
    (re.compile(r"\s*(?:seconds?|secs?)\b"), "s"),
    (re.compile(r"\s*(?:minutes?|mins?)\b"), "m"),
    (re.compile(r"\s*(?:hours?|hrs?)\b"), "h"),
    (re.compile(r"\s*days?\b"), "d"),
)
_WAIT = re.compile(
    r"\b(?:try again|retry)(?: your request)? (?:in|after) (?:about )?((?:\d+(?:\.\d+)?(?:ms|[smhd])\s*)+)"
)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")
_OUT_OF_CREDIT_NAMES = {
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "insufficient_balance",
}
_OUT_OF_CREDIT = re.compile(
    r"insufficient (?:balance|credits?|funds|quota)|credit balance|exceeded your current quota|out of credits?"
    r"|billing (?:hard )?limit|recharge|spend(?:ing)? limit",
    re.IGNORECASE,
)
_LARGER_THAN_THE_QUOTA = re.compile(r"^Request too large for ", re.IGNORECASE)


def retry_headers(
    status: int, headers: Mapping[bytes, bytes], reading: ErrorReading
) -> tuple[tuple[bytes, bytes], ...]:
    """The headers for the client; names in `headers` are in lower case."""
    found = []
    seconds = _retry_after(status, headers, reading)
    if seconds:
        found.append((RETRY_AFTER, seconds))
    if told := headers.get(SHOULD_RETRY):
        found.append((SHOULD_RETRY, told))
    elif status == _TOO_MANY_REQUESTS and _is_hopeless(reading, waits=bool(seconds)):
        found.append((SHOULD_RETRY, b"false"))
    return tuple(found)


def _retry_after(status: int, headers: Mapping[bytes, bytes], reading: ErrorReading) -> bytes:
    if told := headers.get(RETRY_AFTER, b"").strip():
        return told
    if milliseconds := headers.get(_RETRY_AFTER_MS, b"").strip():
        return _whole_seconds(milliseconds.decode("latin-1") + "ms")
    if status != _TOO_MANY_REQUESTS and status < _SERVER_ERROR:
        return b""
    if reading.retry_delay:
        return _whole_seconds(reading.retry_delay)
    wait = _WAIT.search(_with_short_units(reading.message.lower()))
    return _whole_seconds(wait[1]) if wait else b""


def _with_short_units(text: str) -> str:
    for spelled_out, unit in _SPELLED_OUT:
        text = spelled_out.sub(unit, text)
    return text


def _whole_seconds(duration: str) -> bytes:
    """`1m2.5s` is 63 seconds; empty for what is no duration."""
    parts = _PART.findall(duration)
    seconds = math.fsum(float(number) * _SECONDS_OF_UNIT[unit] for number, unit in parts)
    return str(math.ceil(round(seconds, 6))).encode() if parts and math.isfinite(seconds) else b""


def _is_hopeless(reading: ErrorReading, *, waits: bool) -> bool:
    """Gemini says "check your plan and billing" of limits per minute too, but then it says how long to wait."""
    if not _OUT_OF_CREDIT_NAMES.isdisjoint(reading.names) or _LARGER_THAN_THE_QUOTA.match(reading.message):
        return True
    return not waits and _OUT_OF_CREDIT.search(reading.message) is not None
