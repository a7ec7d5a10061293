"""A first choice and its fallbacks: who is asked after whom, and what the client and the log see of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.support.anthropic_api import as_json, error, overloaded, rate_limited, streamed, whole
from tests.support.anthropic_stream import Text
from tests.support.gateway import RunningGateway, free_port
from tests.support.http_client import HttpClient, asked
from tests.support.scripted_response import Response
from tests.support.upstream import ScriptedUpstream

MODEL = "claude-routed"
WHOLE = asked(model=MODEL)
STREAM = asked(model=MODEL, stream=True)
COMPLETION = {
    "id": "chatcmpl-1",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "From the fallback."}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 5, "completion_tokens": 4},
}
ADD_RULE = """
from providers.models import Provider
from routing.models import RoutingRule, RuleFallback
rule = RoutingRule(name="first, then others", order=1, provider=Provider.objects.get(name="anthropic"))
rule.full_clean()
rule.save()
for order, (name, model) in enumerate([("gone", "m"), ("second", "gpt-second")]):
    fallback = RuleFallback(rule=rule, order=order, provider=Provider.objects.get(name=name), model=model)
    fallback.full_clean()
    fallback.save()
"""


@pytest.fixture(scope="module")
def second() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as server:
        yield server


@pytest.fixture(scope="module")
def running_gateway(
    scripted_upstream: ScriptedUpstream, second: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    """Every request goes to `anthropic`, then to a provider that nobody can reach, then to `second`."""
    gateway = RunningGateway(tmp_path_factory.mktemp("fallbacks"), scripted_upstream.address)
    gateway.prepare()
    nobody = f"http://127.0.0.1:{free_port()}"
    gateway.set_provider("gone", kind="openai", base_url=nobody, credential_source="none")
    gateway.set_provider("second", kind="openai", base_url=f"http://{second.address}/v1", credential_source="none")
    gateway.configure(ADD_RULE)
    with gateway:
        yield gateway


@pytest.fixture(autouse=True)
def forget(second: ScriptedUpstream) -> None:
    second.reset()


def by_second(second: ScriptedUpstream) -> None:
    second.answer(as_json(COMPLETION))


@pytest.mark.parametrize(
    "failure",
    [
        overloaded(),
        rate_limited(),
        error(401, "authentication_error", "No."),
        error(404, "not_found_error", "model: claude-routed"),
        error(500, "api_error", "Internal server error"),
        Response(503, (("content-type", "text/html"),), [b"<html>busy</html>"]),
    ],
    ids=lambda response: str(response.status),
)
@pytest.mark.parametrize("body", [WHOLE, STREAM], ids=["whole", "streaming"])
def test_what_a_provider_cannot_serve_goes_to_the_next(
    client: HttpClient,
    upstream: ScriptedUpstream,
    second: ScriptedUpstream,
    gateway: RunningGateway,
    failure: Response,
    body: bytes,
) -> None:
    upstream.answer(failure)
    by_second(second)

    answer = client.ask("POST", "/v1/messages", body)

    assert answer.status == 200 and b"From the fallback." in answer.body
    assert answer.header("x-gateway-provider") == "second"
    assert json.loads(second.requests[0].body)["model"] == "gpt-second"
    [entry] = gateway.log_entries(1)
    assert (entry["provider"], entry["routed_model"], entry["outcome"]) == ("second", "gpt-second", "completed")
    assert [attempt["provider"] for attempt in entry["attempts"]] == ["anthropic", "gone", "second"]
    assert [attempt["status"] for attempt in entry["attempts"]] == [failure.status, None, 200]
    assert entry["attempts"][1]["error"]
    assert "fallback second:gpt-second" in entry["decision_reason"]
    assert gateway.log.body(entry, "sent") == second.requests[0].body


def test_what_is_wrong_with_the_request_itself_is_not_tried_elsewhere(
    client: HttpClient, upstream: ScriptedUpstream, second: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(error(400, "invalid_request_error", "max_tokens: Field required"))
    answer = client.ask("POST", "/v1/messages", WHOLE)
    assert (answer.status, json.loads(answer.body)["error"]["message"]) == (400, "max_tokens: Field required")
    assert not second.requests
    [entry] = gateway.log_entries(1)
    assert (
        entry["provider"] == "anthropic"
        and entry["decision_reason"] == "rule ‘first, then others’ → anthropic:claude-routed"
    )


def test_the_first_choice_that_serves_is_left_untouched(
    client: HttpClient, upstream: ScriptedUpstream, second: ScriptedUpstream
) -> None:
    scripted = streamed(Text("From the first."))
    upstream.answer(scripted)
    answer = client.ask("POST", "/v1/messages", STREAM)
    assert answer.body == scripted.body()
    assert upstream.requests[0].body == STREAM and not second.requests


def test_the_last_failure_is_what_the_client_is_told(
    client: HttpClient, upstream: ScriptedUpstream, second: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(overloaded())
    second.answer(Response(429, (("retry-after", "3"),), [b'{"error": {"message": "Enough."}}']))
    answer = client.ask("POST", "/v1/messages", WHOLE)
    assert answer.error() == (429, "rate_limit_error", "Enough.") and answer.header("retry-after") == "3"
    [entry] = gateway.log_entries(1)
    assert entry["outcome"] == "upstream_failed" and len(entry["attempts"]) == 3


def test_a_connection_that_was_given_up_serves_no_later_request(
    client: HttpClient, upstream: ScriptedUpstream, second: ScriptedUpstream
) -> None:
    upstream.answer(overloaded(), whole(Text("Back again.")))
    by_second(second)
    assert b"fallback" in client.ask("POST", "/v1/messages", WHOLE).body
    assert b"Back again." in client.ask("POST", "/v1/messages", WHOLE).body
