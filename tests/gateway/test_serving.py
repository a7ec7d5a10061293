"""Counting tokens: by the provider where it has an endpoint for that, here where it has none."""

from __future__ import annotations

import json

import pytest

from requestlog.models import BodyKind
from tests.support.anthropic_api import error, token_count, whole
from tests.support.anthropic_stream import Text
from tests.support.gateway import RunningGateway
from tests.support.http_client import Answer, HttpClient, asked
from tests.support.openai_api import OpenAIUpstream
from tests.support.upstream import ScriptedUpstream

COUNT = "/v1/messages/count_tokens?beta=true"
HARBOUR = [{"role": "user", "content": "When does the tide turn in the harbour?"}]
TOOL = {"name": "Read", "description": "Reads a file.", "input_schema": {"type": "object", "properties": {}}}
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aW1n"}}


def counted(answer: Answer) -> tuple[int, str | None]:
    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    return json.loads(answer.body)["input_tokens"], answer.header("x-gateway-token-count")


def test_the_count_of_an_anthropic_provider_passes_through_as_exact(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    theirs = token_count(4711)
    upstream.answer(theirs)
    body = asked(messages=HARBOUR)

    answer = client.ask("POST", COUNT, body)

    assert counted(answer) == (4711, "exact") and answer.body == theirs.body()
    [request] = upstream.requests
    assert (request.target, request.body) == (COUNT, body)
    [entry] = gateway.log_entries(1)
    assert (entry["path"], entry["outcome"], entry["provider"]) == (COUNT, "completed", "anthropic")


@pytest.mark.parametrize(
    ("model", "kind"),
    [("gpt-4o", "exact"), ("gpt-4o[1m]", "exact"), ("gpt-5", "estimate"), ("llama3", "estimate")],
)
def test_the_tokens_of_a_converted_model_are_counted_here(
    client: HttpClient, openai_upstream: OpenAIUpstream, gateway: RunningGateway, model: str, kind: str
) -> None:
    answer = client.ask("POST", COUNT, asked(model=f"scripted:{model}", messages=HARBOUR))

    tokens, told = counted(answer)
    assert (told, answer.header("x-gateway-provider")) == (kind, "scripted")
    assert 10 <= tokens <= 20
    assert not openai_upstream.requests
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["provider"]) == ("completed", 200, "scripted")
    assert gateway.log.body(entry, BodyKind.RESPONSE) == answer.body


def test_b77_everything_is_counted(client: HttpClient, openai_upstream: OpenAIUpstream) -> None:
    model = "scripted:gpt-4o"
    plain, _ = counted(client.ask("POST", COUNT, asked(model=model, messages=HARBOUR)))
    for more in (
        {"messages": HARBOUR, "system": "Answer in one line."},
        {"messages": HARBOUR, "tools": [TOOL]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": HARBOUR[0]["content"]}, IMAGE]}]},
    ):
        tokens, _ = counted(client.ask("POST", COUNT, asked(model=model, **more)))
        assert tokens > plain, more


@pytest.mark.parametrize(
    ("status", "kind"), [(401, "authentication_error"), (403, "permission_error"), (404, "not_found_error")]
)
def test_b78_b79_a_refused_count_is_no_guess_and_changes_nothing_for_the_next_request(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, status: int, kind: str
) -> None:
    upstream.answer(error(status, kind, "No counting for you."), whole(Text("At noon.")))

    answer = client.ask("POST", COUNT, asked())

    assert (answer.status, json.loads(answer.body)["error"]["type"]) == (status, kind)
    assert client.ask("POST", "/v1/messages", asked()).status == 200
    refused, served = gateway.log_entries(2)
    assert (refused["outcome"], refused["status"], served["outcome"]) == ("upstream_failed", status, "completed")


@pytest.mark.parametrize("body", [b"{broken", b"{}", b"[]"])
def test_a_count_of_no_request_is_refused(client: HttpClient, gateway: RunningGateway, body: bytes) -> None:
    status, kind, _ = client.ask("POST", COUNT, body).error()
    assert (status, kind) == (400, "invalid_request_error")
    [entry] = gateway.log_entries(1)
    assert entry["outcome"] == "rejected"
