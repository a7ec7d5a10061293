from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.requestlog.hostile import hostile_exchange
from tests.requestlog.pages import LIST, page_at
from tests.support.log_entries import (
    message_response,
    messages_request,
    store_exchange,
)

pytestmark = pytest.mark.django_db


def test_hostile_text_is_inert_everywhere(admin_client: Client) -> None:
    entry = hostile_exchange()
    for url in (LIST, entry.get_absolute_url()):
        page = page_at(admin_client, url)
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
def test_the_page_stays_small_whatever_the_bodies_hold(admin_client: Client, content: Any) -> None:
    message = {"role": "user", "content": content}
    tools = [{"name": "<" * 500, "description": "<" * 9000, "input_schema": {"<" * 99: "<" * 9000}}] * 300
    body = messages_request(*([message] * (1 if isinstance(content, str) else 3)), tools=tools)
    answer = message_response(*(content if isinstance(content, list) else [content]))
    headers = [("<" * 300, "<" * 9000)] * 300
    every_header = {"request_headers": headers, "sent_headers": headers, "response_headers": headers}
    entry = store_exchange(request=body, sent=body, message=answer, response=b"<" * 9_000_000, **every_header)
    assert len(admin_client.get(entry.get_absolute_url()).content) < 2_000_000


def test_a_body_past_the_parse_limit_is_shown_as_text(admin_client: Client) -> None:
    entry = store_exchange(request=b'{"messages": ["' + b"x" * 17_000_000 + b'"]}')
    page = page_at(admin_client, entry.get_absolute_url())
    assert "too long to be taken apart" in page
    assert "{&quot;messages&quot;: [&quot;xxx" in page
