"""From a decision to an open answer: the targets are tried in their order until one does not fail.

Nothing of an answer has reached the client while this goes on, so a target may be given up without a trace for the
client; pings keep it patient. What leads to the next target: no connection or no answer in time, a status that says
that this provider cannot serve the request now or at all (`FAILS_OVER`), a provider whose configuration is unusable,
and a request that cannot be converted for it. Any other refusal is about the request itself and would be the same
elsewhere. The last target's failure is what the client is told; the log has every attempt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gateway.converted import ConvertedAnswer, converted_answer
from gateway.errors import ApiError, InvalidBody, NoDefaultProvider, ProviderUnusable
from gateway.flow import Flow
from gateway.relay import Relay
from gateway.snapshot import Snapshot
from providers.adapters import KINDS
from providers.adapters.base import ClientRequest, HeaderList, PreparedRequest, ProviderConfig
from providers.pdf import read_pdf
from providers.protocol.messages_request import InvalidRequest
from requestlog.redaction import redact_headers
from routing.engine import Target

Answer = Relay | ConvertedAnswer

FAILS_OVER = frozenset((401, 402, 403, 404, 408, 429))
_FIRST_SERVER_ERROR = 500
_LARGE_BODY_BYTES = 1 << 20


async def open_answer(flow: Flow, headers: HeaderList, snapshot: Snapshot, targets: Sequence[Target]) -> Answer:
    """The answer of the first target that serves the request, otherwise the last one's. Raises `ApiError`."""
    *others, last = targets
    for target in others:
        failure = await _try(flow, headers, snapshot, target)
        if not isinstance(failure, str):
            return failure
        flow.exchange.decision_reason += f"; {target}: {failure}"
    if others:
        flow.exchange.decision_reason += f" → fallback {last}"
    return await _open(flow, headers, snapshot, last)


def usable_provider(name: str, snapshot: Snapshot) -> ProviderConfig:
    """Raises `ProviderUnusable`."""
    provider = snapshot.providers[name]  # a snapshot's routes lead to its own providers
    if provider.problem:
        raise ProviderUnusable(f"Provider {provider.name} cannot be used: {provider.problem}")
    return provider


def default_provider(snapshot: Snapshot) -> ProviderConfig:
    """Raises `ProviderUnusable`."""
    if not snapshot.default_provider:
        raise NoDefaultProvider
    return usable_provider(snapshot.default_provider, snapshot)


async def _try(flow: Flow, headers: HeaderList, snapshot: Snapshot, target: Target) -> Answer | str:
    """The answer, or why the next target is to be tried. Raises `ApiError` for what would fail elsewhere too."""
    try:
        answer = await _open(flow, headers, snapshot, target)
    except (InvalidBody, ProviderUnusable) as error:
        return str(error)
    except ApiError as error:
        if not _fails_over(error.status):
            raise
        return f"{error.status} {error}"
    if not _fails_over(answer.status):
        return answer
    answer.close()
    return f"status {answer.status}"


def _fails_over(status: int) -> bool:
    return status in FAILS_OVER or status >= _FIRST_SERVER_ERROR


async def _open(flow: Flow, headers: HeaderList, snapshot: Snapshot, target: Target) -> Answer:
    """Send the request to one target and wait until its answer's status is known. Raises `ApiError`."""
    flow.exchange.provider, flow.exchange.routed_model = target.provider, target.model
    provider = usable_provider(target.provider, snapshot)
    prepared = await _prepare(flow, headers, provider, target.model)
    relay = Relay(flow.exchange, prepared.upstream, provider)
    answer = relay if prepared.translation is None else converted_answer(relay, prepared.translation, flow)
    flow.answer = answer
    try:
        await answer.open()
    except ApiError:
        answer.close()
        raise
    return answer


async def _prepare(flow: Flow, headers: HeaderList, provider: ProviderConfig, model: str) -> PreparedRequest:
    """Raises `InvalidBody`."""
    exchange, adapter = flow.exchange, KINDS[provider.kind]
    request = _client_request(flow, headers)
    try:
        if adapter.converts and _conversion_takes_long(flow.body):
            prepared = await asyncio.to_thread(adapter.prepare, request, provider, model)
        else:
            prepared = adapter.prepare(request, provider, model)
    except InvalidRequest as error:
        raise InvalidBody(str(error)) from error
    exchange.wire_format = adapter.wire_format
    exchange.sent_headers = redact_headers(prepared.upstream.headers)
    exchange.conversion_notes = list(prepared.notes)
    flow.sent = b"" if prepared.upstream.body is flow.body else prepared.upstream.body
    flow.received = []
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
