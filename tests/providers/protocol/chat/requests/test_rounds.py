"""Calls and their results: their order, and what stands behind them."""

from __future__ import annotations

from providers.protocol.chat.capabilities import Capabilities
from tests.providers.protocol.chat.requests.converting import (
    assistant,
    called,
    chat_messages,
    image,
    image_part,
    notes,
    text,
    tool_message,
    tool_result,
    tool_use,
    user,
)


def test_a_turn_with_tools() -> None:
    messages = [
        user("Look."),
        assistant("I will.", tool_use("t1", path="a"), tool_use("t2", "Bash", command="ls")),
        user(tool_result("t1", "content of a"), tool_result("t2", text("b"), text("c"))),
        assistant("Done."),
    ]
    assert chat_messages(messages) == [
        {"role": "user", "content": "Look."},
        {
            "role": "assistant",
            "content": "I will.",
            "tool_calls": [called("t1", "Read", '{"path":"a"}'), called("t2", "Bash", '{"command":"ls"}')],
        },
        tool_message("t1", "content of a"),
        tool_message("t2", "b\n\nc"),
        {"role": "assistant", "content": "Done."},
    ]


def test_results_stand_in_the_order_of_their_calls() -> None:
    messages = [
        user("Look."),
        assistant(tool_use("t1"), tool_use("t2")),
        user(tool_result("t2", "second"), tool_result("t1", "first")),
    ]
    assert chat_messages(messages)[2:] == [tool_message("t1", "first"), tool_message("t2", "second")]


def test_results_in_several_user_messages_belong_to_one_turn() -> None:
    messages = [
        user("Look."),
        assistant(tool_use("t1"), tool_use("t2")),
        user(tool_result("t1", "first")),
        user("and this", tool_result("t2", "second")),
    ]
    assert chat_messages(messages)[2:] == [
        tool_message("t1", "first"),
        tool_message("t2", "second"),
        {"role": "user", "content": "and this"},
    ]


def test_text_beside_results_goes_behind_them() -> None:
    messages = [user("Look."), assistant(tool_use("t1")), user("before", tool_result("t1", "result"), "after")]
    assert chat_messages(messages)[2:] == [
        tool_message("t1", "result"),
        {"role": "user", "content": "before\n\nafter"},
    ]


def test_the_assistant_nods_where_no_user_may_speak_right_after_a_result() -> None:
    nodding = Capabilities(user_after_tool=False)
    said = [user("Look."), assistant(tool_use("t1")), user(tool_result("t1", "result"), "after")]
    assert [message["role"] for message in chat_messages(said, nodding)] == [
        "user",
        "assistant",
        "tool",
        "assistant",
        "user",
    ]
    silent = [*said[:2], user(tool_result("t1", "result"))]
    assert [message["role"] for message in chat_messages(silent, nodding)] == ["user", "assistant", "tool"]


def test_images_of_results_follow_all_results_with_a_word_on_where_they_are_from() -> None:
    messages = [
        user("Look."),
        assistant(tool_use("t1"), tool_use("t2", "Shot")),
        user(tool_result("t1", text("a picture"), image("QQ==")), tool_result("t2", image("Qg==")), "What is it?"),
    ]
    assert chat_messages(messages)[2:] == [
        tool_message("t1", "a picture"),
        tool_message("t2", "(see the next message)"),
        {
            "role": "user",
            "content": [
                text("From the result of the tool call t1 (Read):"),
                image_part("QQ=="),
                text("From the result of the tool call t2 (Shot):"),
                image_part("Qg=="),
                text("What is it?"),
            ],
        },
    ]


def test_calls_of_assistant_messages_in_a_row_are_of_one_turn() -> None:
    messages = [
        user("Go."),
        assistant(tool_use("t1")),
        assistant("and", tool_use("t2")),
        user(tool_result("t1", "one"), tool_result("t2", "two")),
    ]
    assert chat_messages(messages)[1:] == [
        {"role": "assistant", "content": "and", "tool_calls": [called("t1"), called("t2")]},
        tool_message("t1", "one"),
        tool_message("t2", "two"),
    ]


def test_calls_and_results_are_told_in_words_to_a_model_without_tools() -> None:
    messages = [user("Go."), assistant("I will.", tool_use("t1", path="a")), user(tool_result("t1", "content"))]
    assert chat_messages(messages, Capabilities(tools=False)) == [
        {"role": "user", "content": "Go."},
        {"role": "assistant", "content": 'I will.\n\n[called the tool Read (t1): {"path":"a"}]'},
        {"role": "user", "content": "[result of the tool call t1]\ncontent"},
    ]
    assert notes(Capabilities(tools=False), messages=messages) == (
        "tool calls and results of the history are sent as text: this model takes no tools",
    )
