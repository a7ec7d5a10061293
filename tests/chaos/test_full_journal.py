"""A journal that can take no more: requests are refused in words, not lost, and served again when there is room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest

from tests.chaos.conftest import StartGateway
from tests.chaos.ledger import CATCH_UP_SECONDS
from tests.chaos.outages import locked
from tests.chaos.visitor import TOLD, Visitor, question
from tests.support.anthropic_api import events
from tests.support.gateway import RunningGateway
from tests.support.http_client import Answer, HttpClient
from tests.support.loop_thread import Gate
from tests.support.parts import require
from tests.support.upstream import ScriptedUpstream
from tests.support.waiting import wait_until

Visit = Callable[[RunningGateway], Visitor]
_QUESTION_BYTES = 20_000


@pytest.fixture(autouse=True)
def answering_upstream(upstream: ScriptedUpstream) -> None:
    upstream.answer_by(lambda request: events(TOLD))


@contextmanager
def full_disk(gateway: RunningGateway) -> Iterator[None]:
    """The kernel refuses the gateway's own process every byte that it would write to a file."""
    require(hasattr(psutil, "RLIMIT_FSIZE"), "no limits for a running process here", "run this test on Linux")
    process = psutil.Process(gateway.pid)
    soft, hard = process.rlimit(psutil.RLIMIT_FSIZE)
    process.rlimit(psutil.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        process.rlimit(psutil.RLIMIT_FSIZE, (soft, hard))


def assert_refused(answer: Answer) -> None:
    status, kind, message = answer.error()
    assert (status, kind) == (529, "overloaded_error")
    assert "request log cannot take more requests" in message
    assert answer.header("retry-after") == "5"


def test_a_full_journal_refuses_requests_until_the_database_is_back(
    start_gateway: StartGateway, visit: Visit, upstream: ScriptedUpstream
) -> None:
    gateway = start_gateway(JOURNAL_LIMIT="400000", JOURNAL_BODIES_LIMIT="400000")
    visitor = visit(gateway)
    with locked(gateway.folder / "db.sqlite3"):
        visitor.ask_until(lambda: visitor.by_status(529), size=_QUESTION_BYTES)
        wait_until(lambda: visitor.hears("the journal is full") and visitor.hears("database is locked"))
    visitor.ask_until(lambda: visitor.is_ready() and list(visitor.answers.values())[-1].status == 200)

    refused, served = visitor.by_status(529), visitor.by_status(200)
    for body in refused:
        assert_refused(visitor.answers[body])
    assert {request.body for request in upstream.requests} == set(served)
    entries = gateway.log_entries(len(visitor.answers), CATCH_UP_SECONDS)
    assert {str(entry["id"]): (entry["outcome"], entry["status"]) for entry in entries} == {
        answer.header("x-gateway-request-id"): ("completed" if answer.status == 200 else "rejected", answer.status)
        for answer in visitor.answers.values()
    }


def test_bodies_past_their_limit_are_not_kept_and_counted(start_gateway: StartGateway, visit: Visit) -> None:
    gateway = start_gateway(JOURNAL_BODIES_LIMIT="200000")
    visitor = visit(gateway)
    with locked(gateway.folder / "db.sqlite3"):
        visitor.ask_until(lambda: len(visitor.answers) == 40, size=_QUESTION_BYTES)
    wait_until(visitor.is_ready, CATCH_UP_SECONDS)

    entries = gateway.log_entries(40, CATCH_UP_SECONDS)
    bodies = [gateway.log.body(entry, "request") for entry in entries]
    kept = [body for body, entry in zip(bodies, entries, strict=True) if entry["bodies"] == "kept"]
    assert 0 < len(kept) < 40
    assert kept == list(visitor.answers)[: len(kept)]
    assert all(
        (entry["outcome"], entry["status"], entry["input_tokens"], entry["output_tokens"]) == ("completed", 200, 12, 7)
        for entry in entries
    )
    wait_until(lambda: visitor.readiness()[1]["recorder"]["bodies_not_kept"] == 40 - len(kept), what="the right count")


def test_a_full_disk_refuses_requests_and_keeps_the_ends_of_those_under_way(
    start_gateway: StartGateway, visit: Visit, upstream: ScriptedUpstream
) -> None:
    gateway, rest, body = start_gateway(), Gate(), question()
    visitor = visit(gateway)
    upstream.answer_by(lambda request: events([*TOLD[:4], rest, *TOLD[4:]]) if request.body == body else events(TOLD))
    with HttpClient(gateway.port) as client:
        client.begin("POST", "/v1/messages", body)
        client.wait_for(TOLD[3])
        with full_disk(gateway):
            rest.open()
            assert client.answer().body == b"".join(TOLD)
            assert_refused(visitor.ask_something())
            assert visitor.hears("cannot write to")
    wait_until(visitor.is_ready)
    assert visitor.ask_something().status == 200

    entries = gateway.log_entries(3)
    assert [entry["outcome"] for entry in entries] == ["completed", "rejected", "completed"]
    assert gateway.log.body(entries[2], "request") == visitor.by_status(200)[0]
