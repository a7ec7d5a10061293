"""A client that goes away frees the upstream within a second, in every phase, and the log says how far it came."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import repeat

import pytest

from tests.support.anthropic_api import events, whole
from tests.support.anthropic_stream import Text, stream
from tests.support.gateway import RunningGateway
from tests.support.http_client import JSON, HttpClient, asked, request_head
from tests.support.loop_thread import Gate
from tests.support.scripted_response import Framing, Response
from tests.support.upstream import RecordedRequest, ScriptedUpstream

STREAM = asked(stream=True)
TOLD = stream(Text("The tide turns at noon."))
IN_TIME = 1.0
"""Seconds until the upstream's connection must be gone."""

in_every_way = pytest.mark.parametrize(
    "leave", [HttpClient.leave, HttpClient.leave_abruptly], ids=["closing", "with a reset"]
)
Leave = Callable[[HttpClient], None]


def assert_freed(request: RecordedRequest, left_at: float) -> None:
    assert request.client_closed.wait(5), "the gateway still holds the upstream's connection"
    assert request.client_closed_at is not None
    assert request.client_closed_at - left_at < IN_TIME


@in_every_way
@pytest.mark.parametrize("body", [STREAM, asked()], ids=["streaming", "not streaming"])
def test_a_client_leaves_before_the_first_byte(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, leave: Leave, body: bytes
) -> None:
    upstream.answer(whole(Text("Too late.")).held(Gate()))
    client.begin("POST", "/v1/messages", body)
    [request] = upstream.wait_for_requests(1)

    leave(client)

    assert_freed(request, time.monotonic())
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["response_bytes"]) == ("client_left", None, 0)
    assert gateway.log.body(entry, "request") == body
    assert len(entry["attempts"]) == 1


@in_every_way
def test_a_client_leaves_in_mid_stream(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, leave: Leave
) -> None:
    upstream.answer(events([*TOLD[:4], Gate(), *TOLD[4:]]))
    client.begin("POST", "/v1/messages", STREAM)
    client.wait_for(TOLD[3])

    leave(client)

    assert_freed(upstream.requests[0], time.monotonic())
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["streamed"]) == ("client_left", 200, True)
    assert gateway.log.body(entry, "response") == b"".join(TOLD[:4])
    assert entry["input_tokens"] == 12


def test_a_client_leaves_while_the_stream_does_not_pause(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(Response(200, (("content-type", "text/event-stream"),), repeat(TOLD[3]), Framing.CHUNKED))
    client.begin("POST", "/v1/messages", STREAM)
    client.wait_for(TOLD[3] * 20)

    client.leave_abruptly()

    assert_freed(upstream.requests[0], time.monotonic())
    [entry] = gateway.log_entries(1)
    assert entry["outcome"] == "client_left"
    assert (gateway.log.body(entry, "response") or b"").startswith(TOLD[3] * 20)


def test_a_client_that_reads_nothing_any_more_holds_the_upstream_back_and_leaves(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    piece = b"x" * 2**20
    upstream.answer(Response(200, (("content-type", "application/json"),), [piece] * 64, Framing.CHUNKED))
    client.begin("POST", "/v1/messages", asked())
    client.wait_for(b"x")
    assert not upstream.requests[0].answered.wait(0.5), "64 MB were taken for a client that reads nothing"

    client.leave()

    assert_freed(upstream.requests[0], time.monotonic())
    [entry] = gateway.log_entries(1)
    assert entry["outcome"] == "client_left"
    assert 0 < entry["response_bytes"] < 64 * 2**20


@in_every_way
def test_a_client_leaves_during_a_body_that_is_no_stream(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, leave: Leave
) -> None:
    upstream.answer(Response(200, (JSON,), [b'{"type": "message", ', Gate(), b'"content": []}']))
    client.begin("POST", "/v1/messages", asked())
    client.wait_for(b"message")

    leave(client)

    assert_freed(upstream.requests[0], time.monotonic())
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"]) == ("client_left", 200)
    assert gateway.log.body(entry, "response") == b'{"type": "message", '


@pytest.mark.parametrize(
    ("leave", "outcome"),
    # A closed connection may be closed for writing only, so that one is told what is wrong with its request.
    [(HttpClient.leave, "rejected"), (HttpClient.leave_abruptly, "client_left")],
    ids=["closing", "with a reset"],
)
def test_a_client_leaves_while_it_uploads(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, leave: Leave, outcome: str
) -> None:
    body = asked(system="x" * 500_000)
    client.send(request_head("POST", "/v1/messages", [JSON, ("content-length", str(len(body)))]) + body[:400_000])

    leave(client)

    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["attempts"]) == (outcome, [])
    assert (entry["method"], entry["path"]) == ("POST", "/v1/messages")
    assert upstream.requests == []


def test_a_client_that_leaves_after_its_answer_has_got_it(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(events(TOLD))
    client.ask("POST", "/v1/messages", STREAM)

    client.leave_abruptly()

    [entry] = gateway.log_entries(1)
    assert entry["outcome"] == "completed"
    assert upstream.requests[0].client_closed_at is None


def test_many_clients_leave_at_once(upstream: ScriptedUpstream, gateway: RunningGateway) -> None:
    upstream.answer_by(lambda _: events([TOLD[0], Gate(), *TOLD[1:]]))
    clients = [HttpClient(gateway.port) for _ in range(30)]
    for client in clients:
        client.begin("POST", "/v1/messages", STREAM)
    for client in clients:
        client.wait_for(TOLD[0])

    for client in clients:
        client.leave()

    left_at = time.monotonic()
    for request in upstream.requests:
        assert_freed(request, left_at)
    assert [entry["outcome"] for entry in gateway.log_entries(30)] == ["client_left"] * 30
