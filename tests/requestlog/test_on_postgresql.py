"""The recorder with PostgreSQL: what differs from SQLite, through a real recorder process and a real server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from requestlog.exchange import Attempt
from requestlog.pieces import split
from requestlog.retention import first_id_of
from tests.requestlog.exchanges import REQUEST, finished, new_exchange, open_journal, serve
from tests.requestlog.installation import Installation
from tests.requestlog.postgresql import PostgreSQL

_numbers = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    made = PostgreSQL()
    yield made
    made.remove()


@pytest.fixture
def database_url(server: PostgreSQL) -> str:
    """An empty, migrated database."""
    name = f"log_{next(_numbers)}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.url(name)


@pytest.fixture
def machines(tmp_path: Path, database_url: str) -> Iterator[list[Installation]]:
    """Two machines that share one database."""
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made.append(Installation(tmp_path / name, database_url))
    made[0].manage("migrate", "--verbosity", "0")
    yield made
    for machine in made:
        machine.stop()


def test_exchanges_come_back_as_they_were(machines: list[Installation]) -> None:
    installation = machines[0]
    journal = open_journal(installation.journal)
    attempts = [Attempt("anthropic", "m", 1.5, 2.5, 529, "busy"), Attempt("anthropic", "m", 4.5, 2.5, 200)]
    binary = bytes(range(256)) * 20
    exchange = new_exchange(attempts=attempts, path="/v1/messages?beta=true", streamed=True)
    journal.accept(exchange, REQUEST)
    journal.finish(finished(exchange), binary, sent=REQUEST + b" ")
    journal.close()
    installation.record_everything()
    [row] = installation.entries()
    assert (row["id"], row["outcome"], row["streamed"]) == (exchange.id, "completed", True)
    assert [attempt["status"] for attempt in row["attempts"]] == [529, 200]
    assert row["received_at"].timestamp() == pytest.approx(exchange.received_at, abs=0.001)
    assert installation.log.body(row, "request") == REQUEST
    assert installation.log.body(row, "sent") == REQUEST + b" "
    assert installation.log.body(row, "response") == binary


def test_what_no_column_takes_does_not_stop_the_log(machines: list[Installation]) -> None:
    installation = machines[0]
    journal = open_journal(installation.journal)
    serve(journal, session_id="s\0" * 300, path="/\0", message_count=2**40, attempts=[Attempt("\0", "m", 1.0, 1.0)])
    serve(journal)
    journal.close()
    installation.record_everything()
    strange, plain = installation.entries()
    assert (strange["session_id"], strange["path"]) == ("s\ufffd" * 100, "/\ufffd")
    assert (strange["message_count"], strange["error_type"]) == (None, "")
    assert plain["outcome"] == "completed"


_REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'not this one' USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON requestlog_entry
FOR EACH ROW WHEN (NEW.method = 'BAD') EXECUTE FUNCTION refuse();
"""


def test_one_record_that_the_server_refuses_is_stored_without_its_details(machines: list[Installation]) -> None:
    installation = machines[0]
    with psycopg.connect(installation.log._url) as connection:
        connection.execute(_REFUSE)
    journal = open_journal(installation.journal)
    for method in ("POST", "BAD", "POST"):
        serve(journal, method=method)
    journal.close()
    installation.record_everything()
    rows = installation.entries()
    assert [row["error_type"] for row in rows] == ["", "not_storable", ""]
    assert [installation.log.body(row, "request") for row in rows] == [REQUEST, None, REQUEST]
    assert "not this one" in installation.output.read_text()


def test_a_server_that_restarts_loses_nothing(machines: list[Installation], server: PostgreSQL) -> None:
    installation = machines[0]
    journal = open_journal(installation.journal)
    served = [serve(journal).id]
    installation.run()
    installation.recorded(1)
    server.stop()
    try:
        served += [serve(journal).id for _ in range(50)]
        status = installation.wait_for(lambda status: bool(status.error), "the outage to be noticed")
        assert status.backlog_bytes
    finally:
        server.start()
    installation.wait_for(lambda status: not status.error and not status.backlog_bytes, "recovery")
    assert [row["id"] for row in installation.entries()] == served
    journal.close()


def test_machines_share_blocks_and_judge_only_their_own_workers(machines: list[Installation]) -> None:
    journals = [open_journal(machine.journal) for machine in machines]
    for journal in journals:
        for _ in range(20):
            serve(journal)
        journal.accept(new_exchange(), REQUEST)
    pids = [machine.run() for machine in machines]
    machines[0].recorded(42)
    journals[0].close()
    machines[0].release()
    machines[0].wait_gone(pids[0])
    outcomes = sorted(row["outcome"] for row in machines[0].entries())
    assert outcomes == ["completed"] * 40 + ["in_flight", "interrupted"]
    assert {machines[1].log.body(row, "request") for row in machines[1].entries()} == {REQUEST}
    with psycopg.connect(machines[0].log._url) as connection:
        assert connection.execute("SELECT count(*) FROM requestlog_block").fetchone() == (2,)
    journals[1].close()


def test_pruning_works(machines: list[Installation]) -> None:
    installation = machines[0]
    journal = open_journal(installation.journal)
    long_ago = datetime.now(UTC) - timedelta(days=40)
    serve(journal, id=first_id_of(long_ago), received_at=long_ago.timestamp())
    young = serve(journal, REQUEST.replace(b"lighthouse", b"windmill"))
    journal.close()
    installation.record_everything()
    with psycopg.connect(installation.log._url) as connection:
        old_block = next(piece.content for piece in split(REQUEST) if b"lighthouse" in piece.content)
        mark = "UPDATE requestlog_block SET used_on = %s WHERE digest = %s"
        assert connection.execute(mark, [long_ago.date(), sha256(old_block).digest()]).rowcount == 1
    assert "1 entries" in installation.manage("prunelog", "--entries-days", "30", "--dry-run")
    assert "1 entries, the bodies of 0 exchanges, 1 unused" in installation.manage("prunelog", "--entries-days", "30")
    [row] = installation.entries()
    assert row["id"] == young.id
    assert b"windmill" in (installation.log.body(row, "request") or b"")
