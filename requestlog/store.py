"""Writes a batch of drafts into the database, within the caller's transaction.

Every row is written by an upsert, so a new exchange, the end of a known one and a replay are the same few statements.
An entry that is already terminal is left alone: what a replay brings is what made it terminal. A subagent's name that
an entry has got in the meantime stays (`requestlog.naming`). A batch that the database refuses is written again draft
by draft, so that one that cannot be stored does not stop the others.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from uuid import UUID

from django.db import DataError, IntegrityError, transaction

from requestlog.blocks import BlockStore
from requestlog.bulk import Table
from requestlog.drafts import Batch, Draft
from requestlog.entries import Row, minimal_row_of, row_of
from requestlog.exchange import BodiesState, Outcome
from requestlog.models import Body, BodyKind, Entry

logger = logging.getLogger(__name__)

_COLUMNS = [column.attname for column in Entry._meta.concrete_fields]
_NAME_COLUMNS = ("subagent", "subagent_known_by")
_UPDATES = [
    f"{name} = CASE excluded.subagent WHEN '' THEN requestlog_entry.{name} ELSE excluded.{name} END"
    if name in _NAME_COLUMNS
    else f"{name} = excluded.{name}"
    for name in _COLUMNS
]
_ENTRIES = Table(Entry, _COLUMNS, conflict=f"(id) DO UPDATE SET {', '.join(_UPDATES)}")
_BODIES = Table(Body, ["entry_id", "kind", "size", "pieces"], conflict="DO NOTHING")

_REFUSALS = (DataError, IntegrityError, OverflowError, ValueError)
"""What database drivers raise for a value that they or the database do not take."""


class Store:
    def __init__(self, journal: str, blocks: BlockStore) -> None:
        self._journal = journal
        self._blocks = blocks

    def save(self, batch: Batch) -> None:
        drafts = _writable(batch.drafts)
        self._blocks.save()
        try:
            self._write(drafts)
        except _REFUSALS:
            for draft in drafts:
                self._write_alone(draft)

    def _write(self, drafts: list[Draft]) -> None:
        with transaction.atomic():
            _write_entries([row_of(draft, self._journal) for draft in drafts])
            _BODIES.write(
                (draft.exchange.id, body.kind.value, body.size, body.pack())
                for draft in drafts
                for body in draft.bodies
            )

    def _write_alone(self, draft: Draft) -> None:
        try:
            self._write([draft])
        except _REFUSALS as error:
            logger.error("exchange %s is stored without its details: %s", draft.exchange.id, error)
            _write_entries([minimal_row_of(draft, self._journal, str(error))])


def _write_entries(rows: list[Row]) -> None:
    _ENTRIES.write([row[name] for name in _COLUMNS] for row in rows)


def _writable(drafts: dict[UUID, Draft]) -> list[Draft]:
    """The drafts of exchanges that are new or in flight, without the bodies that the log has or must not have."""
    known = _states(drafts)
    for exchange_id, (_, bodies) in known.items():
        _continue(drafts[exchange_id], BodiesState(bodies))
    ended = {exchange_id for exchange_id, (outcome, _) in known.items() if outcome != Outcome.IN_FLIGHT}
    writable = {exchange_id: draft for exchange_id, draft in drafts.items() if exchange_id not in ended}
    without = [id for id, draft in writable.items() if id in known and draft.bodies_state is BodiesState.NOT_KEPT]
    Body.objects.filter(entry__in=without).delete()
    return list(writable.values())


def _continue(draft: Draft, bodies: BodiesState) -> None:
    """Make a draft one that goes on from an entry whose bodies are in this state."""
    if bodies is BodiesState.NOT_KEPT:
        draft.keep_nothing()
    draft.bodies = [body for body in draft.bodies if body.kind != BodyKind.REQUEST_HEADERS]


def _states(ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Outcome and state of the bodies of the entries that exist."""
    rows = Entry.objects.filter(id__in=list(ids)).order_by().values_list("id", "outcome", "bodies")
    return {id: (outcome, bodies) for id, outcome, bodies in rows}
