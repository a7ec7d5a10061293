"""When clients are told to try again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.protocol.chat.answers.errors import convert_error

Headers = dict[bytes, bytes]


def headers_of(status: int, message: str = "Busy", headers: Headers | None = None, **fields: Any) -> Headers:
    body = json.dumps({"error": {"message": message, **fields}}).encode()
    return dict(convert_error(status, headers or {}, body).headers)


@pytest.mark.parametrize("value", [b"7", b"Wed, 21 Oct 2026 07:28:00 GMT"])
def test_the_header_is_kept(value: bytes) -> None:
    headers = {b"retry-after": value, b"retry-after-ms": b"1", b"x-ratelimit-reset": b"5", b"content-length": b"99"}
    assert headers_of(429, "Please try again in 3s", headers) == {b"retry-after": value}


@pytest.mark.parametrize(("milliseconds", "seconds"), [(b"1200", b"2"), (b"1000", b"1"), (b"20", b"1"), (b"1.5", b"1")])
def test_milliseconds_become_whole_seconds(milliseconds: bytes, seconds: bytes) -> None:
    assert headers_of(429, headers={b"retry-after-ms": milliseconds}) == {b"retry-after": seconds}


def test_milliseconds_that_are_none_are_passed_over() -> None:
    assert headers_of(429, headers={b"retry-after-ms": b"soon"}) == {}


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("Rate limit reached for model. Please try again in 7.66s. Visit the site.", b"8"),
        ("Please try again in 1m2s.", b"62"),
        ("Please try again in 6m0s.", b"360"),
        ("Please try again in 1h1m1.5s", b"3662"),
        ("Please try again in 20ms.", b"1"),
        ("Please retry in 34.074824224s.", b"35"),
        ("Please retry after 30 seconds.", b"30"),
        ("Try again in 2 minutes", b"120"),
        ("Please try again in 2 days.", b"172800"),
    ],
)
def test_the_time_is_read_from_the_words(message: str, seconds: bytes) -> None:
    assert headers_of(429, message) == {b"retry-after": seconds}
    assert headers_of(503, message) == {b"retry-after": seconds}
    assert headers_of(400, message) == {}


@pytest.mark.parametrize("message", ["Please try again later.", "Try again in a while", "", "try again in 5 steps"])
def test_words_without_a_time_tell_none(message: str) -> None:
    assert headers_of(429, message) == {}


@pytest.mark.parametrize(("delay", "seconds"), [("34s", b"34"), ("34.07s", b"35"), ("0.5s", b"1")])
def test_the_time_is_read_from_geminis_retry_info(delay: str, seconds: bytes) -> None:
    details = [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay},
    ]
    message = "You exceeded your current quota, please check your plan and billing details."
    assert headers_of(429, message, details=details) == {b"retry-after": seconds}


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        (
            "You exceeded your current quota, please check your plan and billing details.",
            {"code": "insufficient_quota"},
        ),
        ("You exceeded your current quota, please check your plan and billing details.", {}),
        ("Insufficient balance or no resource package. Please recharge.", {"code": "1113"}),
        ("Sorry", {"type": "insufficient_quota"}),
        (
            "Request too large for gpt-x on tokens per min (TPM): Limit 30000, Requested 40000.",
            {"code": "rate_limit_exceeded"},
        ),
    ],
)
def test_what_waiting_does_not_cure_is_not_tried_again(message: str, fields: dict[str, Any]) -> None:
    assert headers_of(429, message, **fields) == {b"x-should-retry": b"false"}


@pytest.mark.parametrize("value", [b"true", b"false"])
def test_what_the_upstream_says_of_trying_again_is_kept(value: bytes) -> None:
    assert headers_of(429, headers={b"x-should-retry": value}, code="insufficient_quota") == {b"x-should-retry": value}
