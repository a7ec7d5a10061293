"""Who may call, under which name the log knows the caller, and that gateway keys go nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.access import identify_caller
from gateway.errors import ClientUnknown
from gateway.snapshot import Snapshot
from tests.support.anthropic_api import as_json
from tests.support.gateway import RunningGateway
from tests.support.http_client import JSON, HttpClient, asked
from tests.support.upstream import RecordedRequest, ScriptedUpstream

OK = as_json({"type": "message"})
OWN = "sk-ant-api03-the-clients-own"
TOKEN = "sk-ant-oat01-of-a-subscription"
ISSUE_KEYS = """
from datetime import timedelta
from django.utils import timezone
from gateway.models import ClientKey
for name in ("laptop", "phone", "disabled", "expired", "deleted"):
    key, plain = ClientKey.issue(name)
    key.enabled = name != "disabled"
    key.expires_at = timezone.now() - timedelta(seconds=1) if name == "expired" else None
    key.save()
    if name == "deleted":
        key.delete()
    print(name, plain)
"""
# `{laptop}` and its like stand for the key of that name. Then: the name in the log, and the credentials upstream.
ADMITTED = [
    ({"x-gateway-key": "{laptop}"}, "laptop", []),
    ({"x-api-key": "{laptop}"}, "laptop", []),
    ({"authorization": "Bearer {laptop}"}, "laptop", []),
    ({"authorization": "bearer   {laptop}"}, "laptop", []),
    ({"x-api-key": "{laptop}", "authorization": "Bearer {laptop}"}, "laptop", []),
    ({"x-gateway-key": "{laptop}", "x-api-key": OWN}, "laptop", [("x-api-key", OWN)]),
    (
        {"x-gateway-key": "{laptop}", "authorization": f"Bearer {TOKEN}"},
        "laptop",
        [("authorization", f"Bearer {TOKEN}")],
    ),
    ({"x-api-key": "{phone}", "authorization": f"Bearer {TOKEN}"}, "phone", [("authorization", f"Bearer {TOKEN}")]),
    ({"x-api-key": OWN, "authorization": "Bearer {phone}"}, "phone", [("x-api-key", OWN)]),
    ({"x-gateway-key": "{laptop}", "x-api-key": OWN, "authorization": f"Bearer {OWN}"}, "laptop", [("x-api-key", OWN)]),
    ({"x-gateway-key": "{laptop}", "authorization": "{phone}"}, "laptop", []),
    ({"x-gateway-key": "{laptop}", "x-api-key": "{phone}", "authorization": "Bearer {expired}"}, "laptop", []),
]
REFUSED = [
    ({}, "wants a client key"),
    ({"x-api-key": OWN}, "not one of this gateway's client keys"),
    ({"authorization": f"Bearer {TOKEN}"}, "not one of this gateway's client keys"),
    ({"authorization": "Basic {laptop}"}, "not one of this gateway's client keys"),
    ({"x-gateway-key": OWN, "x-api-key": "{laptop}"}, "x-gateway-key"),
    ({"x-gateway-key": ""}, "x-gateway-key"),
    ({"x-gateway-key": "{deleted}"}, "x-gateway-key"),
    ({"x-api-key": "{laptop}x"}, "not one of this gateway's client keys"),
    ({"x-gateway-key": "{disabled}"}, "“disabled” is disabled"),
    ({"authorization": "Bearer {disabled}"}, "“disabled” is disabled"),
    ({"x-api-key": "{expired}"}, "“expired” has expired"),
]


@pytest.fixture(scope="module")
def running_gateway(
    scripted_upstream: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    """A gateway with client keys."""
    with RunningGateway(tmp_path_factory.mktemp("keys"), scripted_upstream.address) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def keys(running_gateway: RunningGateway) -> dict[str, str]:
    """The keys by their names, made while the server runs."""
    return dict(line.split() for line in running_gateway.configure(ISSUE_KEYS).splitlines())


def filled(headers: dict[str, str], keys: dict[str, str]) -> list[tuple[str, str]]:
    return [JSON, *((name, value.format(**keys)) for name, value in headers.items())]


def credentials(request: RecordedRequest) -> list[tuple[str, str]]:
    names = ("x-gateway-key", "x-api-key", "authorization", "proxy-authorization", "cookie")
    return [(name.lower(), value) for name, value in request.headers if name.lower() in names]


@pytest.mark.parametrize(("headers", "name", "upstream_credentials"), ADMITTED)
def test_b97_a_key_admits_and_is_not_sent_on(
    client: HttpClient,
    upstream: ScriptedUpstream,
    gateway: RunningGateway,
    keys: dict[str, str],
    headers: dict[str, str],
    name: str,
    upstream_credentials: list[tuple[str, str]],
) -> None:
    upstream.answer(OK)

    assert client.ask("POST", "/v1/messages", asked(), filled(headers, keys)).status == 200

    assert credentials(upstream.requests[0]) == upstream_credentials
    assert not [key for key in keys.values() if key in str(upstream.requests[0].headers)]
    [entry] = gateway.log_entries(1)
    assert (entry["client_key"], entry["outcome"]) == (name, "completed")


@pytest.mark.parametrize(("headers", "reason"), REFUSED)
@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/messages"), ("GET", "/v1/models")])
def test_without_a_valid_key_nothing_goes_upstream(
    client: HttpClient,
    upstream: ScriptedUpstream,
    gateway: RunningGateway,
    keys: dict[str, str],
    headers: dict[str, str],
    reason: str,
    method: str,
    path: str,
) -> None:
    status, kind, message = client.ask(method, path, asked(), filled(headers, keys)).error()

    assert (status, kind) == (401, "authentication_error")
    assert reason in message
    assert upstream.requests == []
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["error_message"]) == ("rejected", 401, message)
    assert entry["client_key"] == ""
    assert gateway.log.body(entry, "request") is None


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/nothing"), ("PUT", "/v1/messages")])
def test_what_a_stranger_sends_to_another_path_is_not_kept_either(
    client: HttpClient, gateway: RunningGateway, keys: dict[str, str], method: str, path: str
) -> None:
    assert client.ask(method, path, asked()).status in (404, 405)

    [entry] = gateway.log_entries(1)
    assert gateway.log.body(entry, "request") is None


def test_a_known_caller_is_told_what_is_wrong_with_its_request(
    client: HttpClient, gateway: RunningGateway, keys: dict[str, str]
) -> None:
    answer = client.ask("POST", "/v1/messages", b"{}", filled({"x-api-key": "{laptop}"}, keys))

    assert answer.error()[0] == 400
    [entry] = gateway.log_entries(1)
    assert (entry["client_key"], gateway.log.body(entry, "request")) == ("laptop", b"{}")


@pytest.mark.parametrize("host", ["attacker.example", "attacker.example:8000", "127.0.0.1.example", ""])
def test_a_host_that_is_not_allowed_is_refused(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, host: str
) -> None:
    status, kind, message = client.ask("POST", "/v1/messages", asked(), [("host", host)]).error()

    assert (status, kind) == (403, "permission_error")
    assert "ALLOWED_HOSTS" in message
    assert upstream.requests == []
    assert gateway.log_entries(1)[0]["outcome"] == "rejected"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", ""])
def test_without_any_key_this_machine_may_call(address: str) -> None:
    headers = [(b"x-api-key", OWN.encode()), (b"x-gateway-key", b"of-another-gateway")]

    caller = identify_caller(headers, Snapshot(revision=1), address)

    assert (caller.name, caller.headers) == ("", headers[:1])


@pytest.mark.parametrize("address", ["10.0.0.7", "2001:db8::7"])
def test_without_any_key_nobody_else_may_call(address: str) -> None:
    with pytest.raises(ClientUnknown, match="no client keys yet"):
        identify_caller([], Snapshot(revision=1), address)


def test_a_gateway_without_keys_does_not_listen_to_the_network(tmp_path: Path, upstream: ScriptedUpstream) -> None:
    with (
        pytest.raises(RuntimeError, match="create_client_key"),
        RunningGateway(tmp_path, upstream.address, HOST="0.0.0.0"),
    ):
        pass
