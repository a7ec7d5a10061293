"""Whatever a provider of OpenAI's format fails with, the client gets an error of the Messages API, with its status."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.support.gateway import RunningGateway, free_port
from tests.support.http_client import HttpClient, asked
from tests.support.loop_thread import Gate
from tests.support.openai_api import OpenAIUpstream, as_json, context_too_long, error, rate_limited, whole
from tests.support.openai_stream import Text
from tests.support.scripted_response import Cut, Framing, Response

MODEL = "scripted:gpt-test"
STREAM, WHOLE = asked(model=MODEL, stream=True), asked(model=MODEL)
HTML = (("content-type", "text/html"),)
both_ways = pytest.mark.parametrize("body", [STREAM, WHOLE], ids=["streaming", "not streaming"])


@both_ways
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (413, "request_too_large"),
        (422, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (502, "api_error"),
        (503, "overloaded_error"),
        (529, "overloaded_error"),
    ],
)
def test_b85_b87_b89_every_status_keeps_its_number_and_words_and_is_asked_for_once(
    client: HttpClient, openai_upstream: OpenAIUpstream, gateway: RunningGateway, status: int, kind: str, body: bytes
) -> None:
    openai_upstream.answer(error(status, "their_own_type", "The tide is out."))

    answer = client.ask("POST", "/v1/messages", body)

    assert answer.error() == (status, kind, "The tide is out.")
    assert len(openai_upstream.requests) == 1, "trying again is the client's business"
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["error_type"]) == ("upstream_failed", status, kind)
    assert [attempt["status"] for attempt in entry["attempts"]] == [status]


@both_ways
@pytest.mark.parametrize(
    ("failure", "status", "message"),
    [
        pytest.param(Response(503, HTML, [b"<h1>Back <b>soon</b></h1>"]), 503, "Back soon", id="a page"),
        pytest.param(Response(500, (), [b"out of memory\n"]), 500, "out of memory", id="plain text"),
        pytest.param(
            Response(500, (), [b'{"error": {"mess']), 500, '{"error": {"mess', id="bad JSON with an error status"
        ),
        pytest.param(
            Response(500), 500, "The provider answered 500 without a body.", id="an error status and nothing else"
        ),
        pytest.param(
            Response(301, (("location", "https://llm.example/"),)), 502, "sends to https://llm.example/", id="redirect"
        ),
        pytest.param(Response(steps=[b'{"choices": [']), 502, 'is not JSON: {"choices": [', id="bad JSON"),
        pytest.param(Response(204), 502, "The provider", id="B104 no content"),
    ],
)
def test_what_is_no_error_of_the_format_is_told_by_its_words(
    client: HttpClient, openai_upstream: OpenAIUpstream, failure: Response, status: int, message: str, body: bytes
) -> None:
    openai_upstream.answer(failure)
    answer = client.ask("POST", "/v1/messages", body)
    assert answer.status == status and message in answer.error()[2]


@both_ways
def test_b86_the_client_is_told_when_to_come_back(
    client: HttpClient, openai_upstream: OpenAIUpstream, body: bytes
) -> None:
    openai_upstream.answer(rate_limited("7"), error(429, "x", "Pay first.", code="insufficient_quota"))
    waits, hopeless = (client.ask("POST", "/v1/messages", body) for _ in range(2))
    assert (waits.header("retry-after"), waits.header("x-should-retry")) == ("7", None)
    assert (hopeless.header("retry-after"), hopeless.header("x-should-retry")) == (None, "false")


def test_b88_a_provider_that_refused_one_request_is_asked_the_next_one_at_once(
    client: HttpClient, openai_upstream: OpenAIUpstream
) -> None:
    openai_upstream.answer(error(429, "x", "Too long for now."), whole(Text("At noon.")))
    assert [client.ask("POST", "/v1/messages", WHOLE).status for _ in range(2)] == [429, 200]


@both_ways
def test_b89_a_prompt_that_is_too_long_is_told_in_the_words_that_claude_code_recovers_from(
    client: HttpClient, openai_upstream: OpenAIUpstream, body: bytes
) -> None:
    openai_upstream.answer(context_too_long())
    status, kind, message = client.ask("POST", "/v1/messages", body).error()
    assert (status, kind) == (400, "invalid_request_error")
    assert message.startswith("prompt is too long: 130534 tokens > 128000 maximum")


@both_ways
def test_b90_a_compressed_error_is_read_and_told_without_its_encoding(
    client: HttpClient, openai_upstream: OpenAIUpstream, body: bytes
) -> None:
    content = gzip.compress(json.dumps({"error": {"message": "The tide is out."}}).encode())
    openai_upstream.answer(Response(503, (("content-encoding", "gzip"),), [content]))
    answer = client.ask("POST", "/v1/messages", body)
    assert answer.error() == (503, "overloaded_error", "The tide is out.")
    assert answer.header("content-encoding") is None


@both_ways
@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(Response(steps=[b'{"choices": [', Cut.RESET], framing=Framing.CHUNKED), id="reset in the body"),
        pytest.param(Response(steps=[Cut.CLOSE], framing=Framing.CHUNKED), id="closed before the body"),
        pytest.param(Response(headers=(("content-encoding", "gzip"),), steps=[b"no gzip"]), id="not what it is called"),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_bad_gateway(
    client: HttpClient, openai_upstream: OpenAIUpstream, failure: Response, body: bytes
) -> None:
    openai_upstream.answer(failure)
    status, kind, message = client.ask("POST", "/v1/messages", body).error()
    assert (status, kind) == (502, "api_error") and "scripted" in message


@both_ways
def test_a_provider_that_refuses_the_connection_is_named(
    client: HttpClient, gateway: RunningGateway, body: bytes
) -> None:
    gateway.set_openai_provider("nobody", f"127.0.0.1:{free_port()}")
    gateway.forget_log()
    status, kind, message = client.ask("POST", "/v1/messages", body.replace(b"scripted:", b"nobody:")).error()
    assert (status, kind) == (502, "api_error") and message.startswith("Provider nobody: ")
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["provider"]) == ("upstream_failed", "nobody")


@both_ways
def test_a_provider_that_never_answers_is_given_up(
    client: HttpClient, openai_upstream: OpenAIUpstream, gateway: RunningGateway, body: bytes
) -> None:
    host = openai_upstream.address
    gateway.set_openai_provider("slow", host, first_byte_timeout=0.3)
    openai_upstream.answer(as_json({}).held(Gate()))
    status, kind, message = client.ask("POST", "/v1/messages", body.replace(b"scripted:", b"slow:")).error()
    assert (status, kind) == (504, "timeout_error") and message.startswith("Provider slow: ")
    assert openai_upstream.requests[0].client_closed.wait(1)
