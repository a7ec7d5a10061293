"""The recorder's connection to the database: the one place where the database's errors become one of our own.

A SQLite file can be deleted, moved away or replaced while it is open, and everything written to the open file would be
lost without a word. So the file's identity is compared before and after each use, and a missing file is never created:
that is what `migrate` is for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import Error, ProgrammingError, connection

_SQLITE_WAIT_MS = 2000
"""How long one statement waits for a lock; longer waits are the recorder's, which can be told to stop meanwhile."""

_Identity = tuple[int, int]


class DatabaseUnavailable(Exception):
    """The database cannot be used now. The message says why and, where it is known, what to do."""


class Database:
    def __init__(self) -> None:
        self._used: object = None
        self._identity: _Identity | None = None

    @contextmanager
    def use(self) -> Iterator[bool]:
        """Around work with the database; gives whether the connection is new: then nothing known of the old one holds.

        Raises `DatabaseUnavailable`, and has closed the connection then.
        """
        try:
            yield self._connect()
            self._check_identity()
        except Error as error:
            self.close()
            raise DatabaseUnavailable(_explain(error)) from error
        except DatabaseUnavailable:
            self.close()
            raise

    def close(self) -> None:
        self._used = None
        try:
            connection.close()
        except Error:
            connection.connection = None  # already broken: there is nothing left to close

    def _connect(self) -> bool:
        if connection.connection is not None and self._used is connection.connection:
            self._check_identity()
            return False
        self._identity = file_identity()
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA busy_timeout = {_SQLITE_WAIT_MS}")
        self._used = connection.connection
        return True

    def _check_identity(self) -> None:
        if file_identity() != self._identity:
            raise DatabaseUnavailable(f"the database file {connection.settings_dict['NAME']} was replaced")


def file_identity() -> _Identity | None:
    """Device and inode of the SQLite file; None for a database that is no file. Raises `DatabaseUnavailable`.

    To be asked before SQLite is: it would make an empty file where there is none, and its write-ahead log would then
    lie beside the right file when that comes back.
    """
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or "mode=memory" in name or name == ":memory:":
        return None
    try:
        found = Path(name).stat()
    except OSError as error:
        raise DatabaseUnavailable(
            f"the database file {name}: {error.strerror}; run `manage.py migrate` to make a new one"
        ) from error
    return found.st_dev, found.st_ino


def _explain(error: Error) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, ProgrammingError) or "no such table" in text or "no such column" in text:
        return f"{text} (is the database migrated? run `manage.py migrate`)"
    return text or type(error).__name__
