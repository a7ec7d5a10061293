"""The messages of a conversation: what becomes of each role, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from providers.protocol.chat.capabilities import Capabilities
from tests.providers.protocol.chat.requests.converting import (
    assistant,
    chat_messages,
    image,
    image_part,
    notes,
    refusal,
    text,
    tool_result,
    tool_use,
    user,
)

MID_SYSTEM = Capabilities(mid_conversation_system=True)


def system(content: Any) -> dict[str, Any]:
    return {"role": "system", "content": content}


def test_texts_of_one_message_are_one_string_with_blank_lines_between_them() -> None:
    assert chat_messages([user("one", "two"), assistant("three"), {"role": "user", "content": "four"}]) == [
        {"role": "user", "content": "one\n\ntwo"},
        {"role": "assistant", "content": "three"},
        {"role": "user", "content": "four"},
    ]


def test_a_text_beside_an_image_stays_a_part_of_its_own_in_its_place() -> None:
    assert chat_messages([user("before", image(), "after")]) == [
        {"role": "user", "content": [text("before"), image_part(), text("after")]}
    ]


def test_messages_of_one_role_in_a_row_become_one() -> None:
    messages = [user("one"), user("two"), assistant("three"), assistant("four"), user("five")]
    assert chat_messages(messages) == [
        {"role": "user", "content": "one\n\ntwo"},
        {"role": "assistant", "content": "three\n\nfour"},
        {"role": "user", "content": "five"},
    ]


def test_a_system_message_in_mid_conversation_becomes_a_reminder_in_its_place() -> None:
    assert chat_messages([user("one"), system("Mind the gap."), user("two")]) == [
        {"role": "user", "content": "one\n\n<system-reminder>\nMind the gap.\n</system-reminder>\n\ntwo"}
    ]


def test_a_reminder_that_is_marked_as_one_is_not_marked_again() -> None:
    reminder = "<system-reminder>Mind the gap.</system-reminder>"
    assert chat_messages([user("one"), system([text(reminder)])]) == [{"role": "user", "content": f"one\n\n{reminder}"}]


def test_a_system_message_stays_one_where_the_provider_takes_it() -> None:
    assert chat_messages([user("one"), system([text("a"), text("b")]), user("two")], MID_SYSTEM) == [
        {"role": "user", "content": "one"},
        {"role": "system", "content": "a\n\nb"},
        {"role": "user", "content": "two"},
    ]


@pytest.mark.parametrize("capabilities", [Capabilities(), MID_SYSTEM])
def test_a_system_message_between_a_call_and_its_result_goes_behind_the_result(capabilities: Capabilities) -> None:
    messages = [user("Go."), assistant(tool_use("t1")), system("Mind."), user(tool_result("t1", "one"))]
    roles = [message["role"] for message in chat_messages(messages, capabilities)]
    assert roles == ["user", "assistant", "tool", "system" if capabilities.mid_conversation_system else "user"]


def test_images_of_results_come_before_a_system_message() -> None:
    messages = [user("Go."), assistant(tool_use("t1")), system("Mind."), user(tool_result("t1", image()))]
    assert [message["role"] for message in chat_messages(messages, MID_SYSTEM)] == [
        "user",
        "assistant",
        "tool",
        "user",
        "system",
    ]


@pytest.mark.parametrize("empty", [user(""), user(" \n"), user(), {"role": "user", "content": ""}, system(None)])
def test_messages_without_content_vanish(empty: dict[str, Any]) -> None:
    assert chat_messages([user("one"), assistant("two"), empty, assistant("three"), user("four")]) == [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "two\n\nthree"},
        {"role": "user", "content": "four"},
    ]


def test_a_prefill_stays_the_last_message_and_is_mentioned_when_the_model_thinks() -> None:
    messages = [user("Write JSON."), assistant("{")]
    assert chat_messages(messages)[-1] == {"role": "assistant", "content": "{"}
    assert notes(messages=messages) == ()
    told = notes(messages=messages, thinking={"type": "adaptive"})
    assert "the last message is the assistant's: a model that thinks may refuse it or begin anew" in told


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([], "messages: at least one message is required"),
        (None, "messages: Field required"),
        ("hello", "messages: Input should be a valid list"),
        ([5], "messages.0: Input should be a valid dictionary"),
        ([{"content": "x"}], "messages.0.role: Field required"),
        ([{"role": "user"}], "messages.0.content: Field required"),
        ([{"role": "user", "content": 5}], "messages.0.content: Input should be a valid string or list"),
        ([{"role": "user", "content": ["x"]}], "messages.0.content.0: Input should be a valid dictionary"),
        ([{"role": "tool", "content": "x"}], "messages.0.role: Input should be 'user', 'assistant' or 'system'"),
        ([user("")], "messages: at least one message must have content"),
        ([user({"type": "tool_result"})], "messages.0.content.0.tool_use_id: Field required"),
        ([user(tool_use("t1"))], "messages.0.content.0: `tool_use` blocks can only be in `assistant` messages"),
        ([assistant({"type": "tool_use", "id": "t"})], "messages.0.content.0.name: Field required"),
        (
            [assistant({"type": "tool_use", "id": "t", "name": "n", "input": "x"})],
            "messages.0.content.0.input: Input should be a valid dictionary",
        ),
        (
            [user("x"), assistant(tool_result("t", "x"))],
            "messages.1.content.0: `tool_result` blocks can only stand directly in `user` messages",
        ),
    ],
)
def test_what_is_no_conversation_is_refused_with_its_place(messages: Any, words: str) -> None:
    assert refusal(messages=messages) == words
