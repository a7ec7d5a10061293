"""Clients in front of the gateway: the official `anthropic` SDK, and the real Claude Code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anthropic import Anthropic

from tests.support import parts
from tests.support.claude_code import API_KEY, ClaudeCode
from tests.support.gateway import RunningGateway

SERVER_KEY = "sk-a-key-of-the-foreign-server-0123456789"
TOOLS: list[dict[str, Any]] = [
    {
        "name": name,
        "description": f"{name} of a harbour",
        "input_schema": {"type": "object", "properties": {parameter: {"type": "string"}}, "required": [parameter]},
    }
    for name, parameter in (("get_tide", "place"), ("get_boats", "pier"))
]


@pytest.fixture
def client(gateway: RunningGateway) -> Iterator[Anthropic]:
    with Anthropic(base_url=gateway.base_url, api_key=API_KEY, max_retries=0) as client:
        yield client


@pytest.fixture
def claude(gateway: RunningGateway, tmp_path: Path) -> ClaudeCode:
    parts.claude_code()
    return ClaudeCode(gateway.base_url, tmp_path)
