"""The real Claude Code client, pointed at a recording relay in front of the gateway."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import parts
from tests.support.claude_code import ClaudeCode
from tests.support.wiretap import Wiretap


@pytest.fixture(scope="session")
def client_is_installed() -> None:
    """Asked for first, so that a machine without the client does not start a gateway in vain."""
    parts.claude_code()


@pytest.fixture
def claude(client_is_installed: None, tap: Wiretap, tmp_path: Path) -> ClaudeCode:
    return ClaudeCode(tap.base_url, tmp_path)
