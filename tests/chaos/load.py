"""Clients that keep a gateway busy while it is killed and started again, and know what became of each request.

The seed fixes the requests, how long the upstream takes for each, and after how many of them something happens; which
requests are under way in that moment is up to the machine. So nothing is expected of a request before it is known how
far it came: what the upstream got was accepted, what a client got whole was completed, and what broke off before the
upstream had sent everything was interrupted.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from tests.chaos.ledger import CATCH_UP_SECONDS
from tests.chaos.visitor import TOLD, question
from tests.support.anthropic_api import events
from tests.support.gateway import RunningGateway
from tests.support.http_client import BrokenOff, HttpClient
from tests.support.log_reader import Row
from tests.support.loop_thread import Gate
from tests.support.scripted_response import Response
from tests.support.upstream import RecordedRequest, ScriptedUpstream
from tests.support.waiting import wait_until

_CLIENTS = 12
_LARGEST_BYTES = 60_000
_LONGEST_SECONDS = 0.4
_RESTART_SECONDS = 60


class Load:
    """Asks while the context is entered; leaving it waits until every request has been asked.

    `whole` holds the bodies of the requests that were answered to the end, `cut` of those that broke off.
    """

    def __init__(self, gateway: RunningGateway, upstream: ScriptedUpstream, *, requests: int, seed: int) -> None:
        self._gateway = gateway
        self._upstream = upstream
        self._random = random.Random(seed)
        self._moments = {question(self._random.randrange(_LARGEST_BYTES)): self._two_moments() for _ in range(requests)}
        self._waiting = deque(self._moments)
        self._threads = ThreadPoolExecutor(_CLIENTS)
        self.whole: set[bytes] = set()
        self.cut: set[bytes] = set()
        upstream.answer_by(self._respond)

    def __enter__(self) -> Self:
        self._clients = [self._threads.submit(self._ask_all) for _ in range(_CLIENTS)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._waiting.clear()
        self._threads.shutdown()
        for client in self._clients if error is None else []:
            client.result()

    def wait_for(self, count: int) -> None:
        """Until so many requests have ended, in one way or the other."""
        wait_until(lambda: len(self.whole) + len(self.cut) >= count, _RESTART_SECONDS, f"{count} requests that ended")

    def random_moments(self, count: int) -> list[int]:
        """Numbers of requests after which something may happen, in order."""
        return sorted(self._random.sample(range(10, len(self._moments) - 20), count))

    def assert_logged(self) -> None:
        """Every request that the upstream got is in the log once, as it ended; others are there only as interrupted."""
        reached = {request.body: request for request in self._upstream.requests if request.complete.is_set()}
        assert self.whole <= set(reached)
        entries = wait_until(lambda: self._settled(len(reached)), CATCH_UP_SECONDS, f"{len(reached)} finished entries")
        logged = {self._gateway.log.body(entry, "request") or b"": entry for entry in entries}
        assert len(logged) == len(entries), "an exchange is in the log twice, or without its body"
        assert set(reached) <= set(logged) <= self.whole | self.cut
        for body, entry in logged.items():
            self._assert_outcome(entry, body, reached.get(body))

    def _assert_outcome(self, entry: Row, body: bytes, request: RecordedRequest | None) -> None:
        if body in self.whole:
            assert entry["outcome"] == "completed"
            assert self._gateway.log.body(entry, "response") == b"".join(TOLD)
        elif request is not None and request.answered.is_set():
            assert entry["outcome"] in ("completed", "interrupted")  # cut between the upstream's last byte and ours
        else:
            assert entry["outcome"] == "interrupted"

    def _settled(self, count: int) -> list[Row]:
        entries = self._gateway.log.entries()
        in_flight = any(entry["outcome"] == "in_flight" for entry in entries)
        return [] if in_flight or len(entries) < count else entries

    def _ask_all(self) -> None:
        while self._waiting:
            try:
                body = self._waiting.popleft()
            except IndexError:  # another client was quicker
                return
            self._ask(body)

    def _ask(self, body: bytes) -> None:
        with wait_until(self._connect, _RESTART_SECONDS, "a gateway that listens") as client:
            try:
                answer = client.ask("POST", "/v1/messages", body)
            except (BrokenOff, ConnectionError):
                self.cut.add(body)
            else:
                assert (answer.status, answer.body) == (200, b"".join(TOLD))
                self.whole.add(body)

    def _connect(self) -> HttpClient | None:
        try:
            return HttpClient(self._gateway.port, timeout=30)
        except ConnectionError:
            return None

    def _two_moments(self) -> tuple[float, float]:
        """Seconds after which the upstream begins its answer, and goes on with it."""
        first, second = sorted(self._random.uniform(0, _LONGEST_SECONDS) for _ in range(2))
        return first, second

    def _respond(self, request: RecordedRequest) -> Response:
        begin, go_on = map(_open_after, self._moments[request.body])
        return events([*TOLD[:4], go_on, *TOLD[4:]]).held(begin)


def _open_after(seconds: float) -> Gate:
    """Runs in the upstream's loop."""
    gate = Gate()
    asyncio.get_running_loop().call_later(seconds, gate.open)
    return gate
