"""Arguments of tool calls: empty, wrapped, cut off, or no object at all."""

from __future__ import annotations

import pytest

from tests.providers.protocol.chat.answers.answering import (
    arguments,
    call,
    finished,
)
from tests.providers.protocol.chat.answers.calling import READ, calls_of, one


@pytest.mark.parametrize("text", ["", " ", "null", "{}", " {} ", '"{}"', '""', '"null"'])
def test_no_arguments_are_an_empty_input(text: str) -> None:
    answer = one(text)
    assert calls_of(answer) == [("Read", {})]
    assert answer.outline == ["begin tool_use Read call_1", "input_json: {}", "close", "end tool_use"]
    assert answer.notes == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(' \n{"path":"a"}', id="space before"),
        pytest.param('{"path":"a"}\n ', id="space after"),
        pytest.param('"{\\"path\\":\\"a\\"}"', id="JSON in a JSON text"),
        pytest.param('"\\"{\\\\\\"path\\\\\\":\\\\\\"a\\\\\\"}\\""', id="JSON in a JSON text in a JSON text"),
    ],
)
def test_arguments_are_unwrapped(text: str) -> None:
    assert calls_of(one(text)) == [("Read", {"path": "a"})]
    pieces = [text[place : place + 3] for place in range(0, len(text), 3)]
    assert calls_of(finished(call(READ), *map(arguments, pieces))) == [("Read", {"path": "a"})]


@pytest.mark.parametrize("text", ["[1, 2]", "ls -l", "5", '"ls"', "true", '"{broken"', '"ls'])
def test_arguments_that_are_no_object_are_kept_as_a_field(text: str) -> None:
    answer = one(text)
    assert calls_of(answer) == [("Read", {"unparsed_arguments": text})]
    assert answer.notes == [
        "The arguments of the tool call Read are not a JSON object and became the field unparsed_arguments."
    ]


def test_arguments_that_were_cut_off_go_out_as_they_are_with_a_note() -> None:
    answer = finished(call(READ), arguments('{"path": "a'))
    assert answer.outline[1:3] == ['input_json: {"path": "a', "close"]
    assert answer.notes == ["The arguments of the tool call Read are not a complete JSON object."]


def test_other_arguments_after_complete_ones_are_left_out_with_a_note() -> None:
    answer = finished(call(READ), arguments('{"path":"a"}'), arguments('{"path":"b"}'))
    assert calls_of(answer) == [("Read", {"path": "a"})]
    assert answer.notes == ["The arguments of the tool call Read had more text after their end, which was left out."]


def test_a_brace_inside_a_text_ends_nothing() -> None:
    answer = finished(call(READ), arguments('{"path":"{a}'), arguments('{b}"}'))
    assert calls_of(answer) == [("Read", {"path": "{a}{b}"})]


def test_characters_beyond_ascii_stay_what_they_are() -> None:
    answer = finished(call(READ), arguments('{"path":"日'), arguments('本😀\u2028"}'))
    assert calls_of(answer) == [("Read", {"path": "日本😀\u2028"})]
