"""What goes out to a provider of the Messages API's kind."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.adapters import KINDS
from providers.adapters.base import ClientRequest, HeaderList, PreparedRequest, ProviderConfig, UpstreamRequest
from providers.adapters.headers import forwarded_request_headers, forwarded_response_headers

BODY = b'{ "model":"m",  "unknown\\u0020field" : 1.0 }'
API_KEY = (b"x-api-key", b"sk-ant-api03-client")
BEARER = (b"authorization", b"Bearer sk-ant-oat01-client")
STORED = (b"x-api-key", b"sk-ant-api03-stored")
CREDENTIAL_NAMES = {b"authorization", b"x-api-key", b"x-gateway-key", b"proxy-authorization", b"cookie"}


def prepare(headers: HeaderList | None = None, body: bytes = BODY, **provider: Any) -> PreparedRequest:
    request = ClientRequest("POST", "/v1/messages", provider.pop("query", ""), headers or [], body, model="m")
    model = provider.pop("model", "m")
    config = ProviderConfig("there", "anthropic", **{"base_url": "https://llm.example", **provider})
    return KINDS["anthropic"].prepare(request, config, model)


def prepared(headers: HeaderList | None = None, body: bytes = BODY, **provider: Any) -> UpstreamRequest:
    """As `prepare()`, for what goes out as it came."""
    request = prepare(headers, body, **provider)
    assert request.translation is None and request.notes == ()
    return request.upstream


def credentials(headers: HeaderList, **provider: Any) -> HeaderList:
    return [header for header in prepared(headers, **provider).headers if header[0] in CREDENTIAL_NAMES]


def test_b61_b64_method_body_and_end_to_end_headers_go_out_as_they_came() -> None:
    headers = [
        (b"anthropic-version", b"2023-06-01"),
        (b"anthropic-beta", b"a,b"),
        (b"anthropic-beta", b"c"),
        (b"accept-encoding", b"gzip, deflate, br, zstd"),
        (b"content-type", b"application/json"),
        (b"x-claude-code-session-id", b"4f1c"),
        (b"x-latin", b"\xe9"),
    ]
    request = prepared(headers)
    assert (request.method, request.body, request.headers) == ("POST", BODY, headers)


def test_another_model_replaces_the_one_value_in_the_body() -> None:
    assert prepared(model="n").body == BODY.replace(b'"m"', b'"n"')


def test_b25_b27_signed_thinking_goes_out_byte_for_byte_to_whichever_model() -> None:
    body = (
        b'{"model":"m","messages":[{"role":"assistant","content":[{ "type":"thinking","thinking":"\\u00e9 ",'
        b'"signature":"c2ln"},{"type":"thinking","thinking":"","signature":"c2ln"}]}]}'
    )
    assert prepared(body=body, signs_thinking=True).body is body
    assert prepared(body=body, signs_thinking=True, model="n").body == body.replace(b'"m"', b'"n"')


def test_b26_thinking_of_other_models_goes_only_where_no_signature_is_asked_for() -> None:
    unsigned = b'{"type":"thinking","thinking":"Hm","signature":""},'
    body = b'{"model":"m","messages":[{"role":"assistant","content":[%s{"type":"text","text":"So."}]}]}' % unsigned
    assert prepared(body=body).body is body
    request = prepare(body=body, signs_thinking=True, model="n")
    assert request.upstream.body == body.replace(unsigned, b"").replace(b'"m"', b'"n"')
    assert request.notes == (
        "thinking of other models in the history is left out: Anthropic takes only what it has signed",
    )


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://llm.example", "https://llm.example/v1/messages"),
        ("https://llm.example/", "https://llm.example/v1/messages"),
        ("https://llm.example/v1", "https://llm.example/v1/messages"),
        ("https://llm.example/v1/", "https://llm.example/v1/messages"),
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081/v1/messages"),
        ("https://llm.example:8443/team/anthropic", "https://llm.example:8443/team/anthropic/v1/messages"),
        ("https://llm.example/team/anthropic/v1/", "https://llm.example/team/anthropic/v1/messages"),
        ("https://llm.example/apiv1", "https://llm.example/apiv1/v1/messages"),
        ("http://[::1]:8081/v1", "http://[::1]:8081/v1/messages"),
    ],
)
def test_b100_a_base_url_means_the_same_with_and_without_its_v1(base_url: str, url: str) -> None:
    request = prepared(base_url=base_url)
    assert request.origin + request.target == url


@pytest.mark.parametrize("query", ["beta=true", "a=%2F&b=+&beta=true", "a=b?c"])
def test_the_query_stays_as_it_is(query: str) -> None:
    assert prepared(query=query).target == f"/v1/messages?{query}"


@pytest.mark.parametrize("headers", [[], [API_KEY], [BEARER], [API_KEY, BEARER]])
def test_a_stored_credential_replaces_the_clients(headers: HeaderList) -> None:
    assert credentials(headers, credential_header=STORED, passes_client_credential=True) == [STORED]


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ([], []),
        ([API_KEY], [API_KEY]),
        ([BEARER], [BEARER]),
        ([API_KEY, BEARER], [API_KEY]),
        ([BEARER, API_KEY], [API_KEY]),
        ([(b"x-api-key", b""), BEARER], [BEARER]),
        ([(b"cookie", b"session=1"), (b"x-gateway-key", b"ccgw-1"), BEARER], [BEARER]),
    ],
)
def test_one_credential_of_the_clients_own_is_passed_at_the_most(headers: HeaderList, sent: HeaderList) -> None:
    assert credentials(headers, passes_client_credential=True) == sent


@given(st.lists(st.tuples(st.sampled_from(sorted(CREDENTIAL_NAMES)), st.binary(min_size=1, max_size=5)), max_size=6))
def test_b95_never_more_than_one_credential_goes_out(headers: HeaderList) -> None:
    assert credentials(headers) == []
    assert credentials(headers, credential_header=STORED) == [STORED]
    assert len(credentials(headers, passes_client_credential=True)) <= 1


def test_extra_headers_replace_those_of_the_client_and_are_added_otherwise() -> None:
    headers = [(b"anthropic-beta", b"a"), (b"x-app", b"cli"), (b"anthropic-beta", b"b")]
    extra = ((b"anthropic-beta", b"own"), (b"x-team", b"search"))
    assert prepared(headers, extra_headers=extra).headers == [
        (b"x-app", b"cli"),
        (b"anthropic-beta", b"own"),
        (b"x-team", b"search"),
    ]


def test_headers_of_the_clients_own_connection_stay_behind() -> None:
    names = b"connection keep-alive te trailer transfer-encoding upgrade proxy-connection host content-length expect"
    assert forwarded_request_headers([(name, b"x") for name in names.split()]) == []


def test_what_connection_names_stays_behind_too() -> None:
    headers = [
        (b"connection", b"Keep-Alive, X-Mine"),
        (b"x-mine", b"1"),
        (b"connection", b"x-other"),
        (b"x-other", b"2"),
    ]
    assert forwarded_request_headers([*headers, (b"x-app", b"cli")]) == [(b"x-app", b"cli")]


def test_b98_what_proxies_say_about_the_client_stays_behind() -> None:
    names = [b"x-forwarded-for", b"x-forwarded-proto", b"forwarded", b"via", b"x-real-ip", b"cf-connecting-ip"]
    assert forwarded_request_headers([(name, b"192.0.2.7") for name in names]) == []


def test_an_answers_end_to_end_headers_come_back_in_their_order_and_number() -> None:
    headers = [
        (b"Content-Type", b"application/json"),
        (b"Request-Id", b"req_1"),
        (b"Set-Cookie", b"a=1"),
        (b"Set-Cookie", b"b=2"),
        (b"Connection", b"close, X-Hop"),
        (b"X-Hop", b"1"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Content-Encoding", b"br"),
        (b"Content-Length", b"12"),
        (b"Retry-After", b"7"),
    ]
    kept = {b"content-type", b"request-id", b"set-cookie", b"content-encoding", b"content-length", b"retry-after"}
    assert forwarded_response_headers(headers) == [
        (name.lower(), value) for name, value in headers if name.lower() in kept
    ]
