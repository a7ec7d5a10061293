"""The client's side of one exchange: ASGI's `receive` and `send`, and what the client got through them.

Everything that leaves for the client passes `send()`, so this is the one place that knows what the client has seen:
the log takes its copy here, and pings are only put where they break nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from gateway.errors import BodyTooLarge
from providers.adapters.base import HeaderList

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

MAX_LOGGED_RESPONSE_BYTES = 32 << 20
_EVENT_ENDS = (b"\n\n", b"\r\r", b"\n\r\n")


class ClientLeft(Exception):
    """The client closed the connection before it had sent its request."""


class ClientConnection:
    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._watcher: asyncio.Task[None] | None = None
        self.left = False
        self.started = False
        self.status: int | None = None
        self.ended = False
        self.sending = False
        self.last_sent_at = 0.0
        self.sent: list[bytes] = []
        self.sent_bytes = 0
        self.sent_headers: HeaderList = []
        self._tail = b""

    async def read_body(self, limit: int) -> bytes:
        """The request's body. Raises `ClientLeft` and `BodyTooLarge`."""
        chunks, size, more = [], 0, True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientLeft
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                raise BodyTooLarge(f"The request body is longer than {limit} bytes, the most that is accepted.")
            chunks.append(chunk)
            more = message.get("more_body", False)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def cancel_when_left(self, task: asyncio.Task[Any]) -> None:
        """Cancel `task` as soon as the client closes the connection, until `stop_watching()`."""
        self._watcher = asyncio.create_task(self._watch(task))

    def stop_watching(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None

    async def _watch(self, task: asyncio.Task[Any]) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if not self.ended:
            self.left = True
            task.cancel()

    async def start(self, status: int, headers: HeaderList) -> None:
        self.started, self.status = True, status
        self.sent_headers = headers
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def send(self, chunk: bytes) -> None:
        self.sending = True
        self._remember(chunk)
        await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
        self.sending = False
        self.last_sent_at = time.monotonic()

    async def end(self, chunk: bytes = b"") -> None:
        """Send the last bytes of the response."""
        self.ended = True
        if chunk:
            self._remember(chunk)
        await self._send({"type": "http.response.body", "body": chunk, "more_body": False})

    def at_event_boundary(self) -> bool:
        """Whether an event may be put into the stream here without falling into the middle of another one."""
        return not self._tail or self._tail.endswith(_EVENT_ENDS)

    def at_line_start(self) -> bool:
        return self._tail[-1:] in (b"", b"\n", b"\r")

    def _remember(self, chunk: bytes) -> None:
        if self.sent_bytes < MAX_LOGGED_RESPONSE_BYTES:
            self.sent.append(chunk)
        self._tail = chunk[-4:] if len(chunk) >= 4 else (self._tail + chunk)[-4:]
        self.sent_bytes += len(chunk)
