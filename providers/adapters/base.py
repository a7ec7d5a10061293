"""What every adapter takes and gives.

An adapter is pure: it turns a client's request into one for its provider, and says how the answer is to be translated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol
from urllib.parse import urlsplit

from providers.protocol.answers import ConvertedMessage, ErrorAnswer
from providers.protocol.chat.capabilities import CapabilityRules

HeaderList = list[tuple[bytes, bytes]]
PdfReader = Callable[[bytes], str]
"""Takes a PDF, gives its text. Raises `ValueError` where it cannot be read."""


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
    `signs_thinking` says that it is Anthropic's own API, which refuses thinking that it has not signed.
    `problem` says in words why the provider cannot be used at the moment, as when an environment variable is missing.
    """

    name: str
    kind: str
    base_url: str
    credential_header: tuple[bytes, bytes] | None = None
    passes_client_credential: bool = False
    signs_thinking: bool = False
    extra_headers: tuple[tuple[bytes, bytes], ...] = ()
    timeouts: Timeouts = field(default_factory=Timeouts)
    capabilities: CapabilityRules = field(default_factory=CapabilityRules)
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
    """A request as it came in.

    `path` begins with `/v1/`, `query` is raw; header names are in lower case. `id` is the exchange's, in hexadecimal.
    `model` and `streamed` are what the body asks for; both are empty for a request that names no model.
    """

    method: str
    path: str
    query: str
    headers: HeaderList
    body: bytes
    id: str = ""
    model: str = ""
    streamed: bool = False
    read_pdf: PdfReader | None = None


@dataclass(frozen=True, slots=True)
class UpstreamRequest:
    """What goes out: `target` is the raw path and query below the provider's origin."""

    method: str
    origin: str
    target: str
    headers: HeaderList
    body: bytes


class StreamTranslator(Protocol):
    """Turns one streamed answer into events of the Messages API; each item given out is one encoded event.

    `error` is set as soon as the upstream's stream has told of one; `feed` and `close` give it out as an event too.
    `started` says that something came before it, so that it can only be told in the stream.
    `finished` says that the answer's content is complete, whatever happens to its connection from here on.
    """

    error: ErrorAnswer | None
    started: bool
    finished: bool
    notes: list[str]
    usage_is_estimate: bool

    def feed(self, chunk: bytes) -> list[bytes]: ...

    def feed_completion(self, body: bytes) -> list[bytes]:
        """The upstream gave a whole answer although it was asked for a stream."""
        ...

    def close(self) -> list[bytes]: ...


class Translation(Protocol):
    """How the answer to one request becomes one of the Messages API."""

    def stream(self) -> StreamTranslator: ...

    def message(self, body: bytes) -> ConvertedMessage:
        """A whole answer. Raises `AnswerFailed`."""
        ...

    def error(self, status: int, headers: Mapping[bytes, bytes], body: bytes) -> ErrorAnswer:
        """An answer with an error status; header names are in lower case."""
        ...


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """What goes out, and what becomes of its answer. Without a translation every byte of it reaches the client as is.

    `notes` say in words what the conversion changed or left out.
    """

    upstream: UpstreamRequest
    translation: Translation | None = None
    notes: tuple[str, ...] = ()


class Adapter(Protocol):
    label: str
    """The kind's name for people."""
    wire_format: str
    converts: bool
    """Whether the provider speaks another format, and so has none of the Messages API's other endpoints."""

    def prepare(self, request: ClientRequest, provider: ProviderConfig, model: str) -> PreparedRequest:
        """The request for the provider's `model`, with exactly the credential that is for it.

        Raises `InvalidRequest` for what cannot be converted.
        """
        ...
