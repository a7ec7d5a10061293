"""What a worker process does at its start and its end. daphne has no lifespan: no request may need any of this."""

from __future__ import annotations

import asyncio
import gc

from gateway.connection import Receive, Scope, Send
from gateway.flow import RequestJournal
from gateway.relay import upstream
from gateway.subagents.service import subagents

_TEND_SECONDS = 1.0
_GC_THRESHOLDS = (50_000, 20, 50)
"""A request makes many objects and few cycles; Python's own thresholds cost several per cent."""


class Lifespan:
    def __init__(self, journal: RequestJournal) -> None:
        self._journal = journal
        self._tending: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._start()
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._tending is not None:
                    self._tending.cancel()
                await upstream.close()
                await asyncio.to_thread(subagents.close)
                self._journal.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _start(self) -> None:
        subagents.start()
        self._tending = asyncio.get_running_loop().create_task(self._tend_journal())
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)

    async def _tend_journal(self) -> None:
        """The log must not wait for the next request: what a dead process or a dead recorder has left is brought in."""
        while True:
            self._journal.tend()
            await asyncio.sleep(_TEND_SECONDS)
