"""Turns a draft into its row: what the gateway noted, what the response told, and which of them decides.

What the gateway noted is never overwritten. The digest fills what is empty, and corrects one thing: an exchange that
looked complete from the outside, status 200 and every byte delivered, may in truth be an upstream that failed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from requestlog.columns import clean_text, fits_of
from requestlog.digest import ResponseDigest
from requestlog.drafts import Draft
from requestlog.exchange import BodiesState, Exchange, Outcome
from requestlog.models import Entry

_FIRST_ERROR_STATUS = 400
_COLUMNS = {column.attname: column for column in Entry._meta.concrete_fields}
_NOTED = fits_of(column for name, column in _COLUMNS.items() if name in Exchange.__slots__)
"""What an exchange has under the name of the column."""
_DIGESTED = fits_of(
    column for name, column in _COLUMNS.items() if name in ResponseDigest.__slots__ and name not in Exchange.__slots__
)
_DEFAULTS = {name: column.get_default() for name, column in _COLUMNS.items()}

Row = dict[str, Any]
"""A value for each column of `Entry`."""


def row_of(draft: Draft, journal: str) -> Row:
    """The row of a draft, every value fitting its column."""
    exchange, digest = draft.exchange, draft.digest
    complete_with_digest(exchange, digest)
    row = {name: fit(getattr(exchange, name)) for name, fit in _NOTED.items()}
    for name, fit in _DIGESTED.items():
        row[name] = fit(getattr(digest, name))
    row["attempts"] = _NOTED["attempts"](msgspec.to_builtins(exchange.attempts))
    row["received_at"] = row["received_at"] or _time_of_id(exchange)
    row["worker"], row["journal"], row["bodies"] = draft.worker, journal, draft.bodies_state.value
    return row


def minimal_row_of(draft: Draft, journal: str, reason: str) -> Row:
    """A row that any database takes, for an exchange whose own row was refused."""
    exchange = draft.exchange
    received_at = _time_of_id(exchange)
    return _DEFAULTS | {
        "id": exchange.id,
        "received_at": received_at,
        "finished_at": None if exchange.outcome is Outcome.IN_FLIGHT else received_at,
        "outcome": exchange.outcome.value,
        "error_type": "not_storable",
        "error_message": clean_text(f"The log could not store this exchange: {reason}"),
        "worker": draft.worker,
        "journal": journal,
        "bodies": BodiesState.NOT_KEPT.value,
    }


def complete_with_digest(exchange: Exchange, digest: ResponseDigest) -> None:
    """Add to `exchange` what its response tells and the gateway did not note."""
    exchange.stop_reason = exchange.stop_reason or digest.stop_reason
    if exchange.outcome is Outcome.COMPLETED and _failed_unnoticed(exchange, digest):
        exchange.outcome = Outcome.UPSTREAM_FAILED
    if not exchange.error_type and not exchange.error_message:
        exchange.error_type, exchange.error_message = digest.error_type, digest.error_message
    if exchange.outcome is Outcome.UPSTREAM_FAILED and not exchange.error_type and not digest.complete:
        exchange.error_type, exchange.error_message = "incomplete_response", "The response ended before its own end."


def _failed_unnoticed(exchange: Exchange, digest: ResponseDigest) -> bool:
    if exchange.status is not None and exchange.status >= _FIRST_ERROR_STATUS:
        return False  # an error that the client was told about: the gateway has judged it
    return not digest.complete or bool(digest.error_type or digest.error_message)


def _time_of_id(exchange: Exchange) -> datetime:
    """The id is a UUIDv7: its first 48 bits are the milliseconds at which it was made."""
    return datetime.fromtimestamp((exchange.id.int >> 80) / 1000, UTC)
