from __future__ import annotations

import socket

import pytest
from pytest_django import Settings

from providers import connection
from providers.connection import FetchFailed, fetch_models, try_connection
from providers.model_listing import ListedModel
from providers.models import Provider
from tests.providers.conftest import SECRET, Upstream


def provider_at(url: str, source: str = "stored", kind: str = "anthropic") -> Provider:
    provider = Provider(name="elsewhere", kind=kind, base_url=url, credential_source=source)
    provider.set_credential(SECRET)
    return provider


def test_a_provider_that_answers_is_well_and_got_its_own_credential(upstream: Upstream) -> None:
    report = try_connection(provider_at(f"{upstream.url}/base"))
    assert report.ok
    [(path, headers)] = upstream.received
    assert path == "/base/v1/models?limit=1000"
    assert headers["x-api-key"] == SECRET and "authorization" not in headers
    assert headers["anthropic-version"]


@pytest.mark.parametrize(
    ("base", "expected"),
    [("", "/v1/models"), ("/v1", "/v1/models"), ("/v1beta/openai", "/v1beta/openai/models")],
)
def test_a_provider_of_the_openai_format_is_asked_in_its_own_way(base: str, expected: str, upstream: Upstream) -> None:
    assert try_connection(provider_at(upstream.url + base, kind="openai")).ok
    [(path, headers)] = upstream.received
    assert (path, headers["authorization"]) == (expected, f"Bearer {SECRET}")
    assert "x-api-key" not in headers and "anthropic-version" not in headers


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


def test_models_are_fetched(upstream: Upstream) -> None:
    upstream.body = b'{"data":[{"id":"b","max_model_len":5},{"id":"a"}]}'
    assert fetch_models(provider_at(upstream.url, kind="openai")) == [ListedModel("a"), ListedModel("b", "", 5)]


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, b"<html>", "gave no list of models: it is not JSON"),
        (200, b"{}", "there is no list"),
        (401, b"", "does not accept the stored credential"),
        (404, b"{}", "is the path in the base URL right"),
    ],
)
def test_models_that_cannot_be_fetched_are_reported(upstream: Upstream, status: int, body: bytes, words: str) -> None:
    upstream.status, upstream.body = status, body
    with pytest.raises(FetchFailed, match=words):
        fetch_models(provider_at(upstream.url))


def test_a_list_without_end_is_not_read_to_its_end(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_LIST_BYTES", 100)
    upstream.body = b'{"data":[' + b" " * 1_000_000 + b"]}"
    with pytest.raises(FetchFailed, match="longer than 100 bytes"):
        fetch_models(provider_at(upstream.url))
