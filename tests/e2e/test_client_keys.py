"""Claude Code with a gateway key: the gateway knows who calls, and the key goes nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.anthropic_api import streamed
from tests.support.anthropic_stream import Text
from tests.support.claude_code import ClaudeCode, Run
from tests.support.gateway import RunningGateway
from tests.support.upstream import ScriptedUpstream

OAUTH_TOKEN = "sk-ant-oat01-a-token-of-a-subscription"
STORED_KEY = "sk-ant-api03-the-key-of-the-company"


@pytest.fixture(scope="module")
def locked_gateway(
    client_is_installed: None, scripted_upstream: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    """A gateway of this module's own: keys would lock all other tests out of the shared one."""
    with RunningGateway(tmp_path_factory.mktemp("locked"), scripted_upstream.address) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def key(locked_gateway: RunningGateway) -> str:
    return locked_gateway.issue_key("laptop")


@pytest.fixture
def gateway(locked_gateway: RunningGateway, key: str) -> RunningGateway:
    locked_gateway.forget_log()
    return locked_gateway


@pytest.fixture
def stored_credential(gateway: RunningGateway) -> Iterator[str]:
    gateway.set_provider(credential_source="stored", credential=STORED_KEY)
    yield STORED_KEY
    gateway.set_provider(credential_source="client")


def test_a_subscription_login_passes_while_the_gateway_key_stays(
    gateway: RunningGateway, key: str, upstream: ScriptedUpstream, tmp_path: Path
) -> None:
    own = {"CLAUDE_CODE_OAUTH_TOKEN": OAUTH_TOKEN, "ANTHROPIC_CUSTOM_HEADERS": f"x-gateway-key: {key}"}
    upstream.answer(streamed(Text("Welcome.")))

    run = ask(gateway, tmp_path, own)

    assert run.result["result"] == "Welcome."
    assert upstream.requests[0].header("authorization") == f"Bearer {OAUTH_TOKEN}"
    assert key not in str(upstream.requests[0].headers)
    [entry] = gateway.log_entries(1)
    assert entry["client_key"] == "laptop"
    assert key not in str(gateway.log.headers(entry, "request_headers"))


def test_a_stored_credential_replaces_the_gateway_key(
    gateway: RunningGateway, key: str, stored_credential: str, upstream: ScriptedUpstream, tmp_path: Path
) -> None:
    upstream.answer(streamed(Text("Welcome.")))

    run = ask(gateway, tmp_path, {"ANTHROPIC_AUTH_TOKEN": key})

    assert run.result["result"] == "Welcome."
    assert upstream.requests[0].header("x-api-key") == stored_credential
    assert upstream.requests[0].header("authorization") is None
    [entry] = gateway.log_entries(1)
    assert entry["client_key"] == "laptop"
    assert stored_credential not in str(gateway.log.headers(entry, "sent_headers"))


def test_an_unknown_key_is_refused_and_nothing_goes_upstream(
    gateway: RunningGateway, upstream: ScriptedUpstream, tmp_path: Path
) -> None:
    run = ask(gateway, tmp_path, {"ANTHROPIC_AUTH_TOKEN": "a-key-that-nobody-issued", "CLAUDE_CODE_MAX_RETRIES": "0"})

    assert (run.exit_code, run.result["api_error_status"]) == (1, 401)
    assert upstream.requests == []
    [entry] = gateway.log_entries(1)
    assert (entry["status"], entry["outcome"], entry["error_type"]) == (401, "rejected", "authentication_error")


def ask(gateway: RunningGateway, folder: Path, sign_in: dict[str, str]) -> Run:
    return ClaudeCode(gateway.base_url, folder, {"ANTHROPIC_API_KEY": ""} | sign_in).run("Let me in.")
