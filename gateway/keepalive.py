"""Pings for a streaming client while its upstream is silent.

Claude Code warns after 20 s without a byte and gives up after 300 s, so a silence is broken by `ping` events.
Strategy: no timer is touched when a chunk passes; one timer per stream looks at the time of the last byte and goes
back to sleep for the rest. Before the upstream has answered, the first ping commits the response to `200` and an
event stream: what the upstream says later, good or bad, can then only be told by events. A ping is put between events
only, and never into a compressed stream, whose bytes are not ours to add to.
"""

from __future__ import annotations

import asyncio
import time

from gateway.connection import ClientConnection
from providers.adapters.base import HeaderList
from providers.protocol.sse import encode_event

PING = encode_event("ping", b'{"type": "ping"}')


class StreamKeepAlive:
    def __init__(self, client: ClientConnection, seconds: float, early_headers: HeaderList) -> None:
        self._client = client
        self._seconds = seconds
        self._early_headers = early_headers
        self._timer: asyncio.TimerHandle | None = None
        self._ping: asyncio.Task[None] | None = None
        self.committed_early = False

    def start(self) -> None:
        self._client.last_sent_at = time.monotonic()
        self._schedule(self._seconds)

    async def settle(self) -> None:
        """Wait for a ping that is on its way. Afterwards, whether the response was committed early is final."""
        if self._ping is not None:
            await self._ping

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _schedule(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        silence = time.monotonic() - self._client.last_sent_at
        if silence < self._seconds:
            self._schedule(self._seconds - silence)
            return
        self._ping = asyncio.get_running_loop().create_task(self._send_ping())
        self._schedule(self._seconds)

    async def _send_ping(self) -> None:
        client = self._client
        if client.ended or client.sending or not client.at_event_boundary():
            return
        if not client.started:
            self.committed_early = True
            await client.start(200, self._early_headers)
        await client.send(PING)
