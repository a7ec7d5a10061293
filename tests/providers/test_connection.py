from __future__ import annotations

import socket

import pytest
from pytest_django import Settings

from providers import connection
from providers.connection import try_connection
from providers.models import Provider
from tests.providers.conftest import SECRET, Upstream


def provider_at(url: str, source: str = "stored") -> Provider:
    provider = Provider(name="elsewhere", base_url=url, credential_source=source)
    provider.set_credential(SECRET)
    return provider


def test_a_provider_that_answers_is_well_and_got_its_own_credential(upstream: Upstream) -> None:
    report = try_connection(provider_at(f"{upstream.url}/base"))
    assert report.ok
    [(path, headers)] = upstream.received
    assert path == "/base/v1/models"
    assert headers["x-api-key"] == SECRET and "authorization" not in headers
    assert headers["anthropic-version"]


def test_a_provider_that_passes_the_clients_credential_is_tried_without_any(
    upstream: Upstream, settings: Settings
) -> None:
    settings.CLIENT_CREDENTIAL_HOSTS = [upstream.url.removeprefix("http://")]
    upstream.status = 401
    report = try_connection(provider_at(upstream.url, "client"))
    assert report.ok and "no credential" in report.text
    [(_, headers)] = upstream.received
    assert not {"x-api-key", "authorization", "cookie"} & set(headers)


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "does not accept"), (403, "does not accept"), (404, "/v1/models"), (500, "does not work at the moment")],
)
def test_a_bad_answer_is_put_in_words(upstream: Upstream, status: int, words: str) -> None:
    upstream.status = status
    report = try_connection(provider_at(upstream.url))
    assert not report.ok
    assert words in report.text and str(status) in report.text
    assert SECRET not in report.text


def test_a_redirect_is_not_followed(upstream: Upstream) -> None:
    upstream.status, upstream.location = 307, f"{upstream.url}/elsewhere"
    report = try_connection(provider_at(upstream.url))
    assert not report.ok and "redirect" in report.text
    assert len(upstream.received) == 1


def test_a_silent_provider_is_waited_for_within_bounds(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "TEST_SECONDS", 0.2)
    upstream.answer.clear()
    report = try_connection(provider_at(upstream.url))
    assert not report.ok and "did not answer within 0.2 s" in report.text


def test_a_refused_connection_is_reported() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        report = try_connection(provider_at(url))
    assert not report.ok and url in report.text


def test_nothing_is_sent_while_the_credential_is_missing(upstream: Upstream) -> None:
    provider = provider_at(upstream.url)
    provider.set_credential("$GATEWAY_TEST_UNSET")
    report = try_connection(provider)
    assert not report.ok and "GATEWAY_TEST_UNSET" in report.text
    assert upstream.received == []
