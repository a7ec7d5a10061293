"""Serves one request: who calls, what is asked, where it goes, and the answer's head."""

from __future__ import annotations

import asyncio

import msgspec
from django.http import HttpResponse

from gateway.admission import admit
from gateway.converted import converted_answer
from gateway.errors import InvalidBody, ProviderUnusable
from gateway.flow import Flow
from gateway.relay import Relay
from gateway.snapshot import Snapshot
from gateway.streaming import RelayResponse
from providers.adapters import KINDS
from providers.adapters.base import ClientRequest, HeaderList, PreparedRequest, ProviderConfig
from providers.pdf import read_pdf
from providers.protocol.messages_request import InvalidRequest, RequestFacts, read_facts
from providers.token_counting import count_tokens
from requestlog.exchange import Exchange
from requestlog.redaction import redact_headers
from routing.engine import decide

_LARGE_BODY_BYTES = 1 << 20
_TOKEN_COUNT = "x-gateway-token-count"
"""Says whether a count is the provider's own ("exact") or the gateway's ("estimate")."""


async def serve_message(flow: Flow) -> RelayResponse:
    """Raises `ApiError`."""
    admission = await admit(flow)
    note_facts(flow)
    provider = choose_provider(flow.exchange, admission.snapshot)
    return await relay(flow, admission.headers, provider)


async def serve_token_count(flow: Flow) -> HttpResponse | RelayResponse:
    """Counts here what the provider has no endpoint for. Raises `ApiError`."""
    admission = await admit(flow)
    note_facts(flow)
    provider = choose_provider(flow.exchange, admission.snapshot)
    if KINDS[provider.kind].counts_tokens:
        response = await relay(flow, admission.headers, provider)
        response.raw_headers.append((_TOKEN_COUNT.encode(), b"exact"))
        return response
    flow.accept()
    count = await asyncio.to_thread(count_tokens, flow.body, flow.exchange.routed_model)
    kind = "exact" if count.exact else "estimate"
    body = msgspec.json.encode({"input_tokens": count.input_tokens})
    return HttpResponse(body, content_type="application/json", headers={_TOKEN_COUNT: kind})


async def relay(flow: Flow, headers: HeaderList, provider: ProviderConfig) -> RelayResponse:
    """Send the request on and wait for the answer's head. Raises `ApiError`."""
    prepared = await _prepare(flow, headers, provider)
    flow.accept()
    if flow.exchange.streamed:
        flow.keep_alive()
    upstream = Relay(flow.exchange, prepared.upstream, provider)
    answer = upstream if prepared.translation is None else converted_answer(upstream, prepared.translation, flow)
    flow.answer = answer
    await answer.open()
    return RelayResponse(answer, answer.headers + flow.gateway_headers)


def note_facts(flow: Flow) -> None:
    """Raises `InvalidBody`."""
    try:
        facts = read_facts(flow.body)
    except InvalidRequest as error:
        raise InvalidBody(str(error)) from error
    _note(flow.exchange, facts)


def _note(exchange: Exchange, facts: RequestFacts) -> None:
    exchange.requested_model = facts.model
    exchange.streamed = facts.streamed
    exchange.message_count = facts.message_count
    exchange.tools_offered = facts.tools_offered
    exchange.session_id = exchange.session_id or facts.session_id


def choose_provider(exchange: Exchange, snapshot: Snapshot) -> ProviderConfig:
    """Raises `ProviderUnusable`."""
    decision = decide(exchange.requested_model, snapshot.routes)
    exchange.provider, exchange.routed_model = decision.provider, decision.model
    exchange.decision_reason = decision.reason
    provider = snapshot.providers.get(decision.provider)
    if provider is None:
        raise ProviderUnusable("No enabled provider is the default one: choose one in the gateway's admin.")
    if provider.problem:
        raise ProviderUnusable(f"Provider {provider.name} cannot be used: {provider.problem}")
    return provider


async def _prepare(flow: Flow, headers: HeaderList, provider: ProviderConfig) -> PreparedRequest:
    """Raises `InvalidBody`."""
    exchange, adapter = flow.exchange, KINDS[provider.kind]
    exchange.wire_format = adapter.wire_format
    request = _client_request(flow, headers)
    try:
        if _conversion_takes_long(flow.body):
            prepared = await asyncio.to_thread(adapter.prepare, request, provider, exchange.routed_model)
        else:
            prepared = adapter.prepare(request, provider, exchange.routed_model)
    except InvalidRequest as error:
        raise InvalidBody(str(error)) from error
    exchange.sent_headers = redact_headers(prepared.upstream.headers)
    exchange.conversion_notes = list(prepared.notes)
    flow.sent = b"" if prepared.upstream.body is flow.body else prepared.upstream.body
    return prepared


def _conversion_takes_long(body: bytes) -> bool:
    """Whether other requests should not have to wait for it: getting the text out of a PDF takes seconds."""
    return len(body) > _LARGE_BODY_BYTES or b"application/pdf" in body


def _client_request(flow: Flow, headers: HeaderList) -> ClientRequest:
    exchange = flow.exchange
    return ClientRequest(
        method=exchange.method,
        path=flow.path,
        query=flow.scope["query_string"].decode("latin-1"),
        headers=headers,
        body=flow.body,
        id=exchange.id.hex,
        model=exchange.requested_model,
        streamed=exchange.streamed,
        read_pdf=read_pdf,
    )
