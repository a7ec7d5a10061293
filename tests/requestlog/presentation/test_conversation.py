from __future__ import annotations

from typing import Any

import pytest

from requestlog.presentation.conversation import Asked, read_request, read_response
from requestlog.presentation.text import Budget
from tests.support.log_entries import message_response, messages_request


def _read(request: Any, budget: int = 1_000_000) -> Asked:
    asked = read_request(request, Budget(budget))
    assert asked
    return asked


def _numbered(count: int) -> dict[str, Any]:
    return messages_request(*({"role": "user", "content": f"message {number}"} for number in range(1, count + 1)))


def test_a_request_is_taken_apart() -> None:
    asked = _read(messages_request())
    assert [message.summary for message in asked.latest] == ["When do I sow the beans?"]
    assert [tool.name for tool in asked.tools] == ["Bash", "Read"]
    assert asked.system
    assert len(asked.system.parts) == 2
    assert '"max_tokens": 32000' in asked.parameters.text
    assert "messages" not in asked.parameters.text


def test_the_last_two_messages_stand_apart_from_the_earlier_ones() -> None:
    asked = _read(_numbered(5))
    assert [message.number for message in asked.earlier] == [1, 2, 3]
    assert [message.number for message in asked.latest] == [4, 5]
    assert (asked.left_out, asked.gap_before, asked.earlier_count) == (0, 0, 3)


@pytest.mark.parametrize("count", [47, 48, 500])
def test_a_long_conversation_shows_its_beginning_and_its_end(count: int) -> None:
    asked = _read(_numbered(count))
    shown = [message.number for message in (*asked.earlier, *asked.latest)]
    assert shown == [*range(1, 6), *range(count - 41, count + 1)]
    assert asked.left_out == count - 47
    assert asked.gap_before == (count - 41 if count > 47 else 0)


def test_the_newest_messages_get_the_budget_first() -> None:
    asked = _read(_numbered(40) | {"system": "x" * 50_000}, budget=5_000)
    assert asked.latest[-1].summary == "message 40"
    assert asked.earlier[0].content.left_out == 1


@pytest.mark.parametrize(
    "request_body",
    [
        {},
        {"messages": "text", "tools": "text", "system": "text"},
        {"messages": [1, None, "x", []], "tools": [None, 3, {"type": "web_search_20250305"}], "system": {"a": 1}},
        {"messages": {"role": ["odd"], "content": {"deep": 1}}},
    ],
)
def test_no_shape_of_a_request_raises(request_body: Any) -> None:
    assert _read(request_body).left_out == 0


@pytest.mark.parametrize("request_body", [None, [], "text", 5])
def test_what_is_no_object_is_no_request(request_body: Any) -> None:
    assert read_request(request_body, Budget(1000)) is None
    assert read_response(request_body, Budget(1000)) is None


def test_a_response_is_its_content_and_the_rest() -> None:
    answered = read_response(message_response(), Budget(10_000))
    assert answered
    assert answered.content
    assert answered.content.parts[0].summary == "After the last frost, in May."
    assert '"stop_reason": "end_turn"' in answered.rest.text


def test_an_error_body_is_all_rest() -> None:
    answered = read_response({"type": "error", "error": {"type": "overloaded_error"}}, Budget(10_000))
    assert answered
    assert answered.content is None
    assert "overloaded_error" in answered.rest.text
