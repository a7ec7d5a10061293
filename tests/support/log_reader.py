"""Reads the request log from outside: through a connection of its own, as rows, without Django."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from requestlog import pieces

Row = dict[str, Any]
_TIMES = ("received_at", "upstream_answered_at", "first_token_at", "finished_at")
_JSON = ("tools_called", "attempts", "conversion_notes")
_BOOLEANS = ("streamed", "usage_is_estimate")


class LogReader:
    """The log in a SQLite or PostgreSQL database, given by its URL."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url

    def entries(self) -> list[Row]:
        """All entries, oldest first, each as a dictionary of its columns; times are aware, JSON is decoded."""
        return [_decoded(row) for row in self._query("SELECT * FROM requestlog_entry ORDER BY id")]

    def body(self, entry: Row, kind: str) -> bytes | None:
        """The stored body of an entry (`request`, `sent`, `received`…), exactly as it was; None without one."""
        rows = self._query(
            "SELECT kind, pieces FROM requestlog_body WHERE entry_id = {} ORDER BY kind", self._key(entry["id"])
        )
        packed = next((row["pieces"] for row in rows if row["kind"] == kind), None)
        return None if packed is None else pieces.join(bytes(packed), self._blocks)

    def headers(self, entry: Row, kind: str) -> list[list[str]]:
        """Stored headers (`request_headers`, `sent_headers`, `response_headers`) in their order."""
        stored = self.body(entry, kind)
        return json.loads(stored) if stored else []

    def _blocks(self, ids: list[int]) -> dict[int, bytes]:
        found = [self._query("SELECT id, content FROM requestlog_block WHERE id = {}", id)[0] for id in set(ids)]
        return {row["id"]: pieces.decompress(bytes(row["content"])) for row in found}

    def _key(self, id: uuid.UUID) -> str | uuid.UUID:
        return id.hex if self._is_sqlite else id

    @property
    def _is_sqlite(self) -> bool:
        return self._url.startswith("sqlite:")

    def _query(self, statement: str, *values: Any) -> list[Row]:
        """The rows; `{}` in the statement stands for a value."""
        if self._is_sqlite:
            return self._query_sqlite(statement.replace("{}", "?"), values)
        with psycopg.connect(self._url, row_factory=dict_row) as connection:
            return connection.execute(statement.replace("{}", "%s"), values).fetchall()

    def _query_sqlite(self, statement: str, values: Iterable[Any]) -> list[Row]:
        with closing(sqlite3.connect(self._url.removeprefix("sqlite:///"), timeout=20)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(statement, tuple(values))]


def _decoded(row: Row) -> Row:
    """One form for the values of both databases: SQLite has neither times, nor UUIDs, nor booleans."""
    row["id"] = row["id"] if isinstance(row["id"], uuid.UUID) else uuid.UUID(row["id"])
    row |= {name: bool(row[name]) for name in _BOOLEANS}
    row |= {name: json.loads(row[name]) for name in _JSON if isinstance(row[name], str)}
    row |= {name: _time(row[name]) for name in _TIMES if isinstance(row[name], str)}
    return row


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
