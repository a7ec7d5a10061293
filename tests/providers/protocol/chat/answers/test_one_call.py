"""One tool call, in all the shapes in which upstreams write it."""

from __future__ import annotations

import pytest

from providers.protocol.chat.answers.stream import ChatStreamTranslator
from tests.providers.protocol.chat.answers.answering import (
    CONTEXT,
    TOOL_CALLS,
    arguments,
    call,
    delta,
    finished,
)
from tests.providers.protocol.chat.answers.calling import BASH_LS, READ, READ_A


def test_a_call_in_pieces_goes_out_in_pieces() -> None:
    answer = finished(call(READ), arguments('{"pa'), arguments('th":'), arguments(' "a"}'))
    assert answer.outline == [
        "begin tool_use Read call_1", 'input_json: {"pa', 'input_json: th":', 'input_json:  "a"}', "close",
        "end tool_use",
    ]  # fmt: skip


def test_a_call_whose_arguments_come_in_its_first_chunk_keeps_them() -> None:
    answer = finished(call(READ_A))
    assert answer.outline == ["begin tool_use Read call_1", 'input_json: {"path":"a"}', "close", "end tool_use"]


def test_a_call_begins_without_waiting_for_its_arguments() -> None:
    translator = ChatStreamTranslator(CONTEXT)
    assert b"content_block_start" in translator.feed(call(READ))[-1]


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([call(READ_A)], id="whole"),
        pytest.param([call(READ), arguments('{"path":'), arguments('"a"}')], id="id and name in the first chunk only"),
        pytest.param(
            [
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":"{\\"path\\":"}}'),
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":"\\"a\\"}"}}'),
            ],
            id="id and name in every chunk",
        ),
        pytest.param(
            [
                call('{"index":0,"id":"call_1"}'),
                call('{"index":0,"function":{"name":"Read"}}'),
                arguments('{"path":"a"}'),
            ],
            id="the name after the id",
        ),
        pytest.param(
            [
                arguments('{"path":'),
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":"\\"a\\"}"}}'),
            ],
            id="the name after the arguments",
        ),
        pytest.param(
            [
                call('{"id":"call_1","function":{"name":"Read","arguments":"{"}}'),
                call('{"function":{"arguments":"\\"path\\":\\"a\\"}"}}'),
            ],
            id="no index",
        ),
        pytest.param(
            [call('{"id":"call_1","function":{"name":"Read"}}'), arguments('{"path":"a"}')],
            id="no index in the first chunk",
        ),
        pytest.param(
            [
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":"{"}}'),
                call('{"index":0,"id":"chatcmpl-tool-2","function":{"arguments":"\\"path\\":"}}'),
                call('{"index":0,"id":"chatcmpl-tool-3","function":{"arguments":"\\"a\\"}"}}'),
            ],
            id="a new id in every chunk",
        ),
        pytest.param(
            [call(READ), arguments('{"path":"a"}'), call('{"index":0,"id":"","function":{"name":"","arguments":""}}')],
            id="an empty piece at the end",
        ),
        pytest.param([call(READ), arguments('{"path":"a"}'), arguments('{"path":"a"}')], id="the whole once more"),
        pytest.param([call(READ_A), call(READ_A)], id="the whole call once more"),
        pytest.param(
            [call(READ), arguments('{"path":"a"}'), arguments("{"), arguments('"path":"a"}')],
            id="the whole once more in pieces",
        ),
        pytest.param([call(READ), arguments("{}"), arguments('{"path":"a"}')], id="{} before the arguments"),
        pytest.param(
            [call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":{"path":"a"}}}')], id="an object"
        ),
        pytest.param(
            [
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":{}}}'),
                arguments('{"path":"a"}'),
            ],
            id="an empty object before the arguments",
        ),
        pytest.param([delta('{"tool_calls":%s}', READ_A)], id="no list"),
        pytest.param([call(READ_A.replace('"index":0', '"index":"0"'))], id="the index as a text"),
        pytest.param([call(READ), TOOL_CALLS, arguments('{"path":"a"}')], id="arguments after the finish"),
    ],
)
def test_one_call_in_every_shape_is_the_same_call(chunks: list[bytes]) -> None:
    answer = finished(*chunks)
    assert answer.content == [{"type": "tool_use", "id": "call_1", "name": "Read", "input": {"path": "a"}}]
    assert answer.stop_reason == "tool_use"
    assert answer.notes == []


def test_a_function_call_of_old_is_a_tool_call() -> None:
    answer = finished(
        delta('{"function_call":{"name":"Read","arguments":""}}'),
        delta('{"function_call":{"arguments":"{\\"path\\":"}}'),
        delta('{"function_call":{"arguments":"\\"a\\"}"}}'),
    )
    assert answer.content == [{"type": "tool_use", "id": "toolu_0123_1", "name": "Read", "input": {"path": "a"}}]


@pytest.mark.parametrize("nothing", ["[]", "null", "{}", "[null]"])
def test_no_tool_calls_are_none(nothing: str) -> None:
    answer = finished(delta('{"content":"Hi","tool_calls":%s}', nothing))
    assert answer.content == [{"type": "text", "text": "Hi"}]
    assert answer.stop_reason == "end_turn"


def test_text_and_calls_in_one_chunk_are_both_kept() -> None:
    answer = finished(delta('{"content":"Look:","tool_calls":[%s,%s]}', READ_A, BASH_LS))
    assert answer.outline == [
        "begin text", "text: Look:", "close",
        "begin tool_use Read call_1", 'input_json: {"path":"a"}', "close",
        "begin tool_use Bash call_2", 'input_json: {"command":"ls"}', "close",
        "end tool_use",
    ]  # fmt: skip


def test_a_call_without_a_name_is_left_out_with_a_note() -> None:
    answer = finished(call('{"index":0,"id":"call_1","function":{"arguments":"{\\"a\\":1}"}}'), TOOL_CALLS)
    assert answer.content == [] and answer.stop_reason == "end_turn"
    assert answer.notes[0] == 'A tool call without a name was left out; its arguments: {"a":1}'
