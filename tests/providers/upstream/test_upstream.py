"""What goes over the wire, and what does not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from providers.adapters.base import Timeouts, UpstreamRequest
from providers.upstream import Upstream
from tests.providers.upstream.asking import ask, chunks, post
from tests.support.loop_thread import Gate
from tests.support.scripted_response import Framing, Response
from tests.support.upstream import ScriptedUpstream


async def test_nothing_is_added_to_the_request_but_its_framing(client: Upstream, upstream: ScriptedUpstream) -> None:
    upstream.answer(Response())
    headers = [(b"x-app", b"cli"), (b"anthropic-beta", b"a"), (b"anthropic-beta", b"b"), (b"x-utf8", "é".encode())]
    await ask(client, upstream.base_url, headers=headers, body=b"\x00\xff")
    [request] = upstream.requests
    assert request.target == "/v1/messages?beta=true"
    assert request.body == b"\x00\xff"
    assert [(name.lower(), value) for name, value in request.headers] == [
        ("host", upstream.address),
        *((name.decode(), value.decode("latin-1")) for name, value in headers),
        ("content-length", "2"),
    ]


async def test_the_target_is_not_rewritten(client: Upstream, upstream: ScriptedUpstream) -> None:
    upstream.answer(Response())
    request = UpstreamRequest("GET", upstream.base_url, "/v1/models?a=%7e%2F&b=+c&b=%20", [], b"")
    (await client.open(request, Timeouts())).close()
    assert upstream.requests[0].target == "/v1/models?a=%7e%2F&b=+c&b=%20"


async def test_an_answer_is_neither_decoded_nor_rearranged(client: Upstream, upstream: ScriptedUpstream) -> None:
    headers = (("Content-Encoding", "gzip"), ("X-Twice", "1"), ("X-Twice", "2"))
    upstream.answer(Response(529, headers, [b"no gzip ", b"at all"], Framing.CHUNKED))
    response = await client.open(post(upstream.base_url), Timeouts())
    assert response.status == 529
    assert response.headers[:3] == [(name.encode(), value.encode()) for name, value in headers]
    assert b"".join([chunk async for chunk in chunks(response)]) == b"no gzip at all"


async def test_a_chunk_is_there_as_soon_as_it_has_come_in(client: Upstream, upstream: ScriptedUpstream) -> None:
    gate = Gate()
    upstream.answer(Response(steps=[b"one", gate, b"two"], framing=Framing.CHUNKED))
    response = await client.open(post(upstream.base_url), Timeouts())
    assert await asyncio.wait_for(response.read(), 5) == b"one"
    gate.open()
    assert await asyncio.wait_for(response.read(), 5) == b"two"
    assert await response.read() == b""


async def test_a_redirect_is_an_answer_like_any_other(client: Upstream, upstream: ScriptedUpstream) -> None:
    upstream.answer(Response(307, (("location", f"{upstream.base_url}/elsewhere"),)))
    response = await client.open(post(upstream.base_url), Timeouts())
    assert response.status == 307
    assert await response.read() == b""
    assert len(upstream.requests) == 1


async def test_cookies_are_not_kept(client: Upstream, upstream: ScriptedUpstream) -> None:
    upstream.answer(Response(headers=(("set-cookie", "a=1; Path=/"),)), Response())
    await ask(client, upstream.base_url)
    await ask(client, upstream.base_url)
    assert upstream.requests[1].header("cookie") is None


async def test_netrc_is_never_consulted(
    client: Upstream, upstream: ScriptedUpstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("default login me password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    upstream.answer(Response())
    await ask(client, upstream.base_url)
    assert upstream.requests[0].header("authorization") is None


async def test_a_connection_whose_answer_was_read_is_used_again(client: Upstream, upstream: ScriptedUpstream) -> None:
    upstream.answer(Response(steps=[b"a"]), Response(steps=[b"b"], framing=Framing.CHUNKED), Response())
    for _ in range(3):
        await ask(client, upstream.base_url)
    assert len({request.connection for request in upstream.requests}) == 1


async def test_a_connection_whose_answer_was_not_read_is_closed(client: Upstream, upstream: ScriptedUpstream) -> None:
    upstream.answer(Response(steps=[b"a", Gate()], framing=Framing.CHUNKED), Response())
    response = await client.open(post(upstream.base_url), Timeouts())
    response.close()
    assert await asyncio.to_thread(upstream.requests[0].client_closed.wait, 5)
    await ask(client, upstream.base_url)
    assert upstream.requests[0].connection != upstream.requests[1].connection


async def test_leaving_before_the_answer_closes_the_connection(client: Upstream, upstream: ScriptedUpstream) -> None:
    upstream.answer(Response(hold=Gate()))
    waiting = asyncio.create_task(client.open(post(upstream.base_url), Timeouts()))
    await asyncio.to_thread(upstream.wait_for_requests, 1)
    waiting.cancel()
    assert await asyncio.to_thread(upstream.requests[0].client_closed.wait, 5)


async def test_each_event_loop_has_connections_of_its_own(client: Upstream, upstream: ScriptedUpstream) -> None:
    upstream.answer_by(lambda request: Response())
    await ask(client, upstream.base_url)
    await asyncio.to_thread(asyncio.run, ask_and_close(client, upstream.base_url))
    await ask(client, upstream.base_url)
    first, other, again = (request.connection for request in upstream.requests)
    assert first == again != other


async def ask_and_close(client: Upstream, origin: str) -> None:
    await ask(client, origin)
    await client.close()
