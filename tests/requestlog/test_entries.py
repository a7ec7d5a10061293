from __future__ import annotations

from typing import Any

import pytest

from requestlog.digest import ResponseDigest
from requestlog.drafts import Draft
from requestlog.entries import complete_with_digest, minimal_row_of, row_of
from requestlog.exchange import Attempt, Outcome
from requestlog.models import Entry
from tests.requestlog.exchanges import finished, new_exchange

COLUMNS = {column.attname for column in Entry._meta.concrete_fields}


def test_a_row_has_a_value_for_each_column() -> None:
    draft = Draft(finished(new_exchange(attempts=[Attempt("p", "m", 1.0, 2.0)])), "worker")
    row = row_of(draft, "journal")
    assert set(row) == COLUMNS
    assert row["attempts"][0]["provider"] == "p"
    assert set(minimal_row_of(draft, "journal", "why")) == COLUMNS


@pytest.mark.parametrize(
    "digest",
    [ResponseDigest(complete=False), ResponseDigest(error_type="overloaded_error", error_message="busy")],
    ids=["cut off", "error event"],
)
def test_a_delivered_response_that_is_no_answer_is_a_failure_of_the_upstream(digest: ResponseDigest) -> None:
    exchange = finished(new_exchange())
    complete_with_digest(exchange, digest)
    assert exchange.outcome is Outcome.UPSTREAM_FAILED
    assert exchange.error_type == (digest.error_type or "incomplete_response")
    assert exchange.error_message


@pytest.mark.parametrize("outcome", [Outcome.CLIENT_LEFT, Outcome.REJECTED, Outcome.INTERRUPTED])
def test_an_outcome_that_the_gateway_knows_stays(outcome: Outcome) -> None:
    exchange = finished(new_exchange(), outcome)
    complete_with_digest(exchange, ResponseDigest(complete=False))
    assert exchange.outcome is outcome


def test_an_error_status_was_judged_by_the_gateway() -> None:
    exchange = finished(new_exchange(), Outcome.COMPLETED, status=404)
    complete_with_digest(exchange, ResponseDigest(complete=False, error_type="not_found_error", error_message="no"))
    assert (exchange.outcome, exchange.error_type) == (Outcome.COMPLETED, "not_found_error")


def test_an_error_that_the_gateway_noted_is_not_overwritten() -> None:
    exchange = finished(new_exchange(error_message="the connection broke"), Outcome.UPSTREAM_FAILED, status=502)
    complete_with_digest(exchange, ResponseDigest(error_type="api_error", error_message="another"))
    assert (exchange.error_type, exchange.error_message) == ("", "the connection broke")


def test_what_the_response_told_fills_the_row() -> None:
    digest = ResponseDigest(
        input_tokens=3, cache_write_1h_tokens=4, stop_reason="tool_use", tools_called=("Bash", "Read")
    )
    row: dict[str, Any] = row_of(Draft(finished(new_exchange()), "w", digest=digest), "j")
    assert (row["input_tokens"], row["cache_write_1h_tokens"], row["output_tokens"]) == (3, 4, None)
    assert (row["stop_reason"], row["tools_called"]) == ("tool_use", ["Bash", "Read"])


def test_a_moment_that_is_none_does_not_cost_the_entry() -> None:
    exchange = new_exchange(received_at=1e30)
    assert row_of(Draft(exchange, "w"), "j")["received_at"].timestamp() * 1000 == pytest.approx(exchange.id.int >> 80)
