from __future__ import annotations

import time

from requestlog.exchange import Exchange, Outcome, uuid7


def test_ids_are_version_7_of_the_standard_variant() -> None:
    made = uuid7()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"


def test_an_id_begins_with_the_milliseconds_of_its_making() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7().int >> 80
    assert before <= made <= time.time_ns() // 1_000_000


def test_an_id_made_later_sorts_later() -> None:
    ids = []
    for _ in range(200):
        ids.append(uuid7())
        reached = time.time_ns() + 1000  # ids tell moments apart from 1/4096 ms on
        while time.time_ns() < reached:
            pass
    assert ids == sorted(ids)
    assert [str(id) for id in ids] == sorted(str(id) for id in ids)


def test_ids_never_repeat() -> None:
    assert len({uuid7() for _ in range(20_000)}) == 20_000


def test_the_first_end_of_an_exchange_is_its_end() -> None:
    exchange = Exchange()
    exchange.finish(Outcome.CLIENT_LEFT)
    first_end = exchange.finished_at
    exchange.finish(Outcome.UPSTREAM_FAILED, "api_error", "the connection broke")
    assert (exchange.outcome, exchange.finished_at, exchange.error_type) == (Outcome.CLIENT_LEFT, first_end, "")


def test_an_error_noted_before_the_end_survives_an_end_without_one() -> None:
    exchange = Exchange(error_type="overloaded_error", error_message="busy")
    exchange.finish(Outcome.UPSTREAM_FAILED)
    assert (exchange.error_type, exchange.error_message) == ("overloaded_error", "busy")
