"""What a worker process does at its start and its end. A convenience: daphne has no lifespan, and requests need none
of it."""

from __future__ import annotations

import gc

from gateway.connection import Receive, Scope, Send
from gateway.flow import RequestJournal
from gateway.relay import upstream

_GC_THRESHOLDS = (50_000, 20, 50)
"""A request makes few cycles and many objects: Python's own thresholds spend several per cent of the time looking for
them."""


class Lifespan:
    def __init__(self, journal: RequestJournal) -> None:
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await upstream.close()
                self._journal.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _start(self) -> None:
        self._journal.ensure_recorder()  # it may have to bring in what a dead process left behind
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)
