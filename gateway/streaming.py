"""Sends an upstream's answer to the client.

Normally nothing is changed: status, end-to-end headers and the body's bytes, each chunk as it comes in. Two cases
differ, both only when the client asked for a stream. When the upstream breaks off in the middle, an `error` event
says what has happened, which a connection that just ends does not. When a ping has already committed the response to
`200` and an event stream, an answer with an error status becomes an `error` event, and a compressed body is decoded.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from django.http import StreamingHttpResponse

from gateway.converted import ConvertedAnswer
from gateway.flow import Flow
from gateway.relay import Relay
from providers.adapters.base import HeaderList
from providers.errors import UpstreamBroken, UpstreamError
from providers.protocol.errors import ErrorType, error_body, error_event, read_error
from requestlog.content_encoding import ContentDecoder, UndecodableContent
from requestlog.exchange import Outcome


class RelayResponse(StreamingHttpResponse):
    """An answer to be relayed. `raw_headers` may hold a name more than once, which Django's own headers cannot."""

    def __init__(self, relay: Relay | ConvertedAnswer, raw_headers: HeaderList) -> None:
        super().__init__(relay.chunks(), status=relay.status)
        self.relay = relay
        self.raw_headers = raw_headers
        found = dict(raw_headers)
        self.content_encoding = found.get(b"content-encoding", b"").decode("latin-1")
        self.is_event_stream = found.get(b"content-type", b"").startswith(b"text/event-stream")
        self.takes_events = self.is_event_stream and not self.content_encoding and b"content-length" not in found
        """Whether events of ours may stand among the upstream's."""


async def send_relayed(response: RelayResponse, flow: Flow) -> None:
    """Send everything, and note in the exchange how it ended."""
    try:
        if flow.client.started:
            await _send_after_ping(response, flow)
        else:
            await _send_as_it_is(response, flow)
    except UpstreamError as error:
        await _break_off(error, response, flow)


async def _send_as_it_is(response: RelayResponse, flow: Flow) -> None:
    client, exchange, relay, launches = flow.client, flow.exchange, response.relay, flow.launches
    if flow.keepalive is not None and not response.takes_events:
        flow.keepalive.stop()
    exchange.status = response.status_code
    await client.start(response.status_code, response.raw_headers)
    flow.note_overhead()
    while chunk := await relay.read():
        if launches is not None:
            launches.feed(chunk)  # before the client can start the agent
        await client.send(chunk)
    exchange.finish(Outcome.COMPLETED if response.status_code < 400 else Outcome.UPSTREAM_FAILED)
    await client.end()


async def _send_after_ping(response: RelayResponse, flow: Flow) -> None:
    client, exchange = flow.client, flow.exchange
    exchange.status = 200
    content = _decoded(response, flow)
    if response.status_code < 400 and response.is_event_stream:
        async for chunk in content:
            await client.send(chunk)
        exchange.finish(Outcome.COMPLETED)
        await client.end()
        return
    body = b"".join([chunk async for chunk in content])
    error = read_error(body)
    if error is None:
        body = error_body(
            ErrorType.API, f"The provider answered {response.status_code}: {body[:2000].decode(errors='replace')}"
        )
        error = read_error(body)
    exchange.finish(Outcome.UPSTREAM_FAILED, *((error.type, error.message) if error else ()))
    await client.end(error_event(body))


async def _decoded(response: RelayResponse, flow: Flow) -> AsyncIterator[bytes]:
    try:
        decoder = ContentDecoder(response.content_encoding)
        async for chunk in response.relay.chunks():
            if flow.launches is not None:
                flow.launches.feed(chunk)
            if data := decoder.feed(chunk):
                yield data
    except UndecodableContent as error:
        raise UpstreamBroken(f"The provider's answer is {error}.") from error


async def _break_off(error: UpstreamError, response: RelayResponse, flow: Flow) -> None:
    """Tell the client in the stream where that is possible; otherwise leave the response without its end."""
    message = f"Provider {flow.exchange.provider}: {error}"
    flow.exchange.finish(Outcome.UPSTREAM_FAILED, ErrorType.API, message)
    if _client_reads_events(response, flow):
        separator = b"" if flow.client.at_line_start() else b"\n"
        # In the middle of an event, these lines turn it into the error: the last `event:` names it.
        await flow.client.end(separator + error_event(error_body(ErrorType.API, message)))


def _client_reads_events(response: RelayResponse, flow: Flow) -> bool:
    """Whether an event can be added: since a ping to whatever the upstream sends, otherwise to a plain stream."""
    return response.takes_events or (flow.keepalive is not None and flow.keepalive.committed_early)
