from __future__ import annotations

import json
import logging
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from requestlog.blocks import BlockStore
from requestlog.digest import Digester, ResponseDigest
from requestlog.drafts import Batch
from requestlog.exchange import BodiesState, Exchange, Outcome
from requestlog.journal import Record, RecordKind
from requestlog.models import Block, Body, BodyKind, Entry
from requestlog.store import Store
from tests.requestlog.exchanges import REQUEST, RESPONSE, digest_nothing, finished, new_exchange

pytestmark = pytest.mark.django_db

KEPT, NOT_KEPT = BodiesState.KEPT, BodiesState.NOT_KEPT


def accepted(exchange: Exchange, bodies: BodiesState = KEPT, request: bytes = REQUEST) -> Record:
    # A copy, as the journal's record is one: the exchange itself travels on.
    return Record(RecordKind.ACCEPTED, new_exchange(id=exchange.id), bodies, request=request)


def ended(
    exchange: Exchange,
    bodies: BodiesState = KEPT,
    sent: bytes = b"",
    response: bytes = RESPONSE,
    received: bytes = b"",
) -> Record:
    return Record(RecordKind.FINISHED, finished(exchange), bodies, sent=sent, response=response, received=received)


def save(*records: Record, blocks: BlockStore | None = None, digester: Digester = digest_nothing) -> None:
    blocks = blocks or BlockStore()
    blocks.begin()
    batch = Batch(digester, blocks)
    for record in records:
        batch.add("worker", record)
    with transaction.atomic():
        Store("journal", blocks).save(batch)


def kinds(entry: Entry) -> set[str]:
    return set(Body.objects.filter(entry=entry).values_list("kind", flat=True))


def test_a_name_that_an_exchange_in_flight_has_got_outlasts_its_end() -> None:
    exchange = new_exchange(call_kind="subagent", agent_fingerprint="f")
    save(accepted(exchange))
    Entry.objects.update(subagent="scout", subagent_known_by="fingerprint")
    save(ended(exchange))
    entry = Entry.objects.get()
    assert (entry.outcome, entry.subagent, entry.subagent_known_by) == (Outcome.COMPLETED, "scout", "fingerprint")
    assert (entry.call_kind, entry.agent_fingerprint) == ("subagent", "f")


def test_the_name_that_the_gateway_noted_last_counts() -> None:
    exchange = new_exchange(subagent="scout", subagent_known_by="file")
    save(accepted(exchange))
    exchange.subagent, exchange.subagent_known_by = "lookout", "launched"
    save(ended(exchange))
    assert Entry.objects.values_list("subagent", "subagent_known_by").get() == ("lookout", "launched")


def test_an_accepted_exchange_is_seen_in_flight_and_then_completed() -> None:
    exchange = new_exchange()
    save(accepted(exchange))
    running = Entry.objects.get()
    assert (running.outcome, running.finished_at, running.journal) == (Outcome.IN_FLIGHT, None, "journal")
    assert running.body(BodyKind.REQUEST) == REQUEST
    save(ended(exchange))
    entry = Entry.objects.get()
    assert (entry.outcome, entry.status, entry.bodies) == (Outcome.COMPLETED, 200, KEPT)
    assert entry.body(BodyKind.REQUEST) == REQUEST
    assert entry.body(BodyKind.RESPONSE) == RESPONSE


def test_both_records_in_one_batch_are_one_insert() -> None:
    exchange = new_exchange()
    with CaptureQueriesContext(connection) as queries:
        save(accepted(exchange), ended(exchange))
    [insert] = [query["sql"] for query in queries if 'INSERT INTO "requestlog_entry"' in query["sql"]]
    assert insert.startswith("1 times: ")
    assert Entry.objects.get().outcome == Outcome.COMPLETED


def test_the_end_alone_makes_an_entry() -> None:
    save(ended(new_exchange(), sent=b"as sent"))
    entry = Entry.objects.get()
    assert entry.outcome == Outcome.COMPLETED
    assert entry.request_headers == [["content-type", "application/json"]]
    assert kinds(entry) == {"request_headers", "sent", "response_headers", "response"}


def test_every_kind_of_body_comes_back_byte_for_byte() -> None:
    exchange = new_exchange(sent_headers=[("x-a", "1")])
    save(
        accepted(exchange),
        ended(exchange, sent=b"\x00sent\xff", response=b"\xff" * 3000, received=b"data: [DONE]\n\n\0"),
        digester=lambda exchange, response: ResponseDigest(message=b'{"type":"message"}'),
    )
    entry = Entry.objects.get()
    assert entry.body(BodyKind.SENT) == b"\x00sent\xff"
    assert entry.body(BodyKind.RECEIVED) == b"data: [DONE]\n\n\0"
    assert entry.body(BodyKind.RESPONSE) == b"\xff" * 3000
    assert entry.body(BodyKind.MESSAGE) == b'{"type":"message"}'
    assert json.loads(entry.body(BodyKind.SENT_HEADERS) or b"") == [["x-a", "1"]]
    assert entry.response_headers == [["content-type", "application/json"], ["request-id", "req_1"]]
    assert entry.stored_bodies.get(kind=BodyKind.RESPONSE).size == 3000


def test_what_was_not_sent_is_not_stored() -> None:
    exchange = new_exchange()
    save(accepted(exchange), ended(exchange))
    assert kinds(Entry.objects.get()) == {"request_headers", "request", "response_headers", "response"}


def test_what_the_conversion_changed_is_kept() -> None:
    exchange = new_exchange(conversion_notes=["top_k is not supported", "\0\ud800"], usage_is_estimate=True)
    save(ended(exchange))
    entry = Entry.objects.get()
    assert (entry.conversion_notes, entry.usage_is_estimate) == (["top_k is not supported", "\ufffd\ufffd"], True)


def test_a_replay_changes_nothing() -> None:
    exchange = new_exchange()
    records = [accepted(exchange), ended(exchange)]
    save(*records)
    Entry.objects.update(decision_reason="as it was")
    for replay in ([records[0]], [records[1]], records):
        save(*replay)
    entry = Entry.objects.get()
    assert (entry.decision_reason, entry.outcome) == ("as it was", Outcome.COMPLETED)
    assert Body.objects.count() == 4


def test_an_interrupted_entry_stays_interrupted() -> None:
    exchange = new_exchange()
    save(accepted(exchange))
    Entry.objects.in_flight().interrupt(datetime.now(UTC))
    save(ended(exchange))
    assert Entry.objects.get().outcome == Outcome.INTERRUPTED


@pytest.mark.parametrize(("first", "second"), [(NOT_KEPT, KEPT), (KEPT, NOT_KEPT), (NOT_KEPT, NOT_KEPT)])
@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
def test_of_an_exchange_whose_bodies_are_not_kept_nothing_is_stored(
    first: BodiesState, second: BodiesState, together: bool
) -> None:
    exchange = new_exchange()
    records = [accepted(exchange, first), ended(exchange, second)]
    for batch in [records] if together else [[record] for record in records]:
        save(*batch)
    entry = Entry.objects.get()
    assert (entry.outcome, entry.bodies) == (Outcome.COMPLETED, NOT_KEPT)
    assert kinds(entry) == set()


def test_the_digest_is_read_although_the_bodies_are_not_kept() -> None:
    save(
        ended(new_exchange(), NOT_KEPT), digester=lambda exchange, response: ResponseDigest(output_tokens=len(response))
    )
    assert Entry.objects.get().output_tokens == len(RESPONSE)


def test_a_block_is_stored_once_for_all_bodies() -> None:
    for _ in range(3):
        save(accepted(new_exchange()), accepted(new_exchange()))
    assert Block.objects.count() == 2
    assert {entry.body(BodyKind.REQUEST) for entry in Entry.objects.all()} == {REQUEST}


def test_known_blocks_are_not_looked_up_again() -> None:
    blocks = BlockStore()
    save(accepted(new_exchange()), blocks=blocks)
    with CaptureQueriesContext(connection) as queries:
        save(accepted(new_exchange()), blocks=blocks)
    assert not [query for query in queries if "requestlog_block" in query["sql"]]


def test_a_block_is_marked_as_used_once_a_day() -> None:
    blocks = BlockStore()
    save(accepted(new_exchange()), blocks=blocks)
    long_ago = date.today() - timedelta(days=9)
    Block.objects.update(used_on=long_ago)
    save(accepted(new_exchange()), blocks=BlockStore())
    assert set(Block.objects.values_list("used_on", flat=True)) == {datetime.now(UTC).date()}


def test_a_block_that_was_pruned_while_it_was_known_is_stored_again(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = BlockStore()
    save(accepted(new_exchange()), blocks=blocks)
    Block.objects.all().delete()
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    monkeypatch.setattr("requestlog.blocks._today", lambda: tomorrow)
    exchange = new_exchange()
    save(accepted(exchange), blocks=blocks)
    assert Entry.objects.get(pk=exchange.id).body(BodyKind.REQUEST) == REQUEST


def test_more_blocks_than_are_remembered_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("requestlog.blocks._CACHED", 1)
    blocks = BlockStore()
    for _ in range(2):
        save(accepted(new_exchange()), blocks=blocks)
    assert Block.objects.count() == 2
    assert {entry.body(BodyKind.REQUEST) for entry in Entry.objects.all()} == {REQUEST}


def test_many_new_blocks_at_once_are_stored() -> None:
    said = [{"role": "user", "content": [{"type": "text", "text": f"{number} " * 100}]} for number in range(1200)]
    request = json.dumps({"messages": said}).encode()
    save(accepted(new_exchange(), request=request))
    assert Block.objects.count() == 1200
    assert Entry.objects.get().body(BodyKind.REQUEST) == request


def test_values_that_no_column_takes_do_not_stop_the_log() -> None:
    exchange = new_exchange(method="M" * 500, path="/\0\ud800", message_count=2**80, overhead_ms=float("nan"))
    save(Record(RecordKind.ACCEPTED, exchange, request=b"x"))
    entry = Entry.objects.get()
    assert (entry.method, entry.path, entry.message_count) == ("M" * 16, "/\ufffd\ufffd", None)


def test_one_record_that_the_database_refuses_is_stored_without_its_details(caplog: pytest.LogCaptureFixture) -> None:
    good, bad = new_exchange(), new_exchange()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON requestlog_entry WHEN NEW.method = 'BAD' "
            "BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        )
    with caplog.at_level(logging.ERROR):
        save(Record(RecordKind.ACCEPTED, new_exchange(id=bad.id, method="BAD"), request=REQUEST), accepted(good))
    entry = Entry.objects.get(pk=bad.id)
    assert (entry.outcome, entry.error_type, entry.bodies) == (Outcome.IN_FLIGHT, "not_storable", NOT_KEPT)
    assert "not this one" in entry.error_message
    assert Entry.objects.get(pk=good.id).body(BodyKind.REQUEST) == REQUEST
    assert str(bad.id) in caplog.text


def test_a_digester_that_breaks_its_promise_costs_only_the_digest(caplog: pytest.LogCaptureFixture) -> None:
    def broken(exchange: Exchange, response: bytes) -> ResponseDigest:
        raise KeyError("usage")

    save(ended(new_exchange()), digester=broken)
    assert Entry.objects.get().body(BodyKind.RESPONSE) == RESPONSE
    assert "could not be read" in caplog.text


def test_partial_indexes_are_used() -> None:
    in_flight = Entry.objects.in_flight().filter(journal="j").order_by().values_list("worker").explain()
    with_bodies = Entry.objects.with_bodies().order_by("id").values_list("id").explain()
    assert "entry_in_flight" in in_flight
    assert "entry_with_bodies" in with_bodies
