"""Answers `GET /v1/models`: what the gateway itself offers, and what an Anthropic default provider lists.

Where nothing is configured, the provider's own answer passes through untouched. Otherwise its list is asked for as a
whole and stands behind ours; a provider that does not answer in time, or refuses, costs only its own part, because
Claude Code waits for three seconds.
"""

from __future__ import annotations

import asyncio

from django.http import HttpResponse

from gateway.admission import Admission, admit
from gateway.errors import ApiError, EndpointNotFound, InvalidBody
from gateway.flow import Flow
from gateway.model_list import DEFAULT_LIMIT, MAX_LIMIT, encode_model, find_model, list_page, own_models
from gateway.relay import Relay
from gateway.serving import relay
from gateway.streaming import RelayResponse
from gateway.targets import default_provider
from providers.adapters import KINDS
from providers.adapters.base import ClientRequest, HeaderList, ProviderConfig
from providers.errors import UpstreamError
from routing.engine import Target

UPSTREAM_SECONDS = 2.0
_JSON = "application/json"


async def answer_models(
    flow: Flow, limit: str = "", after_id: str | None = None, before_id: str | None = None
) -> HttpResponse | RelayResponse:
    """The list, by pages. Raises `ApiError`."""
    admission = await admit(flow)
    models = own_models(admission.snapshot)
    provider = _listing_provider(flow, admission)
    if provider is not None and not models:
        return await relay(flow, admission, [Target(provider.name, "")])
    page_length = _page_length(limit)
    flow.accept()
    theirs = await _fetch(flow, admission.headers, provider) if provider else None
    return HttpResponse(list_page(models, theirs, page_length, after_id, before_id), content_type=_JSON)


async def answer_model(flow: Flow, model_id: str) -> HttpResponse | RelayResponse:
    """One model by its id. Raises `ApiError`."""
    admission = await admit(flow)
    model = find_model(own_models(admission.snapshot), model_id)
    if model is not None:
        flow.accept()
        return HttpResponse(encode_model(model), content_type=_JSON)
    provider = _listing_provider(flow, admission)
    if provider is None:
        raise EndpointNotFound(f"There is no model {model_id} at this gateway.")
    return await relay(flow, admission, [Target(provider.name, "")])


def _listing_provider(flow: Flow, admission: Admission) -> ProviderConfig | None:
    """The default provider, where its list has the API's shape. Raises `ProviderUnusable` where nothing can answer."""
    snapshot = admission.snapshot
    provider = snapshot.providers.get(snapshot.default_provider)
    if not snapshot.offers:
        provider = default_provider(snapshot)
    if provider is None or provider.problem or KINDS[provider.kind].converts:
        return None
    flow.exchange.provider, flow.exchange.decision_reason = provider.name, "the default provider's list of models"
    return provider


def _page_length(limit: str) -> int:
    if not limit:
        return DEFAULT_LIMIT
    if not limit.isdecimal() or not 1 <= int(limit) <= MAX_LIMIT:
        raise InvalidBody(f"limit: Input should be a number from 1 to {MAX_LIMIT}")
    return int(limit)


async def _fetch(flow: Flow, headers: HeaderList, provider: ProviderConfig) -> bytes | None:
    """The provider's whole list; None where it gives none in time."""
    plain = [header for header in headers if header[0] != b"accept-encoding"]
    request = ClientRequest("GET", flow.path, f"limit={MAX_LIMIT}", plain, b"")
    upstream = Relay(flow.exchange, KINDS[provider.kind].prepare(request, provider, "").upstream, provider)
    flow.answer = upstream
    try:
        async with asyncio.timeout(UPSTREAM_SECONDS):
            await upstream.open()
            flow.received = [chunk async for chunk in upstream.chunks()]
    except (ApiError, UpstreamError, TimeoutError):
        return None
    return b"".join(flow.received) if upstream.status == 200 else None
