from __future__ import annotations

import gzip
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from requestlog.exchange import BodiesState, Outcome
from requestlog.models import Block, Body, BodyKind, Entry
from tests.requestlog.hostile import HOSTILE, hostile_exchange
from tests.support.log_entries import (
    NOON,
    PIXEL,
    entry_at,
    id_at,
    message_response,
    messages_request,
    store_body,
    store_entries,
    store_exchange,
)

pytestmark = pytest.mark.django_db

LIST = "/log/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_user("ada", is_staff=True))
    return client


def _page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def _urls(entry: Entry) -> list[str]:
    return [LIST, entry.get_absolute_url(), reverse("requestlog:body", args=[entry.pk, "request"])]


# Access ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", range(3))
def test_a_stranger_is_sent_to_the_login(client: Client, page: int) -> None:
    url = _urls(store_exchange(request={}))[page]
    response = client.get(url)
    assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={url}")


@pytest.mark.parametrize("page", range(3))
def test_a_user_who_is_not_staff_is_refused(client: Client, page: int) -> None:
    client.force_login(User.objects.create_user("bob"))
    assert client.get(_urls(store_exchange(request={}))[page]).status_code == 403


@pytest.mark.parametrize("page", range(3))
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_the_log_is_for_reading_only(staff: Client, page: int, method: str) -> None:
    assert getattr(staff, method)(_urls(store_exchange(request={}))[page]).status_code == 405


@pytest.mark.parametrize("page", range(3))
def test_pages_allow_no_script_and_are_not_cached(staff: Client, page: int) -> None:
    response = staff.get(_urls(store_exchange(request={}))[page])
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe-inline" not in policy
    assert (response["X-Content-Type-Options"], response["Cache-Control"]) == ("nosniff", "no-store")


# The list ----------------------------------------------------------------------------------------------------------


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


def test_an_empty_log_tells_how_to_connect(staff: Client) -> None:
    assert "ANTHROPIC_BASE_URL=http://testserver claude" in _page(staff, LIST)


@pytest.mark.parametrize("count", [1, 50, 51, 100, 230])
def test_paging_back_shows_every_entry_once_while_new_ones_come_in(staff: Client, count: int) -> None:
    expected = [entry.pk for entry in reversed(store_entries(count))]
    pages, _ = _walk(staff, "", "before", grow=True)
    assert [id for page in pages for id in page] == expected
    assert all(len(page) == 50 for page in pages[:-1])


def test_paging_forward_shows_every_entry_once_and_those_that_came_in(staff: Client) -> None:
    expected = [entry.pk for entry in store_entries(230)]
    back, oldest = _walk(staff, "", "before", grow=False)
    came = [entry.pk for entry in store_entries(70, NOON + timedelta(days=1))]
    _, query = _turn(staff, oldest, "after")
    forward, _ = _walk(staff, query, "after", grow=False)
    shown = [id for page in forward for id in reversed(page)]
    assert list(reversed(back[-1])) + shown == expected + came
    assert list(reversed(forward))[-4:] == back[-5:-1]


def test_the_newest_page_has_no_newer_and_the_oldest_no_older(staff: Client) -> None:
    store_entries(120)
    assert "Newer" not in _page(staff, LIST)
    _, oldest = _walk(staff, "", "before", grow=False)
    assert "Older" not in _page(staff, LIST + oldest)
    assert "Newer" in _page(staff, LIST + oldest)


@pytest.mark.parametrize(
    "query", ["?before=1", "?after=%00", "?before=", "?after=" + "9" * 5000, "?before='--", "?x=1"]
)
def test_an_id_that_is_none_shows_the_newest_page(staff: Client, query: str) -> None:
    newest = store_entries(60)[-1]
    ids, _ = _turn(staff, query, "after")
    assert ids[0] == newest.pk


def test_nothing_newer_shows_the_newest_page_and_nothing_older_says_so(staff: Client) -> None:
    entries = store_entries(3)
    assert len(_turn(staff, f"?after={entries[-1].pk}", "after")[0]) == 3
    assert "nothing older" in _page(staff, f"{LIST}?before={entries[0].pk}")


def test_the_list_reads_the_columns_that_it_shows_in_one_query(
    staff: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store_entries(120, error_message="x" * 1_000_000)
    with django_assert_num_queries(3) as queries:  # the session, the user, the page
        page = _page(staff, LIST)
    sql = queries.captured_queries[-1]["sql"]
    assert "COUNT" not in sql
    assert not any(
        f'"{column}"' in sql.partition("FROM")[0] for column in ("attempts", "user_agent", "decision_reason")
    )
    assert len(page) < 200_000


def test_a_row_shows_state_route_caller_tokens_and_times(staff: Client) -> None:
    store_exchange(routed_model="qwen3-coder", agent_id="a91c22f4be01", status=200, cache_read_tokens=1234567)
    page = _page(staff, LIST)
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


def test_a_row_in_flight_is_marked_and_one_that_failed_says_why(staff: Client) -> None:
    store_exchange(outcome=Outcome.IN_FLIGHT.value, status=None, finished_at=None)
    store_exchange(
        outcome=Outcome.UPSTREAM_FAILED.value, status=529, error_type="overloaded_error", error_message="too busy"
    )
    page = _page(staff, LIST)
    assert 'class="in-flight"' in page
    for text in ("in flight", "529 upstream failed", "overloaded_error", "too busy"):
        assert text in page, text


# One exchange ------------------------------------------------------------------------------------------------------


def test_the_detail_shows_the_whole_exchange(staff: Client) -> None:
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
    asked = messages_request({"role": "user", "content": [{"type": "text", "text": "Look at the plan."}, picture]})
    answer = message_response(
        {"type": "thinking", "thinking": "Beans fear frost."},
        {"type": "tool_use", "id": "toolu_7", "name": "Read", "input": {"path": "beds.py"}},
    )
    entry = store_exchange(
        request=asked,
        message=answer,
        response=b"event: message_stop\n\n",
        request_headers=[("x-app", "cli")],
        sent_headers=[("x-api-key", "[redacted 01020304]")],
        response_headers=[("request-id", "req_0123")],
        decision_reason="rule 3: reviews are cheap",
        attempts=[
            {"provider": "first", "model": "m", "started_at": NOON.timestamp(), "duration_ms": 812, "status": 529}
        ],
    )
    page = _page(staff, entry.get_absolute_url())
    for text in (
        *("garden planner", "Look at the plan.", f"data:image/png;base64,{PIXEL}", "Runs a command", "max_tokens"),
        *("Beans fear frost.", "toolu_7", "&quot;path&quot;: &quot;beds.py&quot;", "event: message_stop"),
        *("23,456", "+610 ms", "0.42 ms", "rule 3: reviews are cheap", "812 ms", "529"),
        *("x-app", "[redacted 01020304]", "req_0123"),
    ):
        assert text in page, text


def test_the_detail_links_to_its_neighbours_in_the_session(staff: Client) -> None:
    first, _other, second, third = Entry.objects.bulk_create(
        [
            entry_at(NOON, session_id="s1"),
            entry_at(NOON, session_id="s2"),
            entry_at(NOON, session_id="s1"),
            entry_at(NOON, session_id="s1"),
        ]
    )
    context = staff.get(second.get_absolute_url()).context
    assert (context["older"], context["newer"]) == (first.pk, third.pk)


def test_exchanges_without_a_session_have_no_neighbours(staff: Client) -> None:
    entries = store_entries(3, session_id="")
    context = staff.get(entries[1].get_absolute_url()).context
    assert (context["older"], context["newer"]) == (None, None)


def test_an_exchange_that_is_not_in_the_log_is_not_found(staff: Client) -> None:
    assert staff.get(reverse("requestlog:detail", args=[id_at(NOON)])).status_code == 404
    assert staff.get("/log/not-an-id/").status_code == 404


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"outcome": Outcome.IN_FLIGHT.value, "status": None, "finished_at": None}, "Still in flight"),
        ({"bodies": BodiesState.NOT_KEPT.value}, "Bodies were not kept"),
        ({"bodies": BodiesState.PRUNED.value}, "were deleted when their time was up"),
        ({"outcome": Outcome.REJECTED.value}, "The log holds no body of a response."),
    ],
)
def test_a_missing_body_is_explained(staff: Client, columns: dict[str, Any], words: str) -> None:
    assert words in _page(staff, store_exchange(**columns).get_absolute_url())


@pytest.mark.parametrize(
    ("request_body", "words"),
    [
        (b"{nope", "The body is not JSON"),
        (b'{"model": "\xff\xfe"}', "not valid UTF-8"),
        (b"", "The body is not JSON"),
        (b"[1, 2]", "no body of the Messages format"),
        (b'"text"', "no body of the Messages format"),
    ],
)
def test_a_request_that_cannot_be_taken_apart_is_shown_raw_with_the_reason(
    staff: Client, request_body: bytes, words: str
) -> None:
    assert words in _page(staff, store_exchange(request=request_body).get_absolute_url())


def test_lost_blocks_are_said_in_words_and_the_rest_is_shown(staff: Client) -> None:
    entry = store_exchange(
        request=messages_request({"role": "user", "content": "long " * 100}), message=message_response()
    )
    Block.objects.all().delete()
    page = _page(staff, entry.get_absolute_url())
    assert "The request as received cannot be read: the log has lost the blocks" in page
    assert "After the last frost" in page


@pytest.mark.parametrize("damaged", [b"", b"no zstandard", b"\x28\xb5\x2f\xfd broken"])
def test_a_damaged_body_is_said_in_words(staff: Client, damaged: bytes) -> None:
    entry = store_exchange(request={"model": "m"})
    Body.objects.update(pieces=damaged)
    assert "The request as received cannot be read" in _page(staff, entry.get_absolute_url())
    download = staff.get(reverse("requestlog:body", args=[entry.pk, "request"]))
    assert (download.status_code, download["Content-Type"]) == (410, "text/plain; charset=utf-8")


def test_a_compressed_response_is_decoded(staff: Client) -> None:
    entry = store_exchange(
        response=gzip.compress(b"event: message_start\n\n"), response_headers=[("Content-Encoding", "gzip")]
    )
    page = _page(staff, entry.get_absolute_url())
    assert "event: message_start" in page
    assert "shown without its content encoding, gzip" in page


def test_a_compressed_response_that_is_damaged_is_said_in_words(staff: Client) -> None:
    entry = store_exchange(response=b"not gzip", response_headers=[("content-encoding", "gzip")])
    assert "The body cannot be decoded as gzip" in _page(staff, entry.get_absolute_url())


def test_a_kind_of_body_from_a_later_version_is_passed_over(staff: Client) -> None:
    entry = store_exchange(request=messages_request())
    Body.objects.create(entry=entry, kind="hologram", size=1, pieces=b"x")
    assert "When do I sow the beans?" in _page(staff, entry.get_absolute_url())


@pytest.mark.parametrize("kind", list(BodyKind))
@pytest.mark.parametrize(
    "content", [b"null", b"[[1, 2, 3], 4, [null, {}]]", b'{"content": null, "messages": 7}', b"[" * 9999]
)
def test_no_shape_of_any_body_breaks_the_page(staff: Client, kind: BodyKind, content: bytes) -> None:
    entry = store_exchange()
    store_body(entry, kind, content)
    assert kind.label.capitalize() in _page(staff, entry.get_absolute_url())


def test_the_detail_takes_few_queries(staff: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    messages = [{"role": "user", "content": f"{number} " * 200} for number in range(60)]
    entry = store_exchange(
        request=messages_request(*messages), message=message_response(), request_headers=[("a", "b")]
    )
    with django_assert_max_num_queries(8):  # session, user, entry, bodies, blocks, two neighbours
        _page(staff, entry.get_absolute_url())


# Hostile text ------------------------------------------------------------------------------------------------------


def test_hostile_text_is_inert_everywhere(staff: Client) -> None:
    entry = hostile_exchange()
    for url in (LIST, entry.get_absolute_url()):
        page = _page(staff, url)
        assert "&lt;script&gt;executed=1" in page
        for danger in ("<script", "<img src=x", '" onmouseover', "' onmouseover", "\x1b", "\x00", "\u202e"):
            assert danger not in page, danger
        assert 'href="javascript' not in page


def _nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {"items": list(range(500))}
    for _ in range(depth):
        value = {"in": value}
    return value


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("x" * 5_000_000, id="one line of 5 MB"),
        pytest.param('"' * 1_000_000, id="quotation marks, six times as long as HTML"),
        pytest.param("\u202e" * 500_000, id="bidi controls"),
        pytest.param([{"type": "text", "text": "<" * 20_000}] * 500, id="many blocks"),
        pytest.param([{"type": "tool_use", "input": _nested(400)}] * 50, id="deep input"),
        pytest.param(
            [{"type": "tool_result", "content": [{"type": "tool_result", "content": [""] * 200}] * 200}] * 9, id="trees"
        ),
        pytest.param([{}] * 20_000, id="empty blocks"),
    ],
)
def test_the_page_stays_small_whatever_the_bodies_hold(staff: Client, content: Any) -> None:
    message = {"role": "user", "content": content}
    tools = [{"name": "<" * 500, "description": "<" * 9000, "input_schema": {"<" * 99: "<" * 9000}}] * 300
    body = messages_request(*([message] * (1 if isinstance(content, str) else 3)), tools=tools)
    answer = message_response(*(content if isinstance(content, list) else [content]))
    headers = [("<" * 300, "<" * 9000)] * 300
    every_header = {"request_headers": headers, "sent_headers": headers, "response_headers": headers}
    entry = store_exchange(request=body, sent=body, message=answer, response=b"<" * 9_000_000, **every_header)
    assert len(staff.get(entry.get_absolute_url()).content) < 2_000_000


def test_a_body_past_the_parse_limit_is_shown_as_text(staff: Client) -> None:
    entry = store_exchange(request=b'{"messages": ["' + b"x" * 17_000_000 + b'"]}')
    page = _page(staff, entry.get_absolute_url())
    assert "too long to be taken apart" in page
    assert "{&quot;messages&quot;: [&quot;xxx" in page


# Downloads ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"", HOSTILE.encode(), bytes(range(256)) * 100, b"<html><script>alert(1)</script>"]
)
@pytest.mark.parametrize("kind", ["request", "response"])
def test_a_download_has_the_exact_bytes_and_is_never_opened(staff: Client, kind: str, content: bytes) -> None:
    entry = store_exchange(**{kind: content}, response_headers=[("content-encoding", "gzip")])
    response = staff.get(reverse("requestlog:body", args=[entry.pk, kind]))
    assert response.content == content
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith(f'attachment; filename="{entry.pk}-{kind}.')
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_request_that_is_stored_in_blocks_is_downloaded_whole(staff: Client) -> None:
    messages = [{"role": "user", "content": [{"type": "text", "text": f"{number} " * 300}]} for number in range(50)]
    entry = store_exchange(request=messages_request(*messages))
    stored = entry.body(BodyKind.REQUEST)
    assert Block.objects.count() >= 50
    assert staff.get(reverse("requestlog:body", args=[entry.pk, "request"])).content == stored


@pytest.mark.parametrize("kind", ["response", "hologram", "request_headers"])
def test_a_body_that_is_not_stored_is_not_found(staff: Client, kind: str) -> None:
    entry = store_exchange(request={})
    assert staff.get(reverse("requestlog:body", args=[entry.pk, kind])).status_code == 404
