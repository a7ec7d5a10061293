"""One batch of journal records on its way to the database: what belongs to one exchange is put together here.

A record's bodies are cut into pieces as soon as it is read and let go, so a batch holds the new pieces, not the bodies.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from requestlog import pieces
from requestlog.blocks import BlockStore, KnownBlock
from requestlog.digest import Digester, ResponseDigest
from requestlog.exchange import BodiesState, Exchange, Headers, Outcome
from requestlog.journal import Record, RecordKind
from requestlog.models import BodyKind

logger = logging.getLogger(__name__)

_SHARING_KINDS = {BodyKind.REQUEST, BodyKind.SENT}
"""Responses and headers never come again: a length or an id makes each of them different."""

_encode_headers = msgspec.json.Encoder().encode


@dataclass(slots=True)
class DraftBody:
    kind: BodyKind
    size: int
    references: list[bytes | KnownBlock]

    def pack(self) -> bytes:
        return pieces.pack([part if isinstance(part, bytes) else part.id for part in self.references])


@dataclass(slots=True)
class Draft:
    """What a batch knows of one exchange. `accepted`: whether the record that began it is in this batch."""

    exchange: Exchange
    worker: str
    bodies_state: BodiesState = BodiesState.KEPT
    accepted: bool = False
    digest: ResponseDigest = field(default_factory=ResponseDigest)
    bodies: list[DraftBody] = field(default_factory=list)

    def keep_nothing(self) -> None:
        self.bodies_state = BodiesState.NOT_KEPT
        self.bodies = []


class Batch:
    """Builds the drafts of one batch from its records, each worker's in the order in which they were written."""

    def __init__(self, digester: Digester, blocks: BlockStore) -> None:
        self._digester = digester
        self._blocks = blocks
        self.drafts: dict[UUID, Draft] = {}
        self.records = 0

    def add(self, worker: str, record: Record) -> None:
        self.records += 1
        draft = self.drafts.setdefault(record.exchange.id, Draft(record.exchange, worker))
        draft.exchange = record.exchange
        if record.kind is RecordKind.ACCEPTED:
            draft.accepted = True
        else:
            draft.digest = self._digest(record)
        if BodiesState.NOT_KEPT in (record.bodies, draft.bodies_state):
            draft.keep_nothing()
        else:
            draft.bodies += self._bodies(record, draft)

    @property
    def bodies_not_kept(self) -> int:
        """How many exchanges ended in this batch without their bodies."""
        ended = (draft for draft in self.drafts.values() if draft.exchange.outcome is not Outcome.IN_FLIGHT)
        return sum(draft.bodies_state is BodiesState.NOT_KEPT for draft in ended)

    def _bodies(self, record: Record, draft: Draft) -> list[DraftBody]:
        exchange = record.exchange
        if record.kind is RecordKind.ACCEPTED:
            return [
                *self._headers(BodyKind.REQUEST_HEADERS, exchange.request_headers),
                *self._body(BodyKind.REQUEST, record.request),
            ]
        return [
            *([] if draft.accepted else self._headers(BodyKind.REQUEST_HEADERS, exchange.request_headers)),
            *self._headers(BodyKind.SENT_HEADERS, exchange.sent_headers),
            *self._body(BodyKind.SENT, record.sent),
            *self._body(BodyKind.RECEIVED, record.received),
            *self._headers(BodyKind.RESPONSE_HEADERS, exchange.response_headers),
            *self._body(BodyKind.RESPONSE, record.response),
            *self._body(BodyKind.MESSAGE, draft.digest.message),
        ]

    def _body(self, kind: BodyKind, content: bytes) -> list[DraftBody]:
        if not content:
            return []
        shares = kind in _SHARING_KINDS
        parts = pieces.split(content) if shares else [pieces.Piece(content, shared=False)]
        references = [self._blocks.share(part.content) if part.shared else part.content for part in parts]
        return [DraftBody(kind, len(content), references)]

    def _headers(self, kind: BodyKind, headers: Headers) -> list[DraftBody]:
        return self._body(kind, _encode_headers(headers)) if headers else []

    def _digest(self, record: Record) -> ResponseDigest:
        try:
            return self._digester(record.exchange, record.response)
        except Exception:
            # A function that is not the log's own: what is wrong with it costs the digest, and must not stop the log.
            logger.exception("the response of exchange %s could not be read", record.exchange.id)
            return ResponseDigest()
