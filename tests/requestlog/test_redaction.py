from __future__ import annotations

import pytest
from pytest_django import Settings

from requestlog.redaction import fingerprint, is_credential, redact_headers, redact_query


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "x-api-key",
        "X-Gateway-Key",
        "Cookie",
        "Set-Cookie",
        "Proxy-Authorization",
        "x-amz-security-token",
        "X-Auth",
        "api_key",
        "x-webhook-signature",
    ],
)
def test_names_of_credentials_are_known(name: str) -> None:
    assert is_credential(name)


@pytest.mark.parametrize(
    "name",
    [
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-input-tokens-limit",
        "x-claude-code-session-id",
        "user-agent",
        "request-id",
        "content-type",
        "keep-alive",
        "x-author",
    ],
)
def test_other_names_are_left_alone(name: str) -> None:
    assert not is_credential(name)


def test_a_credential_is_replaced_and_its_scheme_stays() -> None:
    [(name, value)] = redact_headers([(b"Authorization", b"Bearer sk-ant-oat01-very-secret")])
    assert name == "Authorization"
    assert value.startswith("Bearer [redacted ")
    assert "very-secret" not in value


def test_equal_credentials_have_equal_fingerprints_whatever_their_header() -> None:
    in_bearer, in_key = fingerprint("Bearer abc"), fingerprint("abc")
    assert in_bearer.removeprefix("Bearer ") == in_key
    assert fingerprint("abd") != in_key


def test_a_fingerprint_depends_on_the_projects_secret(settings: Settings) -> None:
    before = fingerprint("a-credential")
    settings.SECRET_KEY = "another secret"
    fingerprint.cache_clear()
    assert fingerprint("a-credential") != before
    fingerprint.cache_clear()


def test_header_bytes_that_are_no_utf_8_are_kept() -> None:
    assert redact_headers([(b"x-note", b"caf\xe9")]) == [("x-note", "caf\xe9")]


def test_only_the_values_of_credential_parameters_change() -> None:
    redacted = redact_query("beta=true&api_key=secret&flag&a=b%20c&token=")
    assert "secret" not in redacted
    assert redacted.startswith("beta=true&api_key=[redacted ")
    assert "&flag&a=b%20c&token=" in redacted


def test_an_escaped_name_does_not_hide_a_credential() -> None:
    assert "secret" not in redact_query("api%5Fkey=secret")


def test_half_a_surrogate_pair_does_not_break_the_request() -> None:
    assert "secret" not in redact_query("token=secret\ud800")
