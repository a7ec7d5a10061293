"""Writes many rows by one prepared statement.

The ORM's `bulk_create` makes a model instance for each row and a new statement for each batch; the recorder writes
thousands of rows a second, and that would be half of its work. Values are adapted to the database by the model's
fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

_ADAPTED = (models.UUIDField, models.DateTimeField, models.JSONField, models.BinaryField)
"""Fields whose values the drivers do not take as they are."""


class Table:
    """`columns` (names of concrete fields) in the order of the rows' values."""

    def __init__(self, model: type[models.Model], columns: Sequence[str], *, conflict: str) -> None:
        fields = [field for name in columns for field in model._meta.concrete_fields if field.attname == name]
        names = ", ".join(f'"{field.column}"' for field in fields)
        places = ", ".join(["%s"] * len(fields))
        self._statement = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({places}) ON CONFLICT {conflict}'
        targets = [field.target_field if isinstance(field, models.ForeignKey) else field for field in fields]
        self._adapted = [(place, field) for place, field in enumerate(targets) if isinstance(field, _ADAPTED)]

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany(self._statement, [self._adapt(row) for row in rows])

    def _adapt(self, row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for place, field in self._adapted:
            values[place] = field.get_db_prep_save(values[place], connection)
        return values
