"""Several tool calls of one answer: told apart, in order, one block after the other."""

from __future__ import annotations

import pytest

from providers.protocol.chat.answers.stream import ChatStreamTranslator
from tests.providers.protocol.chat.answers.answering import (
    CONTEXT,
    arguments,
    call,
    delta,
    finished,
)
from tests.providers.protocol.chat.answers.calling import BASH_LS, BOTH, READ, READ_A, calls_of, ids_of, whole


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([call(f"{READ_A},{BASH_LS}")], id="both in one chunk"),
        pytest.param([call(READ_A), call(BASH_LS)], id="one after the other"),
        pytest.param([call(READ_A), call(BASH_LS.replace('"index":1', '"index":0'))], id="index always 0"),
        pytest.param(
            [
                call(READ),
                arguments('{"path":"a"}'),
                call('{"index":0,"id":"call_2","function":{"name":"Bash","arguments":""}}'),
                arguments('{"command":"ls"}'),
            ],
            id="index always 0, in pieces",
        ),
        pytest.param(
            [
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":""}}'),
                call('{"index":1,"id":"call_2","function":{"name":"Bash","arguments":""}}'),
                arguments('{"path"', 0),
                arguments('{"command"', 1),
                arguments(':"a"}', 0),
                arguments(':"ls"}', 1),
            ],
            id="interleaved",
        ),
        pytest.param(
            [
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":"{"}}'),
                call('{"index":0,"id":"call_2","function":{"name":"Bash","arguments":"{"}}'),
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":"\\"path\\":\\"a\\"}"}}'),
                call('{"index":0,"id":"call_2","function":{"name":"Bash","arguments":"\\"command\\":\\"ls\\"}"}}'),
            ],
            id="interleaved by their ids, index always 0",
        ),
        pytest.param(
            [call(whole("Read", '{"path":"a"}', id="call_1")), call(whole("Bash", '{"command":"ls"}', id="call_2"))],
            id="index missing",
        ),
        pytest.param(
            [call(whole("Read", '{"path":"a"}', id="call_1") + "," + whole("Bash", '{"command":"ls"}', id="call_2"))],
            id="index missing, in one chunk",
        ),
        pytest.param(
            [
                call('{"id":"call_1","function":{"name":"Read","arguments":"{\\"path\\":"}}'),
                call('{"function":{"arguments":"\\"a\\"}"}}'),
                call('{"id":"call_2","function":{"name":"Bash","arguments":"{\\"command\\":"}}'),
                call('{"function":{"arguments":"\\"ls\\"}"}}'),
            ],
            id="index missing, in pieces",
        ),
    ],
)
def test_two_calls_in_every_shape_are_the_same_two_calls(chunks: list[bytes]) -> None:
    answer = finished(*chunks)
    assert calls_of(answer) == BOTH
    assert ids_of(answer) == ["call_1", "call_2"]
    assert answer.notes == []


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([call(whole("Read", '{"path":"a"}')), call(whole("Bash", '{"command":"ls"}'))], id="neither"),
        pytest.param(
            [call(whole("Read", '{"path":"a"}') + "," + whole("Bash", '{"command":"ls"}'))], id="in one chunk"
        ),
        pytest.param(
            [call(whole("Read", '{"path":"a"}', index=0)), call(whole("Bash", '{"command":"ls"}', index=0))],
            id="index always 0",
        ),
        pytest.param(
            [
                call(whole("Read", '{"path":"a"}', index=0, id="")),
                call(whole("Bash", '{"command":"ls"}', index=1, id="")),
            ],
            id="empty ids",
        ),
    ],
)
def test_calls_without_ids_are_told_apart_and_get_ids(chunks: list[bytes]) -> None:
    answer = finished(*chunks)
    assert calls_of(answer) == BOTH
    assert ids_of(answer) == ["toolu_0123_1", "toolu_0123_2"]


def test_the_same_call_twice_in_one_chunk_is_two_calls() -> None:
    answer = finished(call(whole("Read", '{"path":"a"}') + "," + whole("Read", '{"path":"a"}')))
    assert calls_of(answer) == [BOTH[0], BOTH[0]]


def test_calls_of_one_tool_without_ids_are_told_apart_by_their_arguments() -> None:
    answer = finished(call(whole("Read", '{"path":"a"}', index=0)), call(whole("Read", '{"path":"b"}', index=0)))
    assert calls_of(answer) == [("Read", {"path": "a"}), ("Read", {"path": "b"})]


def test_calls_without_arguments_are_told_apart_by_their_names() -> None:
    answer = finished(call(whole("Read", "")), call(whole("Bash", "")))
    assert calls_of(answer) == [("Read", {}), ("Bash", {})]


def test_interleaved_calls_follow_one_another() -> None:
    answer = finished(
        call(READ),
        call(BASH_LS),
        arguments('{"path":'),
        delta('{"content":"And?"}'),
        arguments('"a"}'),
        call('{"index":2,"id":"call_3","function":{"name":"Read","arguments":"{}"}}'),
    )
    assert answer.outline == [
        "begin tool_use Read call_1", 'input_json: {"path":', 'input_json: "a"}', "close",
        "begin tool_use Bash call_2", 'input_json: {"command":"ls"}', "close",
        "begin text", "text: And?", "close",
        "begin tool_use Read call_3", "input_json: {}", "close",
        "end tool_use",
    ]  # fmt: skip


def test_what_waits_goes_out_when_the_call_before_it_has_become_complete() -> None:
    translator = ChatStreamTranslator(CONTEXT)
    translator.feed(call(READ) + arguments('{"path":'))
    assert translator.feed(delta('{"content":"And"}')) == []
    translator.feed(arguments('"a"}'))
    ended, begun, waited, piece = translator.feed(delta('{"content":" so"}'))
    assert b"content_block_stop" in ended and b"content_block_start" in begun
    assert b'"And"' in waited and b'" so"' in piece


def test_a_complete_call_does_not_keep_the_next_one_waiting() -> None:
    translator = ChatStreamTranslator(CONTEXT)
    translator.feed(call(READ_A))
    ended, begun, piece = translator.feed(call(BASH_LS))
    assert b"content_block_stop" in ended and b"content_block_start" in begun and b"ls" in piece


def test_arguments_for_a_call_that_has_ended_are_left_out_with_a_note() -> None:
    answer = finished(call(READ_A), call(BASH_LS), arguments(" ", 0), arguments(',"more":1}', 0))
    assert calls_of(answer) == BOTH
    assert answer.notes == ["Arguments that came after the end of the tool call Read were left out."]
