"""A client and a scripted upstream, with no proxy of the machine's between them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from providers import dialing
from providers import upstream as client_module
from providers.upstream import Upstream
from tests.support.upstream import ScriptedUpstream

_PROXY_VARIABLES = ["http_proxy", "https_proxy", "no_proxy", "all_proxy"]


@pytest.fixture
def upstream(scripted_upstream: ScriptedUpstream) -> Iterator[ScriptedUpstream]:
    scripted_upstream.reset()
    yield scripted_upstream
    assert not scripted_upstream.failures


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in _PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    _forget_proxies()
    yield
    _forget_proxies()


def _forget_proxies() -> None:
    """A process reads its environment once; a test has one of its own."""
    dialing.proxy_for.cache_clear()
    client_module._connection_headers.cache_clear()


@pytest.fixture
async def client() -> AsyncIterator[Upstream]:
    client = Upstream()
    yield client
    await client.close()
