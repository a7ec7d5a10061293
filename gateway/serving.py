"""Serves one request: who calls, what is asked, where it goes, and the answer's head."""

from __future__ import annotations

from gateway.access import identify_caller
from gateway.errors import InvalidBody, NotReady, ProviderUnusable
from gateway.flow import Flow
from gateway.relay import Relay
from gateway.snapshot import Snapshot, SnapshotUnavailable, snapshots
from gateway.streaming import RelayResponse
from providers.adapters import KINDS
from providers.adapters.base import ClientRequest, HeaderList, ProviderConfig
from providers.protocol.messages_request import InvalidRequest, RequestFacts, read_facts
from requestlog.exchange import Exchange
from requestlog.redaction import redact_headers
from routing.engine import decide


async def relay_message(flow: Flow) -> RelayResponse:
    """A request that names a model in its body. Raises `ApiError`."""
    snapshot = await _snapshot()
    headers = _admit(flow, snapshot)
    try:
        facts = read_facts(flow.body)
    except InvalidRequest as error:
        raise InvalidBody(str(error)) from error
    _note_facts(flow.exchange, facts)
    return await _relay(flow, snapshot, headers, facts.streamed)


async def relay_models(flow: Flow) -> RelayResponse:
    """The list of models. Raises `ApiError`."""
    snapshot = await _snapshot()
    return await _relay(flow, snapshot, _admit(flow, snapshot), streamed=False)


async def _snapshot() -> Snapshot:
    try:
        return await snapshots.current()
    except SnapshotUnavailable as error:
        raise NotReady(str(error)) from error


def _admit(flow: Flow, snapshot: Snapshot) -> HeaderList:
    """The request's headers without the gateway's own key. Raises `ClientUnknown`."""
    server = flow.scope.get("server")
    caller = identify_caller(flow.headers, snapshot, server[0] if server else "")
    flow.admitted = True
    flow.exchange.client_key = caller.name
    flow.exchange.config_revision = snapshot.revision
    return caller.headers


def _note_facts(exchange: Exchange, facts: RequestFacts) -> None:
    exchange.requested_model = facts.model
    exchange.streamed = facts.streamed
    exchange.message_count = facts.message_count
    exchange.tools_offered = facts.tools_offered
    exchange.session_id = exchange.session_id or facts.session_id


async def _relay(flow: Flow, snapshot: Snapshot, headers: HeaderList, streamed: bool) -> RelayResponse:
    provider = _choose_provider(flow.exchange, snapshot)
    adapter = KINDS[provider.kind]
    flow.exchange.wire_format = adapter.wire_format
    request = adapter.prepare(_client_request(flow, headers), provider)
    flow.exchange.sent_headers = redact_headers(request.headers)
    flow.accept()
    if streamed:
        flow.keep_alive()
    relay = Relay(flow.exchange, request, provider)
    await relay.open()
    return RelayResponse(relay, relay.headers + flow.gateway_headers)


def _choose_provider(exchange: Exchange, snapshot: Snapshot) -> ProviderConfig:
    """Raises `ProviderUnusable`."""
    decision = decide(exchange.requested_model, snapshot.default_provider)
    exchange.provider, exchange.routed_model = decision.provider, decision.model
    exchange.decision_reason = decision.reason
    provider = snapshot.providers.get(decision.provider)
    if provider is None:
        raise ProviderUnusable("No enabled provider is the default one: choose one in the gateway's admin.")
    if provider.problem:
        raise ProviderUnusable(f"Provider {provider.name} cannot be used: {provider.problem}")
    return provider


def _client_request(flow: Flow, headers: HeaderList) -> ClientRequest:
    query = flow.scope["query_string"].decode("latin-1")
    return ClientRequest(flow.exchange.method, flow.path, query, headers, flow.body)
