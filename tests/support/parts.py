"""Parts that a test needs and a machine may lack, such as node, a browser, PostgreSQL."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

E2E = Path(__file__).parent.parent / "e2e"
_CLIENT = E2E / "node_modules/@anthropic-ai/claude-code/cli-wrapper.cjs"
_AIMOCK = E2E / "node_modules/@copilotkit/aimock/dist/cli.js"
_LITELLM = E2E.parent / "openai_servers/.venv/bin/litellm"


def require(found: bool, missing: str, remedy: str) -> None:
    """Skip the test where a part is missing; on a CI machine, which must have every part, fail it."""
    if not found:
        _give_up(f"{missing}; {remedy}")


def _give_up(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"{reason} (CI is set: nothing may be skipped)", pytrace=False)
    pytest.skip(reason)


def claude_code() -> list[str]:
    """The command that starts the real client."""
    return _node_program(_CLIENT, "Claude Code")


def aimock() -> list[str]:
    """The command that starts the Chat Completions server from npm."""
    return _node_program(_AIMOCK, "aimock")


def litellm() -> list[str]:
    """The command that starts LiteLLM's proxy."""
    require(_LITELLM.exists(), "LiteLLM is not installed", "run `make tests/openai_servers/.venv/.installed`")
    return [str(_LITELLM)]


def _node_program(program: Path, name: str) -> list[str]:
    node = shutil.which("node")
    require(node is not None, "no node on the PATH", "install Node.js 20 or newer")
    require(program.exists(), f"{name} is not installed", "run `npm ci --prefix tests/e2e`")
    assert node
    return [node, str(program)]
