from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from requestlog.exchange import BodiesState, Outcome
from requestlog.models import Block, Body, BodyKind, Entry
from tests.requestlog.pages import LIST, page_at
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


def test_the_detail_shows_the_whole_exchange(admin_client: Client) -> None:
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
    page = page_at(admin_client, entry.get_absolute_url())
    for text in (
        *("garden planner", "Look at the plan.", f"data:image/png;base64,{PIXEL}", "Runs a command", "max_tokens"),
        *("Beans fear frost.", "toolu_7", "&quot;path&quot;: &quot;beds.py&quot;", "event: message_stop"),
        *("23,456", "+610 ms", "0.42 ms", "rule 3: reviews are cheap", "812 ms", "529"),
        *("x-app", "[redacted 01020304]", "req_0123"),
    ):
        assert text in page, text


def test_a_converted_exchange_shows_what_was_changed_and_the_providers_side(admin_client: Client) -> None:
    entry = store_exchange(
        request=messages_request(),
        sent={"model": "gpt-test", "messages": [{"role": "user", "content": "When do I sow the beans?"}]},
        received=b'data: {"choices":[{"delta":{"content":"In May."}}]}\n\ndata: [DONE]\n\n',
        message=message_response(),
        conversion_notes=["top_k is not supported", "n" * 5000, *map(str, range(150))],
    )
    page = page_at(admin_client, entry.get_absolute_url())
    for text in (
        *("What the conversion changed", "top_k is not supported", "5,000 characters in all", "52 more not shown"),
        *('href="#raw-sent"', 'id="raw-sent"', 'href="#raw-received"', 'id="raw-received"'),
        *("Response as received from the provider", "&quot;model&quot;: &quot;gpt-test&quot;", "data: [DONE]"),
    ):
        assert text in page, text


def test_a_conversion_that_changed_nothing_says_so(admin_client: Client) -> None:
    entry = store_exchange(sent={"model": "m"}, received={"choices": []})
    page = page_at(admin_client, entry.get_absolute_url())
    assert "all that was asked for was sent" in page
    assert "&quot;choices&quot;: []" in page


def test_an_exchange_that_was_not_converted_says_nothing_of_it(admin_client: Client) -> None:
    assert "conversion" not in page_at(admin_client, store_exchange(sent={"model": "m"}).get_absolute_url())


@pytest.mark.parametrize("stored", [{"a": 1}, "text", [None, 5, ["x"]]])
def test_notes_of_another_shape_are_shown_all_the_same(admin_client: Client, stored: Any) -> None:
    entry = store_exchange(conversion_notes=stored)
    assert "What the conversion changed" in page_at(admin_client, entry.get_absolute_url())


@pytest.mark.parametrize("url", ["list", "detail"])
def test_estimated_tokens_are_marked(admin_client: Client, url: str) -> None:
    exact, estimated = store_exchange(), store_exchange(usage_is_estimate=True, output_tokens=None)
    pages = {
        "list": lambda entry: page_at(admin_client, LIST),
        "detail": lambda entry: page_at(admin_client, entry.get_absolute_url()),
    }
    assert "≈</span>12<" in pages[url](estimated).replace("\n", "")
    assert "≈</span>–" not in pages[url](estimated)
    assert "≈" not in page_at(admin_client, exact.get_absolute_url())


def test_the_detail_links_to_its_neighbours_in_the_session(admin_client: Client) -> None:
    first, _other, second, third = Entry.objects.bulk_create(
        [
            entry_at(NOON, session_id="s1"),
            entry_at(NOON, session_id="s2"),
            entry_at(NOON, session_id="s1"),
            entry_at(NOON, session_id="s1"),
        ]
    )
    context = admin_client.get(second.get_absolute_url()).context
    assert (context["older"], context["newer"]) == (first.pk, third.pk)


def test_exchanges_without_a_session_have_no_neighbours(admin_client: Client) -> None:
    entries = store_entries(3, session_id="")
    context = admin_client.get(entries[1].get_absolute_url()).context
    assert (context["older"], context["newer"]) == (None, None)


def test_an_exchange_that_is_not_in_the_log_is_not_found(admin_client: Client) -> None:
    assert admin_client.get(reverse("requestlog:detail", args=[id_at(NOON)])).status_code == 404
    assert admin_client.get("/log/not-an-id/").status_code == 404


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"outcome": Outcome.IN_FLIGHT.value, "status": None, "finished_at": None}, "Still in flight"),
        ({"bodies": BodiesState.NOT_KEPT.value}, "Bodies were not kept"),
        ({"bodies": BodiesState.PRUNED.value}, "were deleted when their time was up"),
        ({"outcome": Outcome.REJECTED.value}, "The log holds no body of a response."),
    ],
)
def test_a_missing_body_is_explained(admin_client: Client, columns: dict[str, Any], words: str) -> None:
    assert words in page_at(admin_client, store_exchange(**columns).get_absolute_url())


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
    admin_client: Client, request_body: bytes, words: str
) -> None:
    assert words in page_at(admin_client, store_exchange(request=request_body).get_absolute_url())


def test_lost_blocks_are_said_in_words_and_the_rest_is_shown(admin_client: Client) -> None:
    entry = store_exchange(
        request=messages_request({"role": "user", "content": "long " * 100}), message=message_response()
    )
    Block.objects.all().delete()
    page = page_at(admin_client, entry.get_absolute_url())
    assert "The request as received cannot be read: the log has lost the blocks" in page
    assert "After the last frost" in page


@pytest.mark.parametrize("damaged", [b"", b"no zstandard", b"\x28\xb5\x2f\xfd broken"])
def test_a_damaged_body_is_said_in_words(admin_client: Client, damaged: bytes) -> None:
    entry = store_exchange(request={"model": "m"})
    Body.objects.update(pieces=damaged)
    assert "The request as received cannot be read" in page_at(admin_client, entry.get_absolute_url())
    download = admin_client.get(reverse("requestlog:body", args=[entry.pk, "request"]))
    assert (download.status_code, download["Content-Type"]) == (410, "text/plain; charset=utf-8")


def test_a_compressed_response_is_decoded(admin_client: Client) -> None:
    entry = store_exchange(
        response=gzip.compress(b"event: message_start\n\n"), response_headers=[("Content-Encoding", "gzip")]
    )
    page = page_at(admin_client, entry.get_absolute_url())
    assert "event: message_start" in page
    assert "shown without its content encoding, gzip" in page


def test_a_compressed_response_that_is_damaged_is_said_in_words(admin_client: Client) -> None:
    entry = store_exchange(response=b"not gzip", response_headers=[("content-encoding", "gzip")])
    assert "The body is not valid gzip" in page_at(admin_client, entry.get_absolute_url())


def test_a_kind_of_body_from_a_later_version_is_passed_over(admin_client: Client) -> None:
    entry = store_exchange(request=messages_request())
    Body.objects.create(entry=entry, kind="hologram", size=1, pieces=b"x")
    assert "When do I sow the beans?" in page_at(admin_client, entry.get_absolute_url())


@pytest.mark.parametrize("kind", list(BodyKind))
@pytest.mark.parametrize(
    "content", [b"null", b"[[1, 2, 3], 4, [null, {}]]", b'{"content": null, "messages": 7}', b"[" * 9999]
)
def test_no_shape_of_any_body_breaks_the_page(admin_client: Client, kind: BodyKind, content: bytes) -> None:
    entry = store_exchange()
    store_body(entry, kind, content)
    assert kind.label.capitalize() in page_at(admin_client, entry.get_absolute_url())


def test_the_detail_takes_few_queries(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    messages = [{"role": "user", "content": f"{number} " * 200} for number in range(60)]
    entry = store_exchange(
        request=messages_request(*messages), message=message_response(), request_headers=[("a", "b")]
    )
    with django_assert_max_num_queries(8):  # session, user, entry, bodies, blocks, two neighbours
        page_at(admin_client, entry.get_absolute_url())
