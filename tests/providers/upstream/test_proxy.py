"""The proxy that the environment names."""

from __future__ import annotations

import pytest

from providers.errors import UpstreamError, UpstreamUnreachable
from providers.upstream import Upstream
from tests.providers.upstream.asking import ask, fault
from tests.support.gateway import free_port
from tests.support.scripted_response import Response
from tests.support.upstream import ScriptedUpstream


@pytest.mark.parametrize("scheme", ["http://", ""])
async def test_a_proxy_of_the_environment_is_used(
    client: Upstream, upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("http_proxy", scheme + upstream.address)
    upstream.answer(Response(steps=[b"through the proxy"]))
    assert await ask(client, "http://llm.invalid:8081") == b"through the proxy"
    assert upstream.requests[0].target == "http://llm.invalid:8081/v1/messages?beta=true"


async def test_https_goes_through_a_tunnel(
    client: Upstream, upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", upstream.base_url)
    upstream.answer(Response(403))
    assert isinstance(await fault(client, "https://llm.invalid"), UpstreamError)
    assert [(request.method, request.target) for request in upstream.requests] == [("CONNECT", "llm.invalid:443")]


@pytest.mark.parametrize("exception", ["127.0.0.1", "*", "{address}"])
async def test_an_exception_from_the_proxy_is_honoured(
    client: Upstream, upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch, exception: str
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("no_proxy", exception.format(address=upstream.address))
    upstream.answer(Response(steps=[b"directly"]))
    assert await ask(client, upstream.base_url) == b"directly"


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:{port}", "http://[::1"])
async def test_a_proxy_that_cannot_be_reached_is_named_as_the_cause(
    client: Upstream, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("http_proxy", proxy.format(port=free_port()))
    error = await fault(client, "http://llm.invalid")
    assert isinstance(error, UpstreamUnreachable)
    assert "proxy" in str(error)
