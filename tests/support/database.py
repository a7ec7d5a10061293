"""Looking at the database as somebody would who got hold of its file."""

from __future__ import annotations

from django.db import connection


def database_dump() -> str:
    """Everything that the (SQLite) test database holds, as SQL text."""
    connection.ensure_connection()
    return "\n".join(connection.connection.iterdump())
