from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.requestlog.exchanges import open_journal, serve, session_requests
from tests.requestlog.installation import Installation

TURNS = 200


def test_a_session_of_200_turns_costs_less_than_a_twentieth_of_its_raw_bytes(installation: Installation) -> None:
    database = installation.journal.parent / "db.sqlite3"
    empty = database.stat().st_size
    journal = open_journal(installation.journal)
    requests = session_requests(TURNS)
    ids = [serve(journal, request, response=b"data: " + request[-1500:]).id for request in requests]
    journal.close()
    installation.record_everything()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    raw, stored = sum(map(len, requests)), database.stat().st_size - empty
    assert stored < raw / 20, f"{stored} bytes for {raw}: 1/{raw // stored}"
    rows = installation.entries()
    assert [row["id"] for row in rows] == ids
    for turn in (0, 1, TURNS // 2, TURNS - 1):
        assert installation.log.body(rows[turn], "request") == requests[turn]
    print(f"{TURNS} turns: {raw} raw bytes, {stored} on disk, 1/{raw / stored:.0f}")
