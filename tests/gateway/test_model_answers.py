"""`GET /v1/models` and `/v1/models/{id}` of a gateway that has models of its own and an Anthropic default provider."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic

from requestlog.models import BodyKind
from tests.support.anthropic_api import as_json, error, model_list
from tests.support.gateway import RunningGateway
from tests.support.http_client import Answer, HttpClient
from tests.support.loop_thread import Gate
from tests.support.scripted_response import Cut, Response
from tests.support.upstream import ScriptedUpstream

OWN = ["claude-fast", "gpt-test"]
CONFIGURE = """
from providers.models import Provider, ProviderModel
from routing.models import ModelAlias
other = Provider.objects.get(name="other")
ModelAlias(name="claude-fast", display_name="Fast one", provider=other, model="gpt-test").save()
ProviderModel(provider=other, name="gpt-test", context_window=128000, max_output_tokens=4096).save()
"""
_PATIENCE_SECONDS = 3.0
"""Claude Code gives up after this long."""


@pytest.fixture(scope="module")
def running_gateway(
    scripted_upstream: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    gateway = RunningGateway(tmp_path_factory.mktemp("models"), scripted_upstream.address)
    gateway.prepare()
    gateway.set_openai_provider("other", "127.0.0.1:1")
    gateway.configure(CONFIGURE)
    with gateway:
        yield gateway


def models(answer: Answer) -> Any:
    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    return json.loads(answer.body)


def ids(answer: Answer) -> list[str]:
    return [model["id"] for model in models(answer)["data"]]


def test_b101_our_own_come_first_and_the_providers_list_behind_them(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    theirs = model_list("claude-opus-5-5", "claude-fast", "claude-haiku-5")
    upstream.answer(theirs)

    answer = client.ask("GET", "/v1/models", headers=[("x-api-key", "sk-ant-mine"), ("accept-encoding", "gzip")])

    page = models(answer)
    assert ids(answer) == [*OWN, "claude-opus-5-5", "claude-haiku-5"]
    assert [model["display_name"] for model in page["data"][:2]] == ["Fast one", "gpt-test"]
    assert (page["first_id"], page["last_id"], page["has_more"]) == ("claude-fast", "claude-haiku-5", False)
    [request] = upstream.requests
    assert (request.target, request.header("x-api-key")) == ("/v1/models?limit=1000", "sk-ant-mine")
    assert request.header("accept-encoding") is None, "the list has to be read here"
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["provider"]) == ("completed", 200, "anthropic")
    assert entry["decision_reason"] == "the default provider's list of models"
    assert [attempt["status"] for attempt in entry["attempts"]] == [200]
    assert gateway.log.body(entry, BodyKind.RECEIVED) == theirs.body()
    assert gateway.log.body(entry, BodyKind.RESPONSE) == answer.body


@pytest.mark.parametrize(
    ("query", "expected", "has_more"),
    [
        ("?limit=1", ["claude-fast"], True),
        ("?limit=2&after_id=claude-fast", ["gpt-test", "claude-opus-5-5"], False),
        ("?before_id=gpt-test&beta=true", ["claude-fast"], False),
        ("?after_id=nobody", [], False),
    ],
)
def test_pages_are_cut_out_of_both_lists(
    client: HttpClient, upstream: ScriptedUpstream, query: str, expected: list[str], has_more: bool
) -> None:
    upstream.answer(model_list("claude-opus-5-5"))
    answer = client.ask("GET", f"/v1/models{query}")
    assert (ids(answer), models(answer)["has_more"]) == (expected, has_more)


def test_the_sdk_walks_through_all_pages(gateway: RunningGateway, upstream: ScriptedUpstream) -> None:
    upstream.answer_by(lambda request: model_list("claude-opus-5-5", "claude-haiku-5"))
    with Anthropic(base_url=gateway.base_url, api_key="sk-ant-mine") as sdk:
        assert [model.id for model in sdk.models.list(limit=1)] == [*OWN, "claude-opus-5-5", "claude-haiku-5"]


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "many"])
def test_a_limit_that_the_api_does_not_take_is_refused(client: HttpClient, gateway: RunningGateway, limit: str) -> None:
    status, kind, message = client.ask("GET", f"/v1/models?limit={limit}").error()
    assert (status, kind) == (400, "invalid_request_error") and message.startswith("limit:")
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["error_message"]) == ("rejected", message)


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(error(401, "authentication_error", "invalid x-api-key"), id="401"),
        pytest.param(error(529, "overloaded_error", "Overloaded"), id="529"),
        pytest.param(as_json(["no", "list"]), id="no list"),
        pytest.param(Response(steps=[Cut.RESET]), id="reset"),
    ],
)
def test_a_provider_that_fails_costs_only_its_own_part(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, failure: Response
) -> None:
    upstream.answer(failure)
    assert ids(client.ask("GET", "/v1/models")) == OWN
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"]) == ("completed", 200)
    assert len(entry["attempts"]) == 1


def test_b101_a_provider_that_is_slow_is_not_waited_for_as_long_as_the_client_waits(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(model_list("claude-opus-5-5").held(Gate()))
    started = time.monotonic()
    assert ids(client.ask("GET", "/v1/models")) == OWN
    assert time.monotonic() - started < _PATIENCE_SECONDS
    assert upstream.requests[0].client_closed.wait(1)
    [entry] = gateway.log_entries(1)
    assert entry["outcome"] == "completed"


@pytest.mark.parametrize(
    ("model_id", "found"),
    [
        ("claude-fast", {"display_name": "Fast one", "max_input_tokens": 128000, "max_tokens": 4096}),
        ("gpt-test", {"display_name": "gpt-test", "max_input_tokens": 128000, "max_tokens": 4096}),
    ],
)
def test_one_of_our_own_is_told_without_asking_anybody(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, model_id: str, found: dict[str, Any]
) -> None:
    answer = client.ask("GET", f"/v1/models/{model_id}")
    assert models(answer).items() >= ({"type": "model", "id": model_id} | found).items()
    assert not upstream.requests
    [entry] = gateway.log_entries(1)
    assert (entry["path"], entry["outcome"], entry["status"]) == (f"/v1/models/{model_id}", "completed", 200)


def test_any_other_is_the_default_providers_to_tell(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    known = as_json({"type": "model", "id": "claude-opus-5-5", "of a later version": True})
    upstream.answer(known)
    answer = client.ask("GET", "/v1/models/claude-opus-5-5?beta=true")
    assert (answer.status, answer.body) == (200, known.body())
    assert upstream.requests[0].target == "/v1/models/claude-opus-5-5?beta=true"
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["provider"]) == ("completed", "anthropic")


def test_an_unknown_one_is_not_found(gateway: RunningGateway, upstream: ScriptedUpstream) -> None:
    upstream.answer(error(404, "not_found_error", "model: nobody/at-all"))
    with (
        Anthropic(base_url=gateway.base_url, api_key="sk-ant-mine", max_retries=0) as sdk,
        pytest.raises(anthropic.NotFoundError, match="model: nobody/at-all"),
    ):
        sdk.models.retrieve("nobody/at-all")
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["error_type"]) == ("upstream_failed", 404, "not_found_error")
