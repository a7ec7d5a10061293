"""Providers in the database, and an upstream that notes what it was sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from providers.models import Provider

SECRET = "a-secret-that-must-not-show-4711"


@pytest.fixture
def provider(db: None) -> Provider:
    return make_provider()


def make_provider(**fields: Any) -> Provider:
    """A saved provider with a stored secret, unless `fields` say otherwise."""
    provider = Provider(**{"name": "elsewhere", "base_url": "https://llm.example", **fields})
    provider.set_credential(SECRET)
    provider.save()
    return provider


class Upstream(ThreadingHTTPServer):
    """Answers every GET with `status` and `body`, and waits for `answer` first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.body = b""
        self.location = ""
        self.received: list[tuple[str, dict[str, str]]] = []
        self.answer = threading.Event()
        self.answer.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Upstream

    def do_GET(self) -> None:
        self.server.received.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.server.answer.wait(10)
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.answer.set()
        server.shutdown()
        thread.join()
