"""Takes the database away for a while. Each is a context: inside of it the database cannot be used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.requestlog.postgresql import PostgreSQL

_HOLD_THE_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another process holds the SQLite file's lock for writing."""
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD_THE_LOCK, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout
    try:
        assert holder.stdout.readline() == b"locked\n"
        yield
    finally:
        holder.communicate()


@contextmanager
def moved_away(database: Path) -> Iterator[None]:
    """The SQLite file, with what belongs to it, is in another folder."""
    elsewhere = database.parent / "elsewhere"
    elsewhere.mkdir()
    moved = [file.rename(elsewhere / file.name) for file in database.parent.glob(f"{database.name}*")]
    try:
        yield
    finally:
        made = list(database.parent.glob(f"{database.name}*"))
        assert not made, f"while the database was away, somebody made {made}"
        for file in moved:
            file.rename(database.parent / file.name)


@contextmanager
def stopped(server: PostgreSQL) -> Iterator[None]:
    """PostgreSQL does not run."""
    server.stop()
    try:
        yield
    finally:
        server.start()
