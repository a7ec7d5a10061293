"""Upstreams' errors in the API's terms."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.chat.answers.errors import convert_error
from providers.protocol.errors import ErrorDetail, read_error

BUSY = b'{"error":{"message":"Busy"}}'


def message_of(body: str | bytes, status: int = 500) -> str:
    return convert_error(status, {}, body if isinstance(body, bytes) else body.encode()).message


@pytest.mark.parametrize(
    ("status", "error_type"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (402, "billing_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (405, "invalid_request_error"),
        (408, "timeout_error"),
        (409, "invalid_request_error"),
        (413, "request_too_large"),
        (422, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (501, "api_error"),
        (502, "api_error"),
        (503, "overloaded_error"),
        (504, "timeout_error"),
        (520, "api_error"),
        (524, "timeout_error"),
        (529, "overloaded_error"),
    ],
)
def test_the_status_is_kept_and_gives_the_type(status: int, error_type: str) -> None:
    error = convert_error(status, {}, BUSY)
    assert (error.status, error.error_type, error.message) == (status, error_type, "Busy")
    assert read_error(error.body) == ErrorDetail(error_type, "Busy")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param('{"error":{"message":"Busy","code":503}}', 503, id="a code"),
        pytest.param('{"error":{"message":"Busy","code":"429"}}', 429, id="a code in a text"),
        pytest.param('{"error":{"message":"Busy"},"status":401}', 401, id="a status outside"),
        pytest.param('[{"error":{"message":"Busy","code":429,"status":"RESOURCE_EXHAUSTED"}}]', 429, id="Gemini's"),
        pytest.param('{"error":{"message":"Busy","status":"UNAVAILABLE"}}', 503, id="a status in words"),
        pytest.param('{"error":{"message":"Busy","type":"overloaded_error"}}', 529, id="the API's own type"),
        pytest.param('{"error":{"message":"Busy","type":"invalid_request_error","code":"invalid_api_key"}}', 401),
        pytest.param('{"error":{"message":"Busy","type":"insufficient_quota"}}', 429, id="a quota"),
        pytest.param('{"object":"error","message":"Busy","type":"BadRequestError","code":400}', 400, id="vLLM's"),
        pytest.param('{"error":{"message":"Busy","code":1234}}', 502, id="another code"),
        pytest.param('{"error":{"message":"Busy","code":200}}', 502, id="no error's code"),
        pytest.param('{"error":"Busy"}', 502, id="none"),
    ],
)
@pytest.mark.parametrize("outer", [200, 302, 999])
def test_an_error_under_another_status_gets_the_one_that_its_body_tells(body: str, status: int, outer: int) -> None:
    error = convert_error(outer, {}, body.encode())
    assert (error.status, error.message) == (status, "Busy")


def test_a_redirect_is_told_with_its_place_as_it_is_not_followed() -> None:
    headers = {b"location": b"https://elsewhere.example/v1"}
    error = convert_error(301, headers, b"<html><title>301 Moved Permanently</title></html>")
    assert (error.status, error.error_type) == (502, "api_error")
    assert error.message == (
        "The provider answered 301 and sends to https://elsewhere.example/v1: "
        "correct its base URL in the gateway's admin."
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param('{"error":{"message":"No such model","type":"x","param":null,"code":"y"}}', "No such model"),
        pytest.param('{"error":"No such model"}', "No such model", id="a text"),
        pytest.param('[{"error":{"code":404,"message":"No such model"}}]', "No such model", id="Gemini's list"),
        pytest.param('{"detail":"No such model"}', "No such model", id="FastAPI"),
        pytest.param(
            '{"detail":[{"loc":["body","messages",0,"content"],"msg":"Field required","type":"missing"},'
            '{"loc":["body","model"],"msg":"Too long"}]}',
            "body.messages.0.content: Field required; body.model: Too long",
            id="FastAPI's list",
        ),
        pytest.param('{"message":"No such model"}', "No such model", id="a message alone"),
        pytest.param('{"object":"error","message":"No such model","code":404}', "No such model", id="vLLM"),
        pytest.param(
            '{"object":"error","message":{"detail":[{"loc":["body","tools"],"msg":"Too many"}]},"type":"x"}',
            "body.tools: Too many",
            id="Mistral's object",
        ),
        pytest.param(
            '{"success":false,"errors":[{"code":7003,"message":"No such model"}]}', "No such model", id="a list"
        ),
        pytest.param('{"status":404,"error":"Not Found","message":"No such model"}', "No such model", id="both"),
        pytest.param(
            '{"error":{"message":"{\\"error\\":{\\"message\\":\\"No such model\\"}}"}}', "No such model", id="nested"
        ),
        pytest.param(
            '{"error":{"code":404,"message":"Provider returned error","metadata":'
            '{"raw":"{\\"error\\":{\\"message\\":\\"No such model\\"}}","provider_name":"X"}}}',
            "Provider returned error: No such model",
            id="OpenRouter's provider",
        ),
        pytest.param(
            '{"error":{"code":404,"message":"Provider returned error","metadata":{"raw":"No such model"}}}',
            "Provider returned error: No such model",
            id="OpenRouter's provider in plain text",
        ),
        pytest.param('{"error":{"code":404}}', '{"error": {"code": 404}}', id="no words at all"),
        pytest.param('"No such model"', '"No such model"', id="a JSON text"),
        pytest.param("No such model\n", "No such model", id="plain text"),
        pytest.param(
            "<!DOCTYPE html><html><head><title>502 Bad Gateway</title><style>a{}</style></head>\n<body><h1>Bad &amp; "
            "sad</h1>\n<script>x()</script><hr>nginx</body></html>",
            "502 Bad Gateway Bad & sad nginx",
            id="HTML",
        ),
        pytest.param('data: {"error":{"message":"No such model"}}\n\ndata: [DONE]\n\n', "No such model", id="an event"),
        pytest.param("", "The provider answered 500 without a body.", id="nothing"),
        pytest.param("  \n", "The provider answered 500 without a body.", id="blank"),
        pytest.param("{}", "The provider answered 500 without a body.", id="an empty object"),
        pytest.param("<html></html>", "The provider answered 500 without a body.", id="an empty page"),
        pytest.param('{"error":{"message":"No', '{"error":{"message":"No', id="cut off"),
    ],
)
def test_the_wording_is_found_in_every_shape(body: str, message: str) -> None:
    assert message_of(body) == message


def test_words_that_are_nested_beyond_all_measure_are_shown_as_they_are() -> None:
    body = '{"error":' * 50 + '"No"' + "}" * 50
    assert message_of(body) == body.replace(":", ": ")
    assert message_of("[" * 100_000).startswith("[[[")


def test_what_is_very_long_is_cut() -> None:
    assert len(message_of("<p>" + "x" * 100_000)) == 500
    assert len(message_of(json.dumps({"error": "x" * 100_000}))) == 4_000


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert message_of(b"caf\xe9") == "caf�"
    assert message_of(b'{"error":"caf\xe9"}') == "caf�"


FIELDS = [
    "error",
    "message",
    "detail",
    "details",
    "errors",
    "metadata",
    "raw",
    "code",
    "status",
    "loc",
    "type",
    "n_ctx",
]


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5)


leaves = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["{", '{"error":"x"}', "[1]"])
)
json_values = st.recursive(leaves, nested, max_leaves=15)


@given(st.integers(100, 999), st.binary(max_size=50) | json_values.map(lambda value: json.dumps(value).encode()))
def test_every_body_gives_an_error_that_can_be_sent(status: int, body: bytes) -> None:
    error = convert_error(status, {}, body)
    assert 400 <= error.status <= 599 and error.message
    assert read_error(error.body) == ErrorDetail(error.error_type, error.message)
