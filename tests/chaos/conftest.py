"""A gateway of each test's own, which the test may kill, starve and start again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chaos.processes import end
from tests.chaos.visitor import Visitor
from tests.requestlog.postgresql import PostgreSQL
from tests.support.gateway import RunningGateway
from tests.support.upstream import ScriptedUpstream

StartGateway = Callable[..., RunningGateway]


@pytest.fixture(scope="session")
def prepared_folder(scripted_upstream: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a gateway has below its folder before its first start, to be copied."""
    folder = tmp_path_factory.mktemp("prepared")
    RunningGateway(folder, scripted_upstream.address).prepare()
    return folder


@pytest.fixture
def start_gateway(prepared_folder: Path, upstream: ScriptedUpstream, tmp_path: Path) -> Iterator[StartGateway]:
    """Starts the test's gateway with the given settings; a traceback that it prints fails the test."""
    gateways = []

    def start(**settings: str) -> RunningGateway:
        gateway = RunningGateway(tmp_path / "gateway", upstream.address, **settings)
        gateways.append(gateway)
        if "DATABASE_URL" in settings:
            gateway.prepare()
        else:
            shutil.copytree(prepared_folder, gateway.folder)
        gateway.start()
        return gateway

    yield start
    for gateway in gateways:
        end(gateway)
        assert "Traceback" not in gateway.output(), gateway.output()


@pytest.fixture
def visit() -> Iterator[Callable[[RunningGateway], Visitor]]:
    """Opens a connection to a gateway that is closed when the test is over."""
    visitors = []

    def open_connection(gateway: RunningGateway) -> Visitor:
        visitors.append(Visitor(gateway))
        return visitors[-1]

    yield open_connection
    for visitor in visitors:
        visitor.leave()


@pytest.fixture
def postgresql() -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    yield server
    server.remove()
