from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.trying.errors import RequestUnusable
from gateway.trying.requests import Chosen, TriedRequest, logged_request, shown_headers
from providers.protocol.messages_request import read_facts
from routing.identification.callers import CallKind, read_caller
from routing.models import Subagent, SubagentFingerprint
from tests.support.log_entries import messages_request, store_exchange

pytestmark = pytest.mark.django_db
NOTHING_CHOSEN = Chosen()
AGENT = [(b"x-claude-code-agent-id", b"a-1"), (b"x-claude-code-session-id", b"s-1")]


def pasted(headers: list[tuple[bytes, bytes]] | None = None, chosen: Chosen = NOTHING_CHOSEN) -> TriedRequest:
    body = json.dumps(messages_request(system=[{"type": "text", "text": "You review code, line by line."}]))
    return TriedRequest(headers or [], body.encode(), chosen=chosen)


def store_logged(**columns: Any) -> uuid.UUID:
    return store_exchange(
        request=messages_request(),
        request_headers=[("Authorization", "Bearer [redacted 1a2b3c4d]"), ("X-Team", "search")],
        **columns,
    ).pk


def test_a_pasted_request_tells_who_calls() -> None:
    call = pasted(AGENT).call()
    assert (call.kind, call.session_id, call.requested_model) == (CallKind.SUBAGENT, "s-1", "claude-sonnet-5")
    assert pasted().call().kind is CallKind.MAIN_LOOP


def test_a_subagents_name_is_told_by_its_prompt_where_that_is_known() -> None:
    fingerprint = read_caller(AGENT, read_facts(pasted().body)).fingerprint
    agent = Subagent.objects.create(name="code-reviewer", known_by="launched")
    SubagentFingerprint.objects.create(fingerprint=fingerprint, subagent=agent, source="launched")
    assert pasted(AGENT).call().subagent == "code-reviewer"
    assert pasted().call().subagent == ""


def test_what_is_chosen_goes_before_what_the_request_tells() -> None:
    call = pasted(AGENT, Chosen(kind=CallKind.SIDE_CALL, client_key="laptop")).call()
    assert (call.kind, call.subagent, call.client_key) == (CallKind.SIDE_CALL, "", "laptop")


def test_whoever_has_a_subagents_name_is_a_subagent() -> None:
    call = pasted(chosen=Chosen(subagent="planner")).call()
    assert (call.kind, call.subagent) == (CallKind.SUBAGENT, "planner")


def test_a_logged_request_has_the_name_the_key_and_the_time_of_the_log() -> None:
    at = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    exchange = store_logged(
        call_kind="subagent", subagent="planner", client_key="laptop", session_id="s-9", received_at=at
    )
    call = logged_request(exchange, NOTHING_CHOSEN).call()
    assert (call.kind, call.subagent, call.client_key, call.at) == (CallKind.SUBAGENT, "planner", "laptop", at)
    assert call.headers["x-team"] == "search"


def test_choosing_another_caller_forgets_the_logs_subagent() -> None:
    exchange = store_logged(call_kind="subagent", subagent="planner")
    call = logged_request(exchange, Chosen(kind=CallKind.MAIN_LOOP)).call()
    assert (call.kind, call.subagent) == (CallKind.MAIN_LOOP, "")


def test_a_logged_request_keeps_its_path_and_query() -> None:
    tried = logged_request(store_logged(path="/v1/messages/count_tokens?beta=true"), NOTHING_CHOSEN)
    request = tried.as_client_request()
    assert (request.path, request.query, tried.counts_tokens) == ("/v1/messages/count_tokens", "beta=true", True)


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"path": "/v1/models", "method": "GET"}, "GET /v1/models goes by no rule"),
        ({"path": "/v1/messages"}, "no body"),
    ],
)
def test_an_exchange_without_a_request_for_messages_cannot_be_tried(columns: dict[str, str], text: str) -> None:
    exchange = store_exchange(**columns)
    with pytest.raises(RequestUnusable, match=text):
        logged_request(exchange.pk, NOTHING_CHOSEN)


def test_an_exchange_that_is_not_there_is_named() -> None:
    with pytest.raises(RequestUnusable, match="00000000-0000-0000-0000-000000000005"):
        logged_request(uuid.UUID(int=5), NOTHING_CHOSEN)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"model": 5}', b"\xff", b"{"])
def test_a_body_that_the_gateway_refuses_is_refused_with_its_words(body: bytes) -> None:
    with pytest.raises(RequestUnusable, match="The gateway would refuse this request: "):
        TriedRequest([], body).call()


def test_the_gateways_own_key_is_no_header_for_the_provider() -> None:
    headers = [(b"x-gateway-key", b"k"), (b"x-api-key", b"own")]
    assert TriedRequest(headers, b'{"model":"m"}').as_client_request().headers == [(b"x-api-key", b"own")]


def test_where_a_key_was_shown_the_credential_in_its_place_is_the_key() -> None:
    chosen = Chosen(client_key="laptop")
    headers = [(b"authorization", b"Bearer [redacted 1a2b3c4d]"), (b"accept", b"*/*")]
    assert TriedRequest(headers, b'{"model":"m"}', chosen=chosen).as_client_request().headers == [(b"accept", b"*/*")]


def test_credentials_are_shown_redacted_and_never_twice() -> None:
    shown = dict(shown_headers([(b"x-api-key", b"sk-secret"), (b"authorization", b"Bearer [redacted 1a2b3c4d]")]))
    assert "sk-secret" not in shown["x-api-key"] and shown["x-api-key"].startswith("[redacted ")
    assert shown["authorization"] == "Bearer [redacted 1a2b3c4d]"
