from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from providers.validation import (
    is_loopback,
    may_get_client_credential,
    normalized_base_url,
    validate_base_url,
    validate_extra_headers,
)


@pytest.mark.parametrize("url", ["https://llm.example", "http://127.0.0.1:9000", "https://[::1]:8443/base/path"])
def test_a_plain_http_address_is_a_base_url(url: str) -> None:
    validate_base_url(url)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "scheme and host"),
        ("llm.example", "scheme and host"),
        ("ftp://llm.example", "scheme and host"),
        ("https://", "scheme and host"),
        ("https:///v1", "scheme and host"),
        ("https://user:pass@llm.example", "user name"),
        ("https://llm.example?key=1", "query"),
        ("https://llm.example/?", "query"),
        ("https://llm.example/#top", "fragment"),
        ("https://llm.example:port", "not a valid URL"),
        ("https://llm.example:99999", "not a valid URL"),
        ("https://[::1", "not a valid URL"),
        ("https://llm.example/a b", "space"),
        ("https://llm.example\n", "control character"),
        ("https://llm.example\\@other.example", "backslash"),
    ],
)
def test_anything_else_is_refused_with_the_reason(url: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        validate_base_url(url)


@pytest.mark.parametrize(
    ("entered", "expected"),
    [
        ("https://llm.example", "https://llm.example"),
        (" https://llm.example/ ", "https://llm.example"),
        ("https://llm.example/v1/", "https://llm.example/v1"),
        ("https://llm.example/v1beta/openai//", "https://llm.example/v1beta/openai"),
        ("https://llm.example/v1/chat/completions", "https://llm.example/v1"),
        ("https://llm.example/v1/chat/completions/", "https://llm.example/v1"),
        ("https://llm.example/chat/completions", "https://llm.example"),
        ("https://llm.example/v1/messages", "https://llm.example/v1"),
        ("https://llm.example/v1/models", "https://llm.example/v1"),
        ("https://llm.example/models/team-a", "https://llm.example/models/team-a"),
        ("https://models", "https://models"),
    ],
)
def test_a_base_url_that_was_copied_with_a_requests_path_loses_it(entered: str, expected: str) -> None:
    assert normalized_base_url(entered) == expected


@pytest.mark.parametrize("headers", [{}, {"x-team": "search"}, {"X-Empty": ""}, {"anthropic-beta": "one, two"}])
def test_names_and_values_that_http_allows_are_extra_headers(headers: dict[str, str]) -> None:
    validate_extra_headers(headers)


@pytest.mark.parametrize(
    ("headers", "complaint"),
    [
        (["x-team"], "JSON object"),
        ("x-team: search", "JSON object"),
        ({"": "x"}, "not a valid header name"),
        ({"x team": "x"}, "not a valid header name"),
        ({"x-team:": "x"}, "not a valid header name"),
        ({"x-team": "a\r\nx-other: b"}, "without line breaks"),
        ({"x-team": "nul\0"}, "printable"),
        ({"x-team": "é"}, "ASCII"),
        ({"x-team": 1}, "must be text"),
        ({"Host": "other.example"}, "belongs to the connection"),
        ({"content-length": "3"}, "belongs to the connection"),
        ({"Connection": "close"}, "belongs to the connection"),
        ({"X-Team": "a", "x-team": "b"}, "twice"),
    ],
)
def test_other_headers_are_refused_with_the_reason(headers: object, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        validate_extra_headers(headers)


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "proxy-authorization",
        "X-Api-Key",
        "api-key",
        "Cookie",
        "x-gateway-key",
        "x-auth-token",
        "secret",
    ],
)
def test_a_credential_among_the_headers_is_sent_to_where_it_belongs(name: str) -> None:
    with pytest.raises(ValidationError, match="enter it under “Credential”"):
        validate_extra_headers({name: "value"})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:1", True),
        ("http://gateway.localhost", True),
        ("http://127.3.2.1", True),
        ("http://[::1]:80", True),
        ("http://10.0.0.1", False),
        ("http://localhost.example", False),
        ("http://127.0.0.1.example", False),
    ],
)
def test_loopback_is_this_machine_only(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.anthropic.com", True),
        ("https://API.Anthropic.com:443/v1", True),
        ("http://127.0.0.1:5000", True),
        ("https://api.anthropic.com:8443", False),
        ("http://api.anthropic.com", False),
        ("http://127.0.0.1:5001", False),
        ("https://api.anthropic.com.example", False),
        ("https://example/api.anthropic.com", False),
    ],
)
def test_a_clients_credential_is_for_the_listed_hosts_and_ports(url: str, expected: bool, settings: Settings) -> None:
    settings.CLIENT_CREDENTIAL_HOSTS = ["api.anthropic.com", " 127.0.0.1:5000"]
    assert may_get_client_credential(url) is expected
