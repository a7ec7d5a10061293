"""Claude Code with a gateway key: the gateway knows who calls, and the key goes nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.anthropic_api import streamed
from tests.support.anthropic_stream import Text
from tests.support.claude_code import ClaudeCode
from tests.support.gateway import RunningGateway
from tests.support.upstream import ScriptedUpstream

OAUTH_TOKEN = "sk-ant-oat01-a-token-of-a-subscription"
STORED_KEY = "sk-ant-api03-the-key-of-the-company"
ONCE = {"CLAUDE_CODE_MAX_RETRIES": "0"}
ISSUE_KEY = "from gateway.models import ClientKey; print(ClientKey.issue('laptop')[1])"


@pytest.fixture
def own_gateway(client_is_installed: None, upstream: ScriptedUpstream, tmp_path: Path) -> RunningGateway:
    """A gateway of the test's own, not yet started: keys would lock the other tests out of the shared one."""
    gateway = RunningGateway(tmp_path / "gateway", upstream.address)
    gateway.prepare()
    return gateway


def test_a_subscription_login_passes_while_the_gateway_key_stays(
    own_gateway: RunningGateway, upstream: ScriptedUpstream, tmp_path: Path
) -> None:
    key = own_gateway.shell(ISSUE_KEY).strip()
    own = {"CLAUDE_CODE_OAUTH_TOKEN": OAUTH_TOKEN, "ANTHROPIC_CUSTOM_HEADERS": f"x-gateway-key: {key}"}
    upstream.answer(streamed(Text("Welcome.")))

    with own_gateway as gateway:
        run = ClaudeCode(gateway.base_url, tmp_path, own | {"ANTHROPIC_API_KEY": ""}).run("Let me in.")
        [entry] = gateway.log_entries(1)

    assert run.result["result"] == "Welcome."
    assert upstream.requests[0].header("authorization") == f"Bearer {OAUTH_TOKEN}"
    assert key not in str(upstream.requests[0].headers)
    assert entry["client_key"] == "laptop"
    assert key not in str(gateway.log.headers(entry, "request_headers"))


def test_a_stored_credential_replaces_the_gateway_key(
    own_gateway: RunningGateway, upstream: ScriptedUpstream, tmp_path: Path
) -> None:
    key = own_gateway.shell(ISSUE_KEY).strip()
    own_gateway.set_provider(credential_source="stored", credential=STORED_KEY)
    upstream.answer(streamed(Text("Welcome.")))

    with own_gateway as gateway:
        run = ClaudeCode(gateway.base_url, tmp_path, {"ANTHROPIC_AUTH_TOKEN": key, "ANTHROPIC_API_KEY": ""}).run("Hi.")
        [entry] = gateway.log_entries(1)

    assert run.result["result"] == "Welcome."
    assert upstream.requests[0].header("x-api-key") == STORED_KEY
    assert upstream.requests[0].header("authorization") is None
    assert entry["client_key"] == "laptop"
    assert STORED_KEY not in str(gateway.log.headers(entry, "sent_headers"))


def test_an_unknown_key_is_refused_and_nothing_goes_upstream(
    own_gateway: RunningGateway, upstream: ScriptedUpstream, tmp_path: Path
) -> None:
    own_gateway.shell(ISSUE_KEY)
    stranger = {
        "ANTHROPIC_AUTH_TOKEN": "a-key-that-nobody-issued",
        "ANTHROPIC_API_KEY": "",
        "CLAUDE_CODE_MAX_RETRIES": "0",
    }

    with own_gateway as gateway:
        run = ClaudeCode(gateway.base_url, tmp_path, stranger | ONCE).run("Let me in.")
        [entry] = gateway.log_entries(1)

    assert (run.exit_code, run.result["api_error_status"]) == (1, 401)
    assert upstream.requests == []
    assert (entry["status"], entry["outcome"], entry["error_type"]) == (401, "rejected", "authentication_error")
