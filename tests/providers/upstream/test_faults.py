"""What the client makes of everything that can go wrong, against real sockets."""

from __future__ import annotations

import asyncio
import socket

import pytest

from providers.adapters.base import Timeouts
from providers.errors import (
    StaleConnection,
    UpstreamBroken,
    UpstreamDisconnected,
    UpstreamError,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from providers.upstream import Upstream
from tests.providers.upstream.asking import ask, fault, post
from tests.support.gateway import free_port
from tests.support.loop_thread import Gate
from tests.support.scripted_response import Cut, Framing, Response, Step
from tests.support.upstream import ScriptedUpstream

SHORT = Timeouts(connect=0.3, first_byte=0.3, idle=0.3)


async def test_a_refused_connection_is_unreachable(client: Upstream) -> None:
    origin = f"http://127.0.0.1:{free_port()}"
    error = await fault(client, origin)
    assert isinstance(error, UpstreamUnreachable)
    assert str(error).startswith(f"Cannot connect to {origin}: ")


@pytest.mark.parametrize("host", ["nobody.invalid", "a..b"])
async def test_a_name_that_leads_nowhere_is_unreachable(client: Upstream, host: str) -> None:
    assert isinstance(await fault(client, f"http://{host}"), UpstreamUnreachable)


async def test_a_server_without_tls_is_unreachable_by_https(client: Upstream, upstream: ScriptedUpstream) -> None:
    error = await fault(client, f"https://{upstream.address}")
    assert isinstance(error, UpstreamUnreachable)
    upstream.failures.clear()  # it was greeted in TLS


async def test_a_connection_that_does_not_stand_in_time_is_unreachable(client: Upstream) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as first, socket.socket() as second:
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        error = await fault(client, f"http://127.0.0.1:{full.getsockname()[1]}", SHORT)
    assert isinstance(error, UpstreamUnreachable)
    assert "within 0.3 s" in str(error)


async def test_a_server_that_does_not_answer_in_time_is_a_timeout(client: Upstream, upstream: ScriptedUpstream) -> None:
    upstream.answer(Response(hold=Gate()))
    error = await fault(client, upstream.base_url, SHORT)
    assert isinstance(error, UpstreamTimeout)
    assert str(error) == f"{upstream.base_url} sent nothing for 0.3 s, the provider's limit."


async def test_a_silence_in_mid_answer_has_a_limit_of_its_own(client: Upstream, upstream: ScriptedUpstream) -> None:
    upstream.answer(Response(steps=[b"one", Gate()], framing=Framing.CHUNKED))
    error = await fault(client, upstream.base_url, Timeouts(first_byte=60, idle=0.4))
    assert isinstance(error, UpstreamTimeout)
    assert "0.4 s" in str(error)


async def test_the_limit_for_the_first_byte_does_not_cut_a_silence_later(
    client: Upstream, upstream: ScriptedUpstream
) -> None:
    gate = Gate()
    upstream.answer(Response(steps=[b"one", gate, b"two"], framing=Framing.CHUNKED))
    response = await client.open(post(upstream.base_url), Timeouts(first_byte=0.5, idle=60))
    assert await response.read() == b"one"
    asyncio.get_running_loop().call_later(0.8, gate.open)
    assert await response.read() == b"two"


def on_the_wire(*steps: Step) -> Response:
    """An answer of raw bytes, whatever they are."""

    class Raw(Response):
        def head(self) -> bytes:
            return b""

    return Raw(steps=steps, framing=Framing.UNTIL_CLOSE)


HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n"


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ([Cut.CLOSE], UpstreamDisconnected),
        ([Cut.RESET], UpstreamDisconnected),
        ([b"HTTP/1.1 200", Cut.CLOSE], UpstreamDisconnected),
        ([b"SSH-2.0-server\r\n\r\n"], UpstreamBroken),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"], UpstreamBroken),
        ([b"HTTP/1.1 200 OK\r\nx-without-end: " + b"x" * 300_000, Gate()], UpstreamBroken),
        ([HEAD + b"short", Cut.CLOSE], UpstreamBroken),
        ([HEAD + b"short", Cut.RESET], UpstreamBroken),
        ([b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n", Cut.CLOSE], UpstreamBroken),
        ([b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nno number\r\n"], UpstreamBroken),
    ],
)
async def test_every_break_is_told_by_its_kind_and_its_place(
    client: Upstream, upstream: ScriptedUpstream, steps: list[Step], kind: type[UpstreamError]
) -> None:
    upstream.answer(on_the_wire(*steps))
    error = await fault(client, upstream.base_url)
    assert type(error) is kind
    assert str(error).startswith(upstream.base_url)


async def test_what_follows_the_answer_is_not_taken_for_a_part_of_it(
    client: Upstream, upstream: ScriptedUpstream
) -> None:
    upstream.answer(on_the_wire(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 500 No\r\nx-more: 1\r\n\r\n"))
    response = await client.open(post(upstream.base_url), Timeouts())
    assert await response.read() == b"ok"
    assert await response.read() == b""
    assert (response.status, response.headers) == (200, [(b"content-length", b"2")])


async def test_a_kept_connection_that_was_closed_meanwhile_is_told_from_others(
    client: Upstream, upstream: ScriptedUpstream
) -> None:
    """The relay may ask again on a new one: the upstream has not seen the request, or would have answered."""
    upstream.answer(Response(), on_the_wire(Cut.CLOSE), on_the_wire(Cut.CLOSE))
    await ask(client, upstream.base_url)
    assert type(await fault(client, upstream.base_url)) is StaleConnection
    assert type(await fault(client, upstream.base_url)) is UpstreamDisconnected


async def test_an_announcement_of_the_answer_is_not_the_answer(client: Upstream, upstream: ScriptedUpstream) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
    upstream.answer(on_the_wire(early, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"))
    response = await client.open(post(upstream.base_url), Timeouts())
    assert (response.status, await response.read()) == (200, b"ok")
    assert response.headers == [(b"content-length", b"2")]
    response.close()


async def test_an_answer_without_a_length_ends_with_its_connection(
    client: Upstream, upstream: ScriptedUpstream
) -> None:
    upstream.answer(Response(steps=[b"one", b"two"], framing=Framing.UNTIL_CLOSE))
    assert await ask(client, upstream.base_url) == b"onetwo"
