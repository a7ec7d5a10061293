"""Exactly one credential goes upstream, the right one, and none is ever written down."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from requestlog import pieces
from tests.gateway.test_access import credentials
from tests.support.anthropic_api import as_json
from tests.support.gateway import RunningGateway
from tests.support.http_client import JSON, HttpClient, asked
from tests.support.upstream import ScriptedUpstream

OK = as_json({"type": "message"})
KEY = "sk-ant-api03-the-clients-own"
TOKEN = "sk-ant-oat01-of-a-subscription"
STORED_KEY = "sk-ant-api03-of-the-company"
STORED_TOKEN = "sk-ant-oat01-of-the-company"
ENV_KEY = "sk-ant-api03-from-the-environment"
COOKIE = "session=only-for-the-admin"
SECRETS = (KEY, TOKEN, STORED_KEY, STORED_TOKEN, ENV_KEY, COOKIE)

AS_KEY = ("x-api-key", KEY)
AS_BEARER = ("authorization", f"Bearer {KEY}")
AS_TOKEN = ("authorization", f"Bearer {TOKEN}")
BOTH = [AS_KEY, AS_TOKEN, ("cookie", COOKIE), ("proxy-authorization", f"Basic {KEY}")]
STORED = [
    ({"credential": STORED_KEY}, ("x-api-key", STORED_KEY)),
    ({"credential": STORED_KEY, "credential_header": "authorization"}, ("authorization", f"Bearer {STORED_KEY}")),
    ({"credential": STORED_TOKEN}, ("authorization", f"Bearer {STORED_TOKEN}")),
    ({"credential": "$UPSTREAM_KEY"}, ("x-api-key", ENV_KEY)),
]


@pytest.fixture(scope="module")
def running_gateway(
    scripted_upstream: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("credentials")
    with RunningGateway(folder, scripted_upstream.address, UPSTREAM_KEY=ENV_KEY) as gateway:
        yield gateway
    assert_nothing_is_written_down(gateway)


def assert_nothing_is_written_down(gateway: RunningGateway) -> None:
    """Looks into every file below the gateway's folder, and into what is compressed in the database."""
    stored = {path: path.read_bytes() for path in gateway.folder.rglob("*") if path.is_file()}
    stored[Path("bodies")] = bodies(gateway.folder / "db.sqlite3")
    assert b"anthropic-version" in stored[Path("bodies")], "the headers were not looked at"
    found = [(path.name, secret) for path, data in stored.items() for secret in SECRETS if secret.encode() in data]
    assert not found


def bodies(database: Path) -> bytes:
    """All bodies and headers of the log, uncompressed."""
    with closing(sqlite3.connect(database)) as connection:
        compressed = connection.execute("SELECT id, content FROM requestlog_block").fetchall()
        packed = connection.execute("SELECT pieces FROM requestlog_body").fetchall()
    blocks = {id: pieces.decompress(content) for id, content in compressed}
    return b"\n".join([*blocks.values(), *(pieces.join(row, lambda ids: blocks) for (row,) in packed)])


def ask(client: HttpClient, *headers: tuple[str, str]) -> int:
    return client.ask("POST", "/v1/messages", asked(), [JSON, ("anthropic-version", "2023-06-01"), *headers]).status


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([AS_KEY], [AS_KEY]),
        ([AS_BEARER], [AS_BEARER]),
        ([AS_TOKEN], [AS_TOKEN]),
        ([AS_TOKEN, AS_KEY], [AS_KEY]),
        (BOTH, [AS_KEY]),
        ([("x-api-key", ""), AS_TOKEN], [AS_TOKEN]),
        ([AS_TOKEN, ("x-gateway-key", KEY)], [AS_TOKEN]),
        ([("cookie", COOKIE)], []),
        ([], []),
    ],
)
def test_the_clients_own_credential_goes_to_its_host(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, sent: list[Any], expected: list[Any]
) -> None:
    upstream.answer(OK)

    assert ask(client, *sent) == 200
    assert credentials(upstream.requests[0]) == expected


@pytest.mark.parametrize(("stored", "expected"), STORED)
def test_a_stored_credential_replaces_the_clients(
    client: HttpClient,
    upstream: ScriptedUpstream,
    gateway: RunningGateway,
    stored: dict[str, str],
    expected: tuple[str, str],
) -> None:
    gateway.set_provider(**({"credential_source": "stored", "credential_header": "auto"} | stored))
    upstream.answer(OK, OK)

    assert ask(client, *BOTH) == ask(client) == 200
    assert [credentials(request) for request in upstream.requests] == [[expected], [expected]]


def test_a_provider_that_takes_no_credential_gets_none(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    gateway.set_provider(credential_source="none", extra_headers={"x-team": "search"})
    upstream.answer(OK)

    assert ask(client, *BOTH, ("x-team", "another")) == 200
    assert credentials(upstream.requests[0]) == []
    assert upstream.requests[0].header_values("x-team") == ["search"]


def test_a_credential_that_is_missing_in_the_environment_is_told(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    gateway.set_provider(credential_source="stored", credential="$NOBODY_SET_THIS")
    gateway.forget_log()

    answer = client.ask("POST", "/v1/messages", asked(), BOTH)

    status, kind, message = answer.error()
    assert (status, kind) == (500, "api_error")
    assert message.startswith("Provider anthropic cannot be used: The environment variable NOBODY_SET_THIS is not set")
    assert answer.header("x-gateway-provider") == "anthropic"
    assert upstream.requests == []
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["error_message"]) == ("rejected", 500, message)


def test_the_clients_own_credential_goes_to_no_host_that_is_not_for_it(
    upstream: ScriptedUpstream, tmp_path: Path
) -> None:
    RunningGateway(tmp_path, upstream.address).prepare()
    gateway = RunningGateway(tmp_path, upstream.address, CLIENT_CREDENTIAL_HOSTS="api.anthropic.com")
    gateway.start()
    try:
        with HttpClient(gateway.port) as client:
            status, _, message = client.ask("POST", "/v1/messages", asked(), BOTH).error()
        [entry] = gateway.log_entries(1)
    finally:
        gateway.stop()

    assert status == 500
    assert "CLIENT_CREDENTIAL_HOSTS" in message
    assert upstream.requests == []
    assert entry["error_message"] == message
