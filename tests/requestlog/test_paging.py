from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from requestlog.exchange import Outcome
from tests.requestlog.pages import LIST, page_at
from tests.support.log_entries import (
    NOON,
    store_entries,
    store_exchange,
)

pytestmark = pytest.mark.django_db


def _turn(client: Client, query: str, towards: str) -> tuple[list[uuid.UUID], str | None]:
    """The ids on a page, and the query of the next page in a direction."""
    page = client.get(LIST + query).context["page"]
    following = page.older if towards == "before" else page.newer
    return [row.id for row in page.rows], f"?{towards}={following}" if following else None


def _walk(client: Client, query: str | None, towards: str, *, grow: bool) -> tuple[list[list[uuid.UUID]], str]:
    """All pages in a direction, and the query of the last one; new entries may come in on each step."""
    pages, last = [], ""
    while query is not None:
        last = query
        ids, query = _turn(client, query, towards)
        pages.append(ids)
        if grow:
            store_entries(3, NOON + timedelta(days=len(pages)))
    return pages, last


def test_an_empty_log_tells_how_to_connect(admin_client: Client) -> None:
    assert "ANTHROPIC_BASE_URL=http://testserver claude" in page_at(admin_client, LIST)


@pytest.mark.parametrize("count", [1, 50, 51, 100, 230])
def test_paging_back_shows_every_entry_once_while_new_ones_come_in(admin_client: Client, count: int) -> None:
    expected = [entry.pk for entry in reversed(store_entries(count))]
    pages, _ = _walk(admin_client, "", "before", grow=True)
    assert [id for page in pages for id in page] == expected
    assert all(len(page) == 50 for page in pages[:-1])


def test_paging_forward_shows_every_entry_once_and_those_that_came_in(admin_client: Client) -> None:
    expected = [entry.pk for entry in store_entries(230)]
    back, oldest = _walk(admin_client, "", "before", grow=False)
    came = [entry.pk for entry in store_entries(70, NOON + timedelta(days=1))]
    _, query = _turn(admin_client, oldest, "after")
    forward, _ = _walk(admin_client, query, "after", grow=False)
    shown = [id for page in forward for id in reversed(page)]
    assert list(reversed(back[-1])) + shown == expected + came
    assert list(reversed(forward))[-4:] == back[-5:-1]


def test_the_newest_page_has_no_newer_and_the_oldest_no_older(admin_client: Client) -> None:
    store_entries(120)
    assert "Newer" not in page_at(admin_client, LIST)
    _, oldest = _walk(admin_client, "", "before", grow=False)
    assert "Older" not in page_at(admin_client, LIST + oldest)
    assert "Newer" in page_at(admin_client, LIST + oldest)


@pytest.mark.parametrize(
    "query", ["?before=1", "?after=%00", "?before=", "?after=" + "9" * 5000, "?before='--", "?x=1"]
)
def test_an_id_that_is_none_shows_the_newest_page(admin_client: Client, query: str) -> None:
    newest = store_entries(60)[-1]
    ids, _ = _turn(admin_client, query, "after")
    assert ids[0] == newest.pk


def test_nothing_newer_shows_the_newest_page_and_nothing_older_says_so(admin_client: Client) -> None:
    entries = store_entries(3)
    assert len(_turn(admin_client, f"?after={entries[-1].pk}", "after")[0]) == 3
    assert "nothing older" in page_at(admin_client, f"{LIST}?before={entries[0].pk}")


def test_the_list_reads_the_columns_that_it_shows_in_one_query(
    admin_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store_entries(120, error_message="x" * 1_000_000)
    with django_assert_num_queries(3) as queries:  # the session, the user, the page
        page = page_at(admin_client, LIST)
    sql = queries.captured_queries[-1]["sql"]
    assert "COUNT" not in sql
    assert not any(
        f'"{column}"' in sql.partition("FROM")[0] for column in ("attempts", "user_agent", "decision_reason")
    )
    assert len(page) < 200_000


def test_a_row_shows_state_route_caller_tokens_and_times(admin_client: Client) -> None:
    store_exchange(routed_model="qwen3-coder", agent_id="a91c22f4be01", status=200, cache_read_tokens=1234567)
    page = page_at(admin_client, LIST)
    for text in (
        "200",
        "claude-sonnet-5",
        "qwen3-coder",
        "4f1c0e5a",
        "agent a91c22f4",
        "1,234,567",
        "2.50 s",
        "610 ms",
        "end_turn",
    ):
        assert text in page, text


def test_a_row_in_flight_is_marked_and_one_that_failed_says_why(admin_client: Client) -> None:
    store_exchange(outcome=Outcome.IN_FLIGHT.value, status=None, finished_at=None)
    store_exchange(
        outcome=Outcome.UPSTREAM_FAILED.value, status=529, error_type="overloaded_error", error_message="too busy"
    )
    page = page_at(admin_client, LIST)
    assert 'class="in-flight"' in page
    for text in ("in flight", "529 upstream failed", "overloaded_error", "too busy"):
        assert text in page, text
