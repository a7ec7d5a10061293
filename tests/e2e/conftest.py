"""The real Claude Code client, pointed at a recording relay in front of the gateway."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.converted import MODEL
from tests.support import parts
from tests.support.claude_code import ClaudeCode
from tests.support.openai_api import OpenAIUpstream
from tests.support.upstream import ScriptedUpstream
from tests.support.wiretap import Wiretap


@pytest.fixture(scope="session")
def client_is_installed() -> None:
    """Asked for first, so that a machine without the client does not start a gateway in vain."""
    parts.claude_code()


@pytest.fixture
def claude(client_is_installed: None, tap: Wiretap, tmp_path: Path) -> ClaudeCode:
    return ClaudeCode(tap.base_url, tmp_path)


@pytest.fixture
def converted(claude: ClaudeCode, openai_upstream: OpenAIUpstream, upstream: ScriptedUpstream) -> ClaudeCode:
    """The client on a converted model; a request that strays to the Anthropic upstream fails the test."""
    return replace(claude, environment={"ANTHROPIC_MODEL": MODEL})
