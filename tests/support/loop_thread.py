"""A server of the tests' own: an asyncio loop in a thread, beside whatever the test itself runs."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from types import TracebackType
from typing import Self


class Gate:
    """Something that the server waits for and the test lets happen: `open()` may be called from any thread."""

    def __init__(self) -> None:
        self._opened: Future[None] = Future()

    def open(self) -> None:
        if not self._opened.done():
            self._opened.set_result(None)

    async def passed(self) -> None:
        # Shielded: a connection that ends while it waits must not cancel the gate for the others.
        await asyncio.shield(asyncio.wrap_future(self._opened))


class LoopThread:
    """Runs one server on a free port of 127.0.0.1 while the context is entered; `port` is known from then on."""

    port: int

    def __init__(self, name: str) -> None:
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._listening: Future[int] = Future()
        self._over = Gate()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"http://{self.address}"

    async def listen(self) -> asyncio.Server:
        """Open the server's socket on port 0 of 127.0.0.1. Runs in the server's loop."""
        raise NotImplementedError

    async def hang_up(self) -> None:
        """Abort the connections that are still open. Runs in the server's loop when the context is left."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = self._listening.result(timeout=10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.open()
        self._thread.join(timeout=10)
        if self._thread.is_alive():
            raise TimeoutError(f"the thread of {self._thread.name} did not end")

    def _run(self) -> None:
        # `asyncio.run` cancels whatever still answers when the test is over.
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        try:
            server = await self.listen()
        except OSError as error:
            self._listening.set_exception(error)
            return
        self._listening.set_result(server.sockets[0].getsockname()[1])
        await self._over.passed()
        server.close()
        await self.hang_up()
