"""The messages of a conversation: their order, the pairs of calls and results, and what is repaired."""

from __future__ import annotations

from typing import Any

import pytest

from providers.protocol.chat.capabilities import Capabilities
from tests.providers.protocol.chat.requests.converting import (
    assistant,
    called,
    chat_messages,
    converted,
    image,
    image_part,
    notes,
    refusal,
    text,
    tool_message,
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
