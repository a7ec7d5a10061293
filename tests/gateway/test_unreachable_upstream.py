"""What the client and the log are told when no connection to the upstream comes about."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator

import pytest

from tests.support.anthropic_stream import PING
from tests.support.gateway import RunningGateway, free_port
from tests.support.http_client import HttpClient, asked

STREAM = asked(stream=True)


@pytest.fixture(scope="module")
def full_server() -> Iterator[str]:
    """The address of a server whose queue is full: the kernel answers no more attempts to connect."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        yield f"127.0.0.1:{address[1]}"


@pytest.fixture(scope="module")
def running_gateway(full_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    gateway = RunningGateway(tmp_path_factory.mktemp("unreachable"), full_server, PING_SECONDS="0.3")
    gateway.prepare()
    gateway.set_provider(connect_timeout=1)
    with gateway:
        yield gateway


def test_a_connection_that_takes_too_long_is_given_up(
    client: HttpClient, gateway: RunningGateway, full_server: str
) -> None:
    answer = client.ask("POST", "/v1/messages", asked())

    status, kind, message = answer.error()
    assert (status, kind) == (502, "api_error")
    assert f"No connection to http://{full_server} within 1 s" in message
    assert answer.header("x-gateway-provider") == "anthropic"
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["error_message"]) == ("upstream_failed", 502, message)
    assert len(entry["attempts"]) == 1


def test_a_client_that_got_pings_meanwhile_gets_an_error_event(
    client: HttpClient, gateway: RunningGateway, full_server: str
) -> None:
    answer = client.ask("POST", "/v1/messages", STREAM)

    pings, _, event = answer.body.partition(b"event: error\ndata: ")
    assert pings == PING * (len(pings) // len(PING)) != b""
    assert f"No connection to http://{full_server} within 1 s" in json.loads(event)["error"]["message"]
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["error_type"]) == ("upstream_failed", 200, "api_error")


def test_a_refused_connection_and_an_unknown_host_are_told_at_once(client: HttpClient, gateway: RunningGateway) -> None:
    refusing = f"http://127.0.0.1:{free_port()}"
    for base_url, reason in ((refusing, "Connection refused"), ("http://no-such-host.invalid", "not known")):
        gateway.set_provider(base_url=base_url, credential_source="none")
        gateway.forget_log()

        answer = client.ask("POST", "/v1/messages", STREAM)

        status, kind, message = answer.error()
        assert (status, kind) == (502, "api_error")
        assert f"Cannot connect to {base_url}" in message
        assert reason in message
        [entry] = gateway.log_entries(1)
        assert (entry["outcome"], entry["status"], entry["error_message"]) == ("upstream_failed", 502, message)
