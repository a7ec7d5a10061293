"""Asks an upstream by the client, as the relay does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from providers.adapters.base import HeaderList, Timeouts, UpstreamRequest
from providers.errors import UpstreamError
from providers.upstream import Upstream, UpstreamResponse


def post(origin: str, headers: HeaderList | None = None, body: bytes = b"{}") -> UpstreamRequest:
    return UpstreamRequest("POST", origin, "/v1/messages?beta=true", headers or [], body)


async def ask(client: Upstream, origin: str, timeouts: Timeouts | None = None, **request: Any) -> bytes:
    """The whole body of the answer."""
    response = await client.open(post(origin, **request), timeouts or Timeouts())
    try:
        return b"".join([chunk async for chunk in chunks(response)])
    finally:
        response.close()


async def chunks(response: UpstreamResponse) -> AsyncIterator[bytes]:
    while chunk := await response.read():
        yield chunk


async def fault(client: Upstream, origin: str, timeouts: Timeouts | None = None) -> UpstreamError:
    with pytest.raises(UpstreamError) as raised:
        await ask(client, origin, timeouts)
    return raised.value
