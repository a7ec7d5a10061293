"""What the client asks is what the upstream gets: body, method, path, query and end-to-end headers."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.json_texts import messages_bodies
from tests.support.anthropic_api import as_json, model_list, token_count, whole
from tests.support.anthropic_stream import Text
from tests.support.gateway import RunningGateway
from tests.support.http_client import JSON, HttpClient, asked, chunk, request_head
from tests.support.upstream import RecordedRequest, ScriptedUpstream

OK = as_json({"type": "message"})
TEN_MEGABYTES = 10 * 1024 * 1024
KEY = ("x-api-key", "sk-ant-api03-a-key-of-the-tests")
END_TO_END = [
    ("anthropic-version", "2023-06-01"),
    ("anthropic-beta", "one-2026-01-01,two-2026-02-02"),
    ("x-app", "cli"),
    ("user-agent", "claude-cli/2.1.197 (external, sdk-cli)"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("x-stainless-retry-count", "0"),
    ("anthropic-beta", "three-2026-03-03"),
    ("x-claude-code-session-id", "0d0f5f3e-8b19-4a70-9d3c-3f3d5f1e1c55"),
    ("x-claude-code-agent-id", "agent-7"),
    ("x-of-a-later-version", "çok güzel 🌊".encode().decode("latin-1")),
    ("x-in-latin-1", "caf\xe9"),
    ("x-empty", ""),
    ("anthropic-beta", "four-2026-04-04"),
]
OF_ONE_CONNECTION_OR_ABOUT_THE_CLIENT = [
    ("connection", "keep-alive, x-only-for-this-hop"),
    ("x-only-for-this-hop", "1"),
    ("keep-alive", "timeout=5"),
    ("te", "trailers"),
    ("proxy-authorization", "Basic eDp5"),
    ("forwarded", "for=10.0.0.7"),
    ("x-forwarded-for", "10.0.0.7"),
    ("x-forwarded-host", "somewhere.example"),
    ("x-real-ip", "10.0.0.7"),
    ("cookie", "session=of-the-admin"),
    ("x-gateway-key", "of-another-gateway"),
]
generated = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def received_by(upstream: ScriptedUpstream) -> RecordedRequest:
    """The only request since the last call."""
    [request] = upstream.requests
    upstream.requests.clear()
    return request


@generated
@given(body=messages_bodies())
def test_the_body_reaches_the_upstream_byte_for_byte(
    client: HttpClient, upstream: ScriptedUpstream, body: bytes
) -> None:
    upstream.answer(OK)

    answer = client.ask("POST", "/v1/messages?beta=true", body)

    assert answer.status == 200, answer.body
    assert received_by(upstream).body == body


@generated
@given(query=st.text(st.sampled_from("abcXYZ019-._~!$&'()*+,;=:@/?%[]|{}\"<>`^\\"), min_size=1, max_size=40))
def test_the_query_reaches_the_upstream_as_it_was_written(
    client: HttpClient, upstream: ScriptedUpstream, query: str
) -> None:
    upstream.answer(OK)

    assert client.ask("POST", f"/v1/messages?{query}", asked()).status == 200
    assert received_by(upstream).target == f"/v1/messages?{query}"


def test_end_to_end_headers_reach_the_upstream_in_their_order_and_no_others(
    client: HttpClient, upstream: ScriptedUpstream
) -> None:
    upstream.answer(OK)

    client.ask("POST", "/v1/messages", asked(), [*OF_ONE_CONNECTION_OR_ABOUT_THE_CLIENT, *END_TO_END, JSON, KEY])

    headers = [(name.lower(), value) for name, value in received_by(upstream).headers]
    written_by_the_gateway = {("host", upstream.address), ("content-length", str(len(asked())))}
    assert [header for header in headers if header not in written_by_the_gateway] == [*END_TO_END, JSON, KEY]
    assert written_by_the_gateway <= set(headers)


def test_a_request_with_few_headers_gets_none_added(client: HttpClient, upstream: ScriptedUpstream) -> None:
    upstream.answer(OK)

    client.ask("POST", "/v1/messages", asked(), [])

    assert {name.lower() for name, _ in received_by(upstream).headers} == {"host", "content-length"}


@pytest.mark.parametrize("size", [1, 7, 4096], ids="pieces of {} bytes".format)
def test_a_chunked_body_reaches_the_upstream_whole(client: HttpClient, upstream: ScriptedUpstream, size: int) -> None:
    body = asked(system="Answer in rhyme. " * 200)
    upstream.answer(OK)

    client.send(request_head("POST", "/v1/messages", [JSON, ("transfer-encoding", "chunked")]))
    client.send(b"".join(chunk(body[start : start + size]) for start in range(0, len(body), size)) + chunk(b""))

    assert client.answer().status == 200
    request = received_by(upstream)
    assert (request.body, request.header("transfer-encoding")) == (body, None)


def test_a_client_that_waits_to_be_asked_for_its_body_is_asked(client: HttpClient, upstream: ScriptedUpstream) -> None:
    upstream.answer(OK)
    body = asked()

    client.send(request_head("POST", "/v1/messages", [("expect", "100-continue"), ("content-length", str(len(body)))]))
    assert client.answer().status == 100
    client.send(body)

    assert client.answer().status == 200
    assert received_by(upstream).header("expect") is None


def test_ten_megabytes_pass_both_ways(client: HttpClient, upstream: ScriptedUpstream) -> None:
    body = asked(system="x" * TEN_MEGABYTES)
    answered = whole(Text("y" * TEN_MEGABYTES))
    upstream.answer(answered)

    answer = client.ask("POST", "/v1/messages", body)

    assert received_by(upstream).body == body
    assert answer.body == answered.body()


@pytest.mark.parametrize(
    ("asked_for", "forwarded"),
    [
        ("/v1/messages", "/v1/messages"),
        ("/v1/v1/messages?beta=true", "/v1/messages?beta=true"),
        ("/v1/messages/count_tokens?beta=true", "/v1/messages/count_tokens?beta=true"),
        ("/v1/v1/messages/count_tokens", "/v1/messages/count_tokens"),
    ],
)
def test_the_paths_of_the_api_are_served(
    client: HttpClient, upstream: ScriptedUpstream, asked_for: str, forwarded: str
) -> None:
    upstream.answer(token_count(3))

    assert client.ask("POST", asked_for, asked()).body == token_count(3).body()
    assert received_by(upstream).target == forwarded


def test_the_models_are_asked_for_with_the_clients_query(client: HttpClient, upstream: ScriptedUpstream) -> None:
    upstream.answer(model_list("claude-opus-5-5"))

    answer = client.ask("GET", "/v1/models?limit=1000", headers=[KEY])

    request = received_by(upstream)
    assert (request.method, request.target, request.body) == ("GET", "/v1/models?limit=1000", b"")
    assert (answer.status, answer.body) == (200, model_list("claude-opus-5-5").body())


@pytest.mark.parametrize("path", ["/", "/api/hello", "/healthz", "/readyz"])
def test_a_probe_is_answered_here_and_leaves_no_trace(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, path: str
) -> None:
    answer = client.ask("HEAD", path)
    upstream.answer(OK)
    client.ask("POST", "/v1/messages", asked())

    assert (answer.status, answer.body) == (200, b"")
    assert len(upstream.requests) == 1
    assert gateway.log_entries(1)[0]["path"] == "/v1/messages"


@pytest.mark.parametrize(
    "path", ["/v1/", "/v1/complete", "/v1/messages/", "/v1/messages/batches", "/v1/v1/v1/messages"]
)
def test_any_other_path_is_not_found_in_the_apis_shape(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, path: str
) -> None:
    answer = client.ask("POST", path, asked())

    assert answer.error()[:2] == (404, "not_found_error")
    assert path.removeprefix("/v1/v1/") in answer.error()[2]
    assert upstream.requests == []
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["path"]) == ("rejected", 404, path)
