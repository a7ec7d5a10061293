"""A request that is tried, wherever it comes from, and the call that the engine sees in it.

Who calls is read off the request as the gateway reads it. What a request does not tell (the name that a subagent got
from its parent's tool call, the client key, the time) is in the log, or is chosen on the page.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from gateway.subagents.identity import FORK
from gateway.subagents.storage import prompt_of
from gateway.trying.errors import RequestUnusable
from providers.adapters.base import ClientRequest, HeaderList
from providers.pdf import read_pdf
from providers.protocol.messages_request import InvalidRequest, RequestFacts, read_facts
from requestlog.models import BodyKind, Entry
from requestlog.reading import BodyUnreadable, stored_content
from requestlog.redaction import redact_headers
from routing.call import Call
from routing.identification.callers import Caller, CallKind, read_caller

MESSAGES_PATH = "/v1/messages"
TOKEN_COUNT_PATH = "/v1/messages/count_tokens"
_GATEWAY_KEY = b"x-gateway-key"
_OTHER_KEY_HEADERS = (b"x-api-key", b"authorization")
_REDACTED = re.compile(r"(\w+ +)?\[redacted [0-9a-f]{8}\]")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is known of a call beside its request. Empty for what the request itself is to tell."""

    kind: CallKind | None = None
    subagent: str = ""
    client_key: str = ""
    at: datetime | None = None

    def over(self, other: Chosen) -> Chosen:
        """Both, this one first. Of two callers nothing is mixed."""
        caller = self if self.kind or self.subagent else other
        return Chosen(caller.kind, caller.subagent, self.client_key or other.client_key, self.at or other.at)


@dataclass(frozen=True, slots=True)
class TriedRequest:
    """`path` is without the query. Header names are in lower case."""

    headers: HeaderList = field(repr=False)
    body: bytes = field(repr=False)
    path: str = MESSAGES_PATH
    query: str = ""
    chosen: Chosen = field(default_factory=Chosen)

    @property
    def counts_tokens(self) -> bool:
        return self.path == TOKEN_COUNT_PATH

    def facts(self) -> RequestFacts:
        """Raises `RequestUnusable` with what the client would be told."""
        try:
            return read_facts(self.body)
        except InvalidRequest as error:
            raise RequestUnusable(f"The gateway would refuse this request: {error}") from error

    def call(self) -> Call:
        """Raises `RequestUnusable`."""
        facts, chosen = self.facts(), self.chosen
        caller = read_caller(self.headers, facts)
        kind = chosen.kind or (CallKind.SUBAGENT if chosen.subagent else caller.kind)
        return Call(
            requested_model=facts.model,
            kind=kind,
            subagent=chosen.subagent or (_name_of(caller) if kind is CallKind.SUBAGENT else ""),
            session_id=caller.session_id,
            client_key=chosen.client_key,
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in self.headers},
            body=self.body,
            tools_offered=facts.tools_offered,
            at=timezone.localtime(chosen.at),
        )

    def as_client_request(self) -> ClientRequest:
        """As adapters take it, without the gateway's own key. Raises `RequestUnusable`."""
        facts = self.facts()
        return ClientRequest(
            method="POST",
            path=self.path,
            query=self.query,
            headers=self._headers_without_key(),
            body=self.body,
            id=uuid.UUID(int=0).hex,
            model=facts.model,
            streamed=facts.streamed,
            read_pdf=read_pdf,
        )

    def _headers_without_key(self) -> HeaderList:
        names = {_GATEWAY_KEY}
        if self.chosen.client_key and _GATEWAY_KEY not in dict(self.headers):
            # A client that shows a key shows it in one of the three places, and then it is no credential of its own.
            names.update(_OTHER_KEY_HEADERS)
        return [header for header in self.headers if header[0] not in names]


def logged_request(exchange_id: uuid.UUID, chosen: Chosen) -> TriedRequest:
    """The request of an exchange; `chosen` goes before what the log knows. Raises `RequestUnusable`."""
    entry = Entry.objects.filter(pk=exchange_id).prefetch_related("stored_bodies").first()
    if entry is None:
        raise RequestUnusable(f"The log has no exchange {exchange_id} (any more).")
    path, _, query = entry.path.partition("?")
    if path not in (MESSAGES_PATH, TOKEN_COUNT_PATH):
        raise RequestUnusable(f"{entry.method} {path} goes by no rule: only requests for messages do.")
    return TriedRequest(
        headers=encode_headers((name, value) for name, value in entry.request_headers),
        body=_body_of(entry),
        path=path,
        query=query,
        chosen=chosen.over(_known_of(entry)),
    )


def _body_of(entry: Entry) -> bytes:
    body = next((body for body in entry.stored_bodies.all() if body.kind == BodyKind.REQUEST), None)
    if body is None:
        raise RequestUnusable("The log holds no body of this request (any more).")
    try:
        return stored_content(body)
    except BodyUnreadable as error:
        raise RequestUnusable(str(error)) from error


def _known_of(entry: Entry) -> Chosen:
    kind = CallKind(entry.call_kind) if entry.call_kind in list(CallKind) else None
    return Chosen(kind, entry.subagent, entry.client_key, entry.received_at)


def _name_of(caller: Caller) -> str:
    return FORK.name if caller.is_fork else prompt_of(caller.fingerprint).name


def encode_headers(pairs: Iterable[tuple[str, str]]) -> HeaderList:
    """Raises `UnicodeEncodeError` for what no header can hold."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs]


def shown_headers(headers: HeaderList) -> list[tuple[str, str]]:
    """Without credentials. What the log has redacted stays as it is: a second time would be another credential's."""
    redacted = redact_headers(headers)
    given = [value.decode("latin-1") for _, value in headers]
    return [(name, old if _REDACTED.fullmatch(old) else new) for (name, new), old in zip(redacted, given, strict=True)]
