"""SIGTERM: what is under way is finished and logged, then every process of the gateway is gone."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import psutil
import pytest

from tests.support.anthropic_api import events
from tests.support.anthropic_stream import Text, stream
from tests.support.gateway import RunningGateway
from tests.support.http_client import BrokenOff, HttpClient, asked
from tests.support.loop_thread import Gate
from tests.support.upstream import ScriptedUpstream
from tests.support.waiting import wait_until

STREAM = asked(stream=True)
TOLD = stream(Text("To the very end."))
STREAMS = 8


@pytest.fixture
def own_gateway(
    workers: str, upstream: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    with RunningGateway(tmp_path_factory.mktemp("stopping"), upstream.address, WORKERS=workers) as gateway:
        yield gateway


@pytest.fixture
def clients(own_gateway: RunningGateway) -> Iterator[list[HttpClient]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(HttpClient(own_gateway.port)) for _ in range(1 + STREAMS)]


@pytest.mark.parametrize("workers", ["1", "2"], ids="{} workers".format)
def test_streams_under_way_are_finished_and_idle_connections_closed(
    own_gateway: RunningGateway, upstream: ScriptedUpstream, clients: list[HttpClient]
) -> None:
    gate = Gate()
    upstream.answer_by(lambda _: events([*TOLD[:4], gate, *TOLD[4:]]))
    server = psutil.Process(own_gateway.pid)
    family = [server, *wait_until(lambda: server.children(recursive=True), what="the recorder")]
    idle, *clients = clients
    assert idle.ask("GET", "/healthz").status == 200
    for client in clients:
        client.begin("POST", "/v1/messages", STREAM)
    for client in clients:
        client.wait_for(TOLD[3])

    stopping = threading.Thread(target=own_gateway.stop)
    stopping.start()
    wait_until(lambda: serves_nobody(own_gateway.port), what="the end of serving")
    gate.open()

    assert [client.answer().body for client in clients] == [b"".join(TOLD)] * STREAMS
    stopping.join()
    assert idle.is_closed_by_server()
    assert [process for process in family if process.is_running()] == []
    assert [entry["outcome"] for entry in own_gateway.log_entries(STREAMS)] == ["completed"] * STREAMS
    assert "Traceback" not in own_gateway.output()


def serves_nobody(port: int) -> bool:
    """Whether a new client is refused, or gets no answer: with several workers their parent still holds the port."""
    try:
        with HttpClient(port, timeout=0.3) as client:
            client.ask("GET", "/healthz")
    except (OSError, BrokenOff):
        return True
    return False
