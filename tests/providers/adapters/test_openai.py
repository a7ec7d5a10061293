"""What goes out to a provider of OpenAI's kind, around the conversion itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.adapters import KINDS
from providers.adapters.base import ClientRequest, HeaderList, PreparedRequest, ProviderConfig
from providers.protocol.chat.capabilities import Capabilities, CapabilityRules
from providers.protocol.messages_request import InvalidRequest

BEARER = (b"authorization", b"Bearer sk-stored")
CLIENT_HEADERS = [
    (b"anthropic-version", b"2023-06-01"),
    (b"anthropic-beta", b"a,b"),
    (b"x-api-key", b"sk-ant-api03-client"),
    (b"authorization", b"Bearer sk-ant-oat01-client"),
    (b"cookie", b"session=1"),
    (b"x-claude-code-session-id", b"4f1c"),
    (b"accept-encoding", b"gzip, br"),
    (b"user-agent", b"claude-cli/2"),
]


def prepare(
    method: str = "POST", path: str = "/v1/messages", model: str = "gpt-test", streamed: bool = False, **provider: Any
) -> PreparedRequest:
    asked = {"model": "claude-x", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi."}], "stream": streamed}
    request = ClientRequest(
        method, path, "beta=true", CLIENT_HEADERS, json.dumps(asked).encode(), "1f", "claude-x", streamed
    )
    config = ProviderConfig("there", "openai", **{"base_url": "https://llm.example", **provider})
    return KINDS["openai"].prepare(request, config, model)


def sent_headers(**provider: Any) -> HeaderList:
    return prepare(**provider).upstream.headers


@pytest.mark.parametrize(
    ("base_url", "path"),
    [
        ("https://llm.example", "/v1/chat/completions"),
        ("https://llm.example/", "/v1/chat/completions"),
        ("https://llm.example/v1", "/v1/chat/completions"),
        ("https://llm.example/v1/", "/v1/chat/completions"),
        ("https://llm.example/api", "/api/v1/chat/completions"),
        ("https://llm.example/v1beta/openai/", "/v1beta/openai/chat/completions"),
        ("https://llm.example/compatible-mode/v1", "/compatible-mode/v1/chat/completions"),
        ("https://llm.example/api/paas/v4", "/api/paas/v4/chat/completions"),
        ("https://llm.example/v1/chat/completions", "/v1/chat/completions"),
        ("https://llm.example/v1x-is-no-version", "/v1x-is-no-version/v1/chat/completions"),
        ("https://llm.example/v", "/v/v1/chat/completions"),
    ],
)
def test_b100_a_base_url_that_names_no_version_means_v1(base_url: str, path: str) -> None:
    upstream = prepare(base_url=base_url).upstream
    assert (upstream.origin, upstream.target) == ("https://llm.example", path)


def test_b62_b63_b96_none_of_the_clients_credentials_and_headers_go_out() -> None:
    assert sent_headers() == [
        (b"content-type", b"application/json"),
        (b"accept-encoding", b"identity"),
        (b"user-agent", b"claude-code-gateway"),
    ]


def test_the_providers_own_credential_goes_out() -> None:
    headers = sent_headers(credential_header=BEARER, passes_client_credential=True)
    assert [header for header in headers if header[0] in (b"authorization", b"x-api-key")] == [BEARER]


def test_extra_headers_replace_the_gateways_own() -> None:
    headers = sent_headers(extra_headers=((b"user-agent", b"mine"), (b"x-team", b"search")))
    assert [value for name, value in headers if name == b"user-agent"] == [b"mine"]
    assert (b"x-team", b"search") in headers


def test_a_stream_is_asked_for_where_the_client_asks_for_one() -> None:
    assert (b"accept", b"text/event-stream") in prepare(streamed=True).upstream.headers
    assert json.loads(prepare(streamed=True).upstream.body)["stream"] is True
    assert "stream" not in json.loads(prepare().upstream.body)


@pytest.mark.parametrize("model", ["gpt-test", "gpt-test[1m]", "gpt-test[1M][1m]"])
def test_b102_the_suffix_for_a_large_context_does_not_reach_a_provider(model: str) -> None:
    assert json.loads(prepare(model=model).upstream.body)["model"] == "gpt-test"


def test_the_models_own_capabilities_decide_about_its_request() -> None:
    rules = CapabilityRules(Capabilities(), (("gpt-t*", (("max_tokens_field", "max_completion_tokens"),)),))
    assert json.loads(prepare(capabilities=rules).upstream.body)["max_completion_tokens"] == 9
    assert json.loads(prepare(capabilities=rules, model="other").upstream.body)["max_tokens"] == 9


def test_the_answer_names_the_model_that_the_client_asked_for() -> None:
    translation = prepare().translation
    assert translation is not None
    choice = {"message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}
    message = json.loads(translation.message(json.dumps({"choices": [choice]}).encode()).body)
    assert (message["model"], message["id"]) == ("claude-x", "msg_1f")


def test_the_list_of_models_is_asked_for_with_an_empty_body() -> None:
    upstream = prepare("GET", "/v1/models", base_url="https://llm.example/v1beta/openai").upstream
    assert (upstream.method, upstream.target, upstream.body) == ("GET", "/v1beta/openai/models", b"")


def test_what_cannot_be_converted_is_refused_with_the_reason() -> None:
    request = ClientRequest("POST", "/v1/messages", "", [], b'{"model":"x","max_tokens":1}', "1f", "x")
    with pytest.raises(InvalidRequest, match="messages"):
        KINDS["openai"].prepare(request, ProviderConfig("there", "openai", "https://llm.example"), "x")
