"""The request that would go out to a target, as the adapters make it. Nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import ProviderUnusable
from gateway.snapshot import Snapshot
from gateway.targets import usable_provider
from gateway.trying.requests import TriedRequest, shown_headers
from providers.adapters import KINDS
from providers.adapters.base import PreparedRequest, UpstreamRequest
from providers.protocol.messages_request import InvalidRequest
from requestlog.presentation.text import Budget, Excerpt, parse_json, text_of
from requestlog.redaction import redact_query
from routing.engine import Target

BODY_LIMIT = 200_000
"""Bytes of HTML."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`refusal` says why nothing would go out; then all else is empty. `is_unchanged`: the client's own bytes."""

    refusal: str = ""
    method: str = ""
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: Excerpt = Excerpt("")
    body_bytes: int = 0
    is_unchanged: bool = False
    is_converted: bool = False
    notes: tuple[str, ...] = ()


def prepare(tried: TriedRequest, target: Target, snapshot: Snapshot) -> Outgoing:
    """Raises `RequestUnusable`."""
    request = tried.as_client_request()
    try:
        provider = usable_provider(target.provider, snapshot)
        adapter = KINDS[provider.kind]
        if tried.counts_tokens and adapter.converts:
            return Outgoing(refusal=f"{provider.name} does not count tokens: the gateway estimates them itself.")
        prepared = adapter.prepare(request, provider, target.model)
    except (ProviderUnusable, InvalidRequest) as error:
        return Outgoing(refusal=str(error))
    return _shown(prepared, is_unchanged=prepared.upstream.body == tried.body)


def _shown(prepared: PreparedRequest, is_unchanged: bool) -> Outgoing:
    upstream = prepared.upstream
    return Outgoing(
        method=upstream.method,
        url=_url(upstream),
        headers=tuple(shown_headers(upstream.headers)),
        body=_excerpt(upstream.body),
        body_bytes=len(upstream.body),
        is_unchanged=is_unchanged,
        is_converted=prepared.translation is not None,
        notes=prepared.notes,
    )


def _url(upstream: UpstreamRequest) -> str:
    path, mark, query = upstream.target.partition("?")
    return f"{upstream.origin}{path}{mark}{redact_query(query)}"


def _excerpt(body: bytes) -> Excerpt:
    value, problem = parse_json(body)
    budget = Budget(BODY_LIMIT)
    return budget.take(text_of(body), BODY_LIMIT) if problem else budget.take_json(value, BODY_LIMIT)
