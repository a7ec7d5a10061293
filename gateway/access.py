"""Who calls, and which of the credentials that came along are the client's own.

A gateway key may come in three places: `x-gateway-key`, `x-api-key`, `Authorization: Bearer`. The first is ours
alone: what it holds must be a key. The other two may hold a key or the client's own credential for Anthropic; each is
tried, and a subscription's token (`sk-ant-oat…`) is never taken for a key. What was recognised as a key is removed
and goes nowhere.

While no key was ever made, whoever reaches the gateway through the loopback interface may use it.
"""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass
from functools import lru_cache

from gateway.errors import ClientUnknown
from gateway.models import ClientKey
from gateway.snapshot import KnownClient, Snapshot
from providers.adapters.base import HeaderList

_GATEWAY_KEY = b"x-gateway-key"
_KEY_HEADERS = (_GATEWAY_KEY, b"x-api-key", b"authorization")
_SUBSCRIPTION_TOKEN = "sk-ant-oat"


@dataclass(frozen=True, slots=True)
class Caller:
    """`name` is the client key's, empty in an open gateway; `headers` are the request's without gateway keys."""

    name: str
    headers: HeaderList


def identify_caller(headers: HeaderList, snapshot: Snapshot, server_address: str) -> Caller:
    """Raises `ClientUnknown` with a text that says which key is missing or wrong."""
    if not snapshot.clients:
        if not is_loopback(server_address):
            raise ClientUnknown("This gateway has no client keys yet: add one in its admin, under “Client keys”.")
        return Caller("", [header for header in headers if header[0] != _GATEWAY_KEY])
    tried = [(name, value, _known_client(name, value, snapshot)) for name, value in headers if name in _KEY_HEADERS]
    if any(name == _GATEWAY_KEY and client is None for name, _, client in tried):
        raise ClientUnknown("The key in x-gateway-key is not one of this gateway's client keys.")
    client = next((client for place in _KEY_HEADERS for name, _, client in tried if client and name == place), None)
    if client is None:
        raise ClientUnknown(_missing_key(bool(tried)))
    _check_validity(client)
    keys = {(name, value) for name, value, known in tried if known}
    return Caller(client.name, [header for header in headers if header not in keys])


@lru_cache(maxsize=256)
def is_loopback(address: str) -> bool:
    """Whether an address that the server listens on is this machine's own; a Unix socket (no address) is."""
    try:
        return not address or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _known_client(name: bytes, value: bytes, snapshot: Snapshot) -> KnownClient | None:
    text = value.decode("latin-1").strip()
    if name == b"authorization":
        scheme, _, token = text.partition(" ")
        # A key that came without its scheme is one all the same: it must not be taken for the client's own credential.
        text = token.strip() if scheme.lower() == "bearer" else text
        if text.startswith(_SUBSCRIPTION_TOKEN):
            return None
    return snapshot.clients.get(ClientKey.digest_of(text))


def _check_validity(client: KnownClient) -> None:
    if not client.enabled:
        raise ClientUnknown(f"The client key “{client.name}” is disabled.")
    if client.expires_at is not None and client.expires_at <= time.time():
        raise ClientUnknown(f"The client key “{client.name}” has expired.")


def _missing_key(something_was_sent: bool) -> str:
    if something_was_sent:
        return "The credential in x-api-key or Authorization is not one of this gateway's client keys."
    return (
        "This gateway wants a client key: set ANTHROPIC_AUTH_TOKEN to it, "
        "or ANTHROPIC_CUSTOM_HEADERS to “x-gateway-key: <key>” beside your own Anthropic credential."
    )
