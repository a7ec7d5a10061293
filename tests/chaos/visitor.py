"""A client that asks one question after the other, and looks at `/readyz` in between."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from typing import Any

from tests.support.anthropic_stream import Text, stream
from tests.support.gateway import RunningGateway
from tests.support.http_client import Answer, HttpClient, asked
from tests.support.waiting import wait_until

TOLD = stream(Text("The tide turns at noon."))
"""What an upstream answers to everything."""

_numbers = itertools.count(1)


def question(size: int = 0, **fields: Any) -> bytes:
    """The body of a request for a stream, unlike all others; its text is at least `size` bytes long."""
    text = f"Question {next(_numbers)}: when does the tide turn?"
    return asked(stream=True, messages=[{"role": "user", "content": text.ljust(size, "?")}], **fields)


class Visitor(HttpClient):
    """One connection. `seconds` holds how long each whole answer took, `answers` the answer to each body."""

    def __init__(self, gateway: RunningGateway) -> None:
        super().__init__(gateway.port, timeout=30)
        self.answers: dict[bytes, Answer] = {}
        self.seconds: list[float] = []

    def ask_something(self, size: int = 0) -> Answer:
        body = question(size)
        began = time.monotonic()
        self.answers[body] = self.ask("POST", "/v1/messages", body)
        self.seconds.append(time.monotonic() - began)
        return self.answers[body]

    def ask_until(self, condition: Callable[[], object], timeout: float = 30, what: str = "", size: int = 0) -> None:
        """Ask about 40 times a second until the condition holds. Raises `TimeoutError`."""
        wait_until(lambda: self.ask_something(size) and condition(), timeout, what)

    def readiness(self) -> tuple[int, dict[str, Any]]:
        """Status and content of `/readyz`."""
        answer = self.ask("GET", "/readyz")
        return answer.status, json.loads(answer.body)

    def is_ready(self) -> bool:
        return self.readiness()[0] == 200

    def hears(self, reason: str) -> bool:
        """Whether `/readyz` says 503 and gives the reason, among others, in these words."""
        status, parts = self.readiness()
        reasons = [part.get("error", "") for part in parts.values() if isinstance(part, dict)]
        return status == 503 and any(reason in text for text in reasons)

    def by_status(self, status: int) -> list[bytes]:
        """The bodies that were answered with this status."""
        return [body for body, answer in self.answers.items() if answer.status == status]
