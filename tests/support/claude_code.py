"""Drives the real Claude Code client headless, cut off from everything but loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support import parts

API_KEY = "sk-ant-api03-a-key-of-the-tests"
_TIMEOUT_SECONDS = 40
_ISOLATION = {
    "IS_SANDBOX": "1",
    "CLAUDE_CODE_MAX_RETRIES": "3",  # of 10: a test that goes wrong should end soon
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_TELEMETRY": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    # Whatever the switches above do not stop ends at a closed port instead of on the network.
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1",
}


@dataclass(frozen=True)
class Run:
    """What one run of the client printed. `events` are the lines of its `stream-json` output."""

    exit_code: int
    events: list[dict[str, Any]]
    stderr: str

    @property
    def result(self) -> dict[str, Any]:
        """The last event, which sums the run up."""
        results = self.of_type("result")
        assert len(results) == 1, f"{len(results)} results; exit code {self.exit_code}; {self.events} {self.stderr}"
        return results[0]

    @property
    def session_id(self) -> str:
        return str(self.result["session_id"])

    def of_type(self, kind: str, subtype: str | None = None) -> list[dict[str, Any]]:
        of_kind = [event for event in self.events if event["type"] == kind]
        return [event for event in of_kind if subtype is None or event.get("subtype") == subtype]

    def texts(self) -> list[str]:
        """The texts that the client printed as the model's, in order."""
        return [block["text"] for block in self._blocks("assistant") if block["type"] == "text"]

    def thoughts(self) -> list[str]:
        """What the client showed as the model's thinking, in order."""
        return [block["thinking"] for block in self._blocks("assistant") if block["type"] == "thinking"]

    def tool_results(self) -> list[dict[str, Any]]:
        return [block for block in self._blocks("user") if block["type"] == "tool_result"]

    def _blocks(self, kind: str) -> list[dict[str, Any]]:
        contents = [event["message"]["content"] for event in self.of_type(kind)]
        return [block for content in contents if isinstance(content, list) for block in content]


@dataclass(frozen=True)
class ClaudeCode:
    """The client with a home and a working folder of its own, pointed at `base_url`.

    `environment` is added to its environment; a variable that is empty there is left out.
    """

    base_url: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, prompt: str, *options: str) -> Run:
        """Ask once and wait for the end. Raises `TimeoutError` with the output when there is none.

        With the option `--continue` it goes on with the last session.
        """
        process = self.start(prompt, *options)
        try:
            output, errors = process.communicate(timeout=_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            kill(process)
            output, errors = process.communicate()
            raise TimeoutError(f"the client did not end within {_TIMEOUT_SECONDS} s: {output}\n{errors}") from None
        return Run(process.returncode, [json.loads(line) for line in output.splitlines()], errors)

    def start(self, prompt: str, *options: str) -> subprocess.Popen[str]:
        """Ask once in print mode; the caller waits for the end, or brings it about by `kill()`."""
        command = [*parts.claude_code(), "-p", prompt, "--output-format", "stream-json", "--verbose"]
        return subprocess.Popen(
            [*command, "--permission-mode", "bypassPermissions", *options],
            cwd=self.work,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # the wrapper starts the native client, and that one its tools: one group to kill
        )

    @property
    def work(self) -> Path:
        """The folder that the client works in."""
        return self._made("work")

    def define_agent(self, name: str, prompt: str, tools: str = "Read") -> None:
        """Write the definition of a custom subagent into the project."""
        agents = self.work / ".claude" / "agents"
        agents.mkdir(parents=True, exist_ok=True)
        definition = f"---\nname: {name}\ndescription: {name} of the tests\ntools: {tools}\n---\n{prompt}\n"
        (agents / f"{name}.md").write_text(definition)

    def _environment(self) -> dict[str, str]:
        own = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._made("home")),
            "CLAUDE_CODE_TMPDIR": str(self._made("tmp")),
            "ANTHROPIC_BASE_URL": self.base_url,
            "ANTHROPIC_API_KEY": API_KEY,
        }
        return {name: value for name, value in (own | _ISOLATION | self.environment).items() if value}

    def _made(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def kill(process: subprocess.Popen[str]) -> None:
    """End the client and everything that it has started, at once."""
    os.killpg(process.pid, signal.SIGKILL)
