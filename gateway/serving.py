"""Serves one request: who calls, what is asked, where it goes, and the answer's head."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
from django.http import HttpResponse
from django.utils import timezone

from gateway.admission import Admission, admit
from gateway.errors import InvalidBody, NoDefaultProvider
from gateway.flow import Flow
from gateway.snapshot import Snapshot
from gateway.streaming import RelayResponse
from gateway.subagents.identity import Identity
from gateway.subagents.service import subagents
from gateway.targets import open_answer, usable_provider
from providers.adapters import KINDS
from providers.protocol.messages_request import InvalidRequest, RequestFacts, read_facts
from providers.token_counting import count_tokens
from routing.call import Call
from routing.engine import Target, decide, decide_by_name

_TOKEN_COUNT = "x-gateway-token-count"
"""Says whether a count is the provider's own ("exact") or the gateway's ("estimate")."""


async def serve_message(flow: Flow) -> RelayResponse:
    """Raises `ApiError`."""
    admission = await admit(flow)
    identity = await _identify(flow, admission)
    targets = choose_targets(flow, identity, admission.snapshot)
    response = await relay(flow, admission, targets)
    flow.launches = subagents.watch(identity, response.content_encoding)
    return response


async def serve_token_count(flow: Flow) -> HttpResponse | RelayResponse:
    """Counts here what the provider has no endpoint for. Raises `ApiError`."""
    admission = await admit(flow)
    identity = await _identify(flow, admission)
    target = choose_targets(flow, identity, admission.snapshot)[0]
    if not KINDS[usable_provider(target.provider, admission.snapshot).kind].converts:
        response = await relay(flow, admission, [target])
        if response.status_code == 200:
            response.raw_headers.append((_TOKEN_COUNT.encode(), b"exact"))
        return response
    flow.accept()
    count = await asyncio.to_thread(count_tokens, flow.body, target.model)
    kind = "exact" if count.exact else "estimate"
    body = msgspec.json.encode({"input_tokens": count.input_tokens})
    return HttpResponse(body, content_type="application/json", headers={_TOKEN_COUNT: kind})


async def relay(flow: Flow, admission: Admission, targets: Sequence[Target]) -> RelayResponse:
    """Send the request on and wait for the answer's head. Raises `ApiError`."""
    flow.accept()
    if flow.exchange.streamed:
        flow.keep_alive()
    answer = await open_answer(flow, admission.headers, admission.snapshot, targets)
    return RelayResponse(answer, answer.headers + flow.gateway_headers)


async def _identify(flow: Flow, admission: Admission) -> Identity:
    """What the request is about, and who makes it. Raises `InvalidBody`."""
    facts = _read_facts(flow)
    identity = await subagents.identify(flow.headers, flow.body, facts, admission.snapshot)
    identity.note_in(flow.exchange)
    return identity


def _read_facts(flow: Flow) -> RequestFacts:
    """Raises `InvalidBody`."""
    try:
        facts = read_facts(flow.body)
    except InvalidRequest as error:
        raise InvalidBody(str(error)) from error
    exchange = flow.exchange
    exchange.requested_model = facts.model
    exchange.streamed = facts.streamed
    exchange.message_count = facts.message_count
    exchange.tools_offered = facts.tools_offered
    exchange.session_id = exchange.session_id or facts.session_id
    return facts


def choose_targets(flow: Flow, identity: Identity, snapshot: Snapshot) -> Sequence[Target]:
    """At least one. Raises `NoDefaultProvider`."""
    exchange, routes = flow.exchange, snapshot.routes
    # Most calls can be decided by the model's name alone, and what rules look at costs more than the decision.
    needs_call = bool(routes.rules or identity.name)
    decision = decide(_call(flow, identity), routes) if needs_call else decide_by_name(exchange.requested_model, routes)
    exchange.provider, exchange.routed_model = decision.provider, decision.model
    exchange.decision_reason = decision.reason
    if not decision.targets:
        raise NoDefaultProvider
    return decision.targets


def _call(flow: Flow, identity: Identity) -> Call:
    exchange = flow.exchange
    return Call(
        requested_model=exchange.requested_model,
        kind=identity.caller.kind,
        subagent=identity.name,
        session_id=exchange.session_id,
        client_key=exchange.client_key,
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in flow.headers},
        body=flow.body,
        tools_offered=exchange.tools_offered or 0,
        at=timezone.localtime(),
    )
