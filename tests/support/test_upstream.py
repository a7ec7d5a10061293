"""The scripted upstream itself, spoken to over a plain socket: other tests believe what it says."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import pytest

from tests.support.loop_thread import Gate
from tests.support.scripted_response import Cut, Framing, Response
from tests.support.upstream import ScriptedUpstream
from tests.support.wiretap import Wiretap

REQUEST = b"POST /v1/messages?beta=true HTTP/1.1\r\nHost: x\r\nX-Odd-Case: Value\r\nContent-Length: 4\r\n\r\nbody"


@pytest.fixture
def server() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as server:
        yield server


@pytest.fixture
def connection(server: ScriptedUpstream) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        yield connection


def test_a_request_is_recorded_as_it_was_written(server: ScriptedUpstream, connection: socket.socket) -> None:
    server.answer(Response(steps=[b"ok"]))

    connection.sendall(REQUEST)

    assert read(connection, b"ok").startswith(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n")
    [request] = server.requests
    assert (request.method, request.target, request.body) == ("POST", "/v1/messages?beta=true", b"body")
    assert request.headers == [("Host", "x"), ("X-Odd-Case", "Value"), ("Content-Length", "4")]


def test_requests_of_one_connection_are_answered_in_order(server: ScriptedUpstream, connection: socket.socket) -> None:
    server.answer(Response(steps=[b"first"]), Response(529, steps=[b"second"]))

    connection.sendall(REQUEST + REQUEST)

    assert b"HTTP/1.1 529 Unknown" in read(connection, b"second")
    assert [request.connection for request in server.requests] == [1, 1]


def test_a_gate_holds_the_rest_back_until_it_is_opened(server: ScriptedUpstream, connection: socket.socket) -> None:
    gate = Gate()
    server.answer(Response(steps=[b"before", gate, b"after"], framing=Framing.CHUNKED))

    connection.sendall(REQUEST)
    assert read(connection, b"before\r\n").endswith(b"\r\n\r\n6\r\nbefore\r\n")
    gate.open()

    assert read(connection, b"0\r\n\r\n") == b"5\r\nafter\r\n0\r\n\r\n"


def test_a_cut_ends_the_connection_before_the_promised_end(server: ScriptedUpstream, connection: socket.socket) -> None:
    server.answer(Response(steps=[b"half", Cut.CLOSE, b"other"]))

    connection.sendall(REQUEST)

    received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b"content-length: 9" in received
    assert received.endswith(b"\r\n\r\nhalf")
    assert server.requests[0].client_closed_at is None


def test_a_reset_reaches_the_client_as_one(server: ScriptedUpstream, connection: socket.socket) -> None:
    server.answer(Response(steps=[Cut.RESET]))

    connection.sendall(REQUEST)

    with pytest.raises(ConnectionResetError):
        read(connection, b"never")


@pytest.mark.parametrize("linger", [None, struct.pack("ii", 1, 0)], ids=["FIN", "RST"])
def test_a_client_that_leaves_is_noticed_while_nothing_is_sent(
    server: ScriptedUpstream, connection: socket.socket, linger: bytes | None
) -> None:
    server.answer(Response().held(Gate()))
    connection.sendall(REQUEST)
    [request] = server.wait_for_requests(1)
    assert not request.client_closed.is_set()

    if linger:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    connection.close()

    assert request.client_closed.wait(5)
    assert not request.answered.is_set()


def test_a_client_that_leaves_during_its_upload_is_noticed(server: ScriptedUpstream, connection: socket.socket) -> None:
    connection.sendall(REQUEST[:-2])
    connection.close()

    with pytest.raises(TimeoutError):
        server.wait_for_requests(1, timeout=0.1)
    [request] = server.requests
    assert request.client_closed.wait(5)
    assert (request.body, request.complete.is_set()) == (b"bo", False)


def test_what_was_not_scripted_is_a_failure(server: ScriptedUpstream, connection: socket.socket) -> None:
    connection.sendall(REQUEST)

    assert read(connection, b"request").startswith(b"HTTP/1.1 400")
    assert server.failures == ["POST /v1/messages?beta=true: nothing was scripted for this request"]


def test_the_wiretap_relays_and_records_both_directions(server: ScriptedUpstream) -> None:
    server.answer(Response(steps=[b"one", b"two"], framing=Framing.CHUNKED), Response(steps=[b"half", Cut.CLOSE, b"?"]))

    with Wiretap(server.address) as tap, socket.create_connection(("127.0.0.1", tap.port), timeout=10) as connection:
        connection.sendall(REQUEST)
        read(connection, b"0\r\n\r\n")
        connection.sendall(REQUEST)
        assert b"".join(iter(lambda: connection.recv(65536), b"")).endswith(b"half")
        first, second = tap.exchanges()

    assert (first.request.start, first.request.body) == ("POST /v1/messages?beta=true", b"body")
    assert first.response and (first.response.body, first.response.complete) == (b"onetwo", True)
    assert second.response and (second.response.body, second.response.complete) == (b"half", False)


def read(connection: socket.socket, end: bytes) -> bytes:
    """What comes up to and with `end`. Raises `EOFError` where the connection ends before."""
    received = b""
    while not received.endswith(end):
        data = connection.recv(65536)
        if not data:
            raise EOFError(f"the connection ended after {received!r}")
        received += data
    return received
