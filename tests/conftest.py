"""The real server between a scripted upstream and whoever calls it; started once for all tests that ask for it."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings as hypothesis_settings

from tests.support.gateway import RunningGateway
from tests.support.openai_api import OpenAIUpstream
from tests.support.upstream import ScriptedUpstream
from tests.support.wiretap import Wiretap

_SHOWN_CHARACTERS = 20_000
OPENAI_KEY = "sk-proj-a-key-of-the-tests"

# An example's time says more of the machine's load than of the code.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


@pytest.fixture(scope="session")
def scripted_upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as server:
        yield server


@pytest.fixture(scope="session")
def running_gateway(
    scripted_upstream: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    with RunningGateway(tmp_path_factory.mktemp("gateway"), scripted_upstream.address) as server:
        yield server


@pytest.fixture(scope="session")
def scripted_openai_upstream(running_gateway: RunningGateway) -> Iterator[OpenAIUpstream]:
    """The gateway's provider `scripted`: its models are reached as `scripted:<any name>`."""
    with OpenAIUpstream() as server:
        running_gateway.set_openai_provider("scripted", server.address, credential=OPENAI_KEY)
        yield server


@pytest.fixture(scope="session")
def wiretap(running_gateway: RunningGateway) -> Iterator[Wiretap]:
    with Wiretap(f"127.0.0.1:{running_gateway.port}") as tap:
        yield tap


@pytest.fixture
def upstream(scripted_upstream: ScriptedUpstream) -> Iterator[ScriptedUpstream]:
    """The upstream with nothing scripted and nothing recorded; a request that the test did not script fails it."""
    scripted_upstream.reset()
    yield scripted_upstream
    assert not scripted_upstream.failures


@pytest.fixture
def openai_upstream(scripted_openai_upstream: OpenAIUpstream) -> Iterator[OpenAIUpstream]:
    """As `upstream`, and a request that OpenAI's types do not allow fails the test too."""
    scripted_openai_upstream.reset()
    yield scripted_openai_upstream
    assert not scripted_openai_upstream.failures


@pytest.fixture
def gateway(running_gateway: RunningGateway) -> Iterator[RunningGateway]:
    """The gateway with none of the log's entries so far; a traceback that it prints fails the test."""
    running_gateway.forget_log()
    printed_before = len(running_gateway.output())
    yield running_gateway
    assert "Traceback" not in running_gateway.output()[printed_before:]


@pytest.fixture
def tap(wiretap: Wiretap) -> Wiretap:
    """A recording relay in front of the gateway: point the client at its `base_url`."""
    wiretap.reset()
    return wiretap


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the gateway printed below a test that failed."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        gateways = {value for value in item.funcargs.values() if isinstance(value, RunningGateway)}
        report.sections += [("output of the gateway", gateway.output()[-_SHOWN_CHARACTERS:]) for gateway in gateways]
    return report
