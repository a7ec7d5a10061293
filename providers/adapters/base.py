"""What every adapter takes and gives. An adapter is pure: it turns a client's request into one for its provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol
from urllib.parse import urlsplit

HeaderList = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. There is no limit on the whole: a long answer is no fault."""

    connect: float = 10.0
    first_byte: float = 600.0
    idle: float = 300.0


@dataclass(frozen=True)
class ProviderConfig:
    """A provider as the snapshot holds it.

    `credential_header` is the name and value of the stored credential, None where there is none.
    `passes_client_credential` is only true when `base_url` is on a host that a client's own credential is for.
    `problem` says in words why the provider cannot be used at the moment, as when an environment variable is missing.
    """

    name: str
    kind: str
    base_url: str
    credential_header: tuple[bytes, bytes] | None = None
    passes_client_credential: bool = False
    extra_headers: tuple[tuple[bytes, bytes], ...] = ()
    timeouts: Timeouts = field(default_factory=Timeouts)
    problem: str = ""

    @cached_property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @cached_property
    def base_path(self) -> str:
        """The path before `/v1`, without a slash at its end. Base URLs with and without `/v1` mean the same."""
        return urlsplit(self.base_url).path.rstrip("/").removesuffix("/v1")


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """A request as it came in. `path` begins with `/v1/`, `query` is raw; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: HeaderList
    body: bytes


@dataclass(frozen=True, slots=True)
class UpstreamRequest:
    """What goes out: `target` is the raw path and query below the provider's origin."""

    method: str
    origin: str
    target: str
    headers: HeaderList
    body: bytes


class Adapter(Protocol):
    wire_format: str

    def prepare(self, request: ClientRequest, provider: ProviderConfig) -> UpstreamRequest:
        """The request for the provider, with exactly the credential that is for it."""
        ...
