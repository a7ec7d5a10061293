"""Compares what the client and the upstream said with what reached the other side: it must be the same bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tests.support.scripted_response import Response
from tests.support.upstream import RecordedRequest, ScriptedUpstream
from tests.support.wiretap import Exchange, Wiretap

HeaderCounter = Counter[tuple[str, str]]
Request = tuple[str, bytes, frozenset[tuple[tuple[str, str], int]]]
"""Method and target, body, and how often each header came."""

# Headers that belong to one connection; each side of the gateway has its own.
_OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "host", "content-length"}


def assert_requests_unchanged(tap: Wiretap, upstream: ScriptedUpstream) -> None:
    """Every request of the client came to the upstream with its method, target, headers and body, and no other did."""
    sent = Counter(map(_sent_request, tap.exchanges()))
    assert sent, "the client sent nothing"
    assert Counter(map(_received_request, upstream.requests)) == sent


def assert_responses_unchanged(tap: Wiretap, upstream: ScriptedUpstream) -> None:
    """Every response came to the client with its status and body; headers may be added to it but none is lost."""
    responses = {dict(response.headers)["request-id"]: response for response in _responses(upstream)}
    exchanges = tap.exchanges()
    assert len(exchanges) == len(responses)
    for exchange in exchanges:
        assert exchange.response is not None
        _assert_same_response(exchange, responses[str(exchange.response.header("request-id"))])


def _assert_same_response(exchange: Exchange, sent: Response) -> None:
    got = exchange.response
    assert got is not None
    assert got.complete
    assert got.start == str(sent.status)
    assert got.body == sent.body()
    assert not _end_to_end(sent.headers) - _end_to_end(got.headers)


def _responses(upstream: ScriptedUpstream) -> list[Response]:
    return [request.response for request in upstream.requests if request.response]


def _sent_request(exchange: Exchange) -> Request:
    request = exchange.request
    return request.start, request.body, frozenset(_end_to_end(request.headers).items())


def _received_request(request: RecordedRequest) -> Request:
    headers = frozenset(_end_to_end(request.headers).items())
    return f"{request.method} {request.target}", request.body, headers


def _end_to_end(headers: Iterable[tuple[str, str]]) -> HeaderCounter:
    lowered = ((name.lower(), value) for name, value in headers)
    return Counter((name, value) for name, value in lowered if name not in _OF_THE_CONNECTION)
