"""Servers of the Chat Completions API that others wrote, started as their users start them."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support import parts
from tests.support.gateway import free_port
from tests.support.waiting import wait_until

_STOP_SECONDS = 20
_CUT_OFF = {
    # Whatever they want to fetch ends at a closed port instead of on the network.
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1",
}


class ForeignServer(ABC):
    """One process on a free port of 127.0.0.1 while the context is entered; its files are in `folder`."""

    health = "/health"
    start_seconds = 10

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._output = folder / "output.txt"

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @abstractmethod
    def command(self) -> list[str]: ...

    def environment(self) -> dict[str, str]:
        return {}

    def __enter__(self) -> Self:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)} | _CUT_OFF | self.environment()
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                self.command(), env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            wait_until(self._answers, self.start_seconds, f"an answer on {self.address}")
        except (TimeoutError, ChildProcessError) as error:
            self._stop()
            raise RuntimeError(f"the server did not start: {error}. It printed:\n{self.output()}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def output(self) -> str:
        return self._output.read_text(errors="replace")

    def get(self, path: str) -> Any:
        """The JSON at `path` of the server."""
        with urllib.request.urlopen(f"http://{self.address}{path}", timeout=10) as response:
            return json.load(response)

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise ChildProcessError(f"it ended with code {self._process.returncode}")
        try:
            self.get(self.health)
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Aimock(ForeignServer):
    """aimock answers by `fixtures`: the first one that matches a request. It wants `key` as the bearer token."""

    def __init__(self, folder: Path, fixtures: list[dict[str, Any]], key: str) -> None:
        super().__init__(folder)
        self._key = key
        self._fixtures = folder / "fixtures.json"
        self._fixtures.write_text(json.dumps({"fixtures": fixtures}))

    def command(self) -> list[str]:
        options = ["--port", str(self.port), "--fixtures", str(self._fixtures), "--chunk-size", "5", "--strict"]
        return [*parts.aimock(), *options]

    def environment(self) -> dict[str, str]:
        return {"AIMOCK_API_KEYS": self._key}


class LiteLLM(ForeignServer):
    """LiteLLM's proxy with these models, each `{"model_name": …, "litellm_params": {…}}`."""

    health = "/health/liveliness"
    start_seconds = 120
    """Measured: 10 s on two idle cores, of which nearly all is importing."""

    def __init__(self, folder: Path, models: list[dict[str, Any]], key: str) -> None:
        super().__init__(folder)
        self._key = key
        self._config = folder / "config.json"
        settings = {"model_list": models, "router_settings": {"num_retries": 0}}
        self._config.write_text(json.dumps(settings))  # JSON is YAML too

    def command(self) -> list[str]:
        return [*parts.litellm(), "--config", str(self._config), "--host", "127.0.0.1", "--port", str(self.port)]

    def environment(self) -> dict[str, str]:
        return {"LITELLM_MASTER_KEY": self._key, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
