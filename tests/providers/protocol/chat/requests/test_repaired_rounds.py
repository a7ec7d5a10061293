"""Calls and results that do not fit each other are repaired, and nothing that was said is lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.protocol.chat.requests.converting import (
    assistant,
    called,
    chat_messages,
    converted,
    image,
    image_part,
    notes,
    text,
    tool_message,
    tool_result,
    tool_use,
    user,
)


def test_a_result_without_a_call_becomes_a_text_of_the_user_with_its_images() -> None:
    messages = [user("Hello", tool_result("gone", text("late result"), image()))]
    assert chat_messages(messages) == [
        {
            "role": "user",
            "content": [text("Hello"), text("[result of the tool call gone]\nlate result"), image_part()],
        }
    ]
    assert notes(messages=messages) == (
        "messages.0.content.1: no call gone stands before this result: sent as a user's text",
    )


def test_a_result_that_comes_after_the_assistant_spoke_again_is_no_result_any_more() -> None:
    messages = [user("Go."), assistant(tool_use("t1")), user("no"), assistant("Well."), user(tool_result("t1", "late"))]
    assert chat_messages(messages)[2:] == [
        tool_message("t1", "(no result: the call was interrupted)"),
        {"role": "user", "content": "no"},
        {"role": "assistant", "content": "Well."},
        {"role": "user", "content": "[result of the tool call t1]\nlate"},
    ]


@pytest.mark.parametrize("rest", [[], [user("Stop.")], [assistant(), user("Stop.")]])
def test_a_call_without_a_result_gets_one_that_says_so(rest: list[dict[str, Any]]) -> None:
    messages = [user("Go."), assistant(tool_use("t1")), *rest]
    assert chat_messages(messages)[1:3] == [
        {"role": "assistant", "content": None, "tool_calls": [called("t1")]},
        tool_message("t1", "(no result: the call was interrupted)"),
    ]
    assert notes(messages=messages) == ("tool call t1 has no result: one that says so is added",)


def test_several_results_for_one_call_become_one() -> None:
    messages = [
        user("Go."),
        assistant(tool_use("t1")),
        user(tool_result("t1", "one"), tool_result("t1", "two", is_error=True)),
    ]
    assert chat_messages(messages)[2:] == [tool_message("t1", "one\n\nError: two")]
    assert notes(messages=messages) == ("tool call t1 has 2 results: sent as one",)


def test_an_id_that_is_used_again_is_changed_with_its_result() -> None:
    messages = [
        user("Go."),
        assistant(tool_use("t1")),
        user(tool_result("t1", "one")),
        assistant(tool_use("t1", path="b")),
        user(tool_result("t1", "two")),
    ]
    assert chat_messages(messages)[3:] == [
        {"role": "assistant", "content": None, "tool_calls": [called("t1_1", arguments='{"path":"b"}')]},
        tool_message("t1_1", "two"),
    ]
    assert converted(messages=messages).context.used_tool_ids == {"t1", "t1_1"}


def test_a_changed_id_is_one_that_no_other_call_has() -> None:
    calls = [assistant(tool_use("t1_2"), tool_use("t1"), tool_use("t1"))]
    (message, *_) = chat_messages(calls)
    assert [call["id"] for call in message["tool_calls"]] == ["t1_2", "t1", "t1_3"]


def test_two_calls_of_one_message_with_the_same_id_get_a_result_each() -> None:
    messages = [
        user("Go."),
        assistant(tool_use("t1"), tool_use("t1", path="b")),
        user(tool_result("t1", "one"), tool_result("t1", "two")),
    ]
    assert chat_messages(messages)[2:] == [tool_message("t1", "one"), tool_message("t1_1", "two")]
