"""Streams of text and thinking, and whole answers in the place of a stream."""

from __future__ import annotations

import pytest

from providers.protocol.chat.answers.stream import ChatStreamTranslator
from tests.providers.protocol.chat.answers.answering import (
    CONTEXT,
    DONE,
    HELLO,
    STOP,
    arguments,
    call,
    checked,
    data,
    delta,
    fed,
    finished,
    translated,
)

READ = call('{"index":0,"id":"call_1","type":"function","function":{"name":"Read","arguments":""}}')


def test_a_text_becomes_one_block_and_a_message_that_the_client_asked_for() -> None:
    answer = translated(
        b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-x","choices":[{"index":0,'
        b'"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],'
        b'"usage":null}\n\n',
        delta('{"content":"Hello"}'),
        delta('{"content":" there"}'),
        STOP,
        data('{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}'),
        DONE,
    )
    assert answer.outline == ["begin text", "text: Hello", "text:  there", "close", "end end_turn"]
    assert answer.message == {
        "id": "msg_0123",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-5-5",
        "content": [{"type": "text", "text": "Hello there"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 9, "output_tokens": 3},
    }
    assert answer.notes == [] and answer.translator.error is None


def test_every_piece_goes_out_with_the_chunk_that_brings_it() -> None:
    role_only = delta('{"role":"assistant","content":""}')
    first, second, third = fed(role_only, delta('{"content":"Hel"}'), delta('{"content":"lo"}'))
    assert [b"message_start" in event for event in first] == [True]
    assert len(second) == 2 and b'"Hel"' in second[1]
    assert len(third) == 1 and b'"lo"' in third[0]


def test_thinking_comes_before_text_in_a_chunk_with_both() -> None:
    answer = finished(delta('{"content":"So.","reasoning_content":"Hm."}'))
    assert answer.outline == [
        "begin thinking", "thinking: Hm.", "signature: ", "close", "begin text", "text: So.", "close", "end end_turn"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param('{"reasoning_content":"Hm."}', id="reasoning_content"),
        pytest.param('{"reasoning":"Hm."}', id="reasoning"),
        pytest.param('{"reasoning":"Hm.","reasoning_content":"Hm."}', id="the same twice"),
        pytest.param(
            '{"reasoning":"Hm.","reasoning_details":[{"type":"reasoning.text","text":"Hm."}]}', id="and its details"
        ),
        pytest.param('{"reasoning_details":[{"type":"reasoning.text","text":"Hm."}]}', id="details alone"),
        pytest.param(
            '{"reasoning":"","reasoning_details":[{"type":"reasoning.summary","summary":"Hm."}]}', id="summary"
        ),
        pytest.param(
            '{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]}]}', id="Mistral's parts"
        ),
        pytest.param('{"content":[{"type":"thinking","thinking":"Hm."}]}', id="a part with a text"),
        pytest.param('{"reasoning":{"type":"text","text":"Hm."}}', id="an object"),
    ],
)
def test_thinking_is_found_wherever_it_is(fields: str) -> None:
    assert finished(delta(fields)).content == [{"type": "thinking", "thinking": "Hm.", "signature": ""}]


def test_what_cannot_be_read_of_the_thinking_is_left_out() -> None:
    answer = finished(delta('{"reasoning_details":[{"type":"reasoning.encrypted","data":"AAAA"}],"content":"Hi"}'))
    assert answer.content == [{"type": "text", "text": "Hi"}]


def test_a_text_after_other_blocks_is_a_new_block() -> None:
    answer = finished(delta('{"content":"a"}'), delta('{"reasoning":"b"}'), delta('{"content":"c"}'))
    assert [block["type"] for block in answer.content] == ["text", "thinking", "text"]


def test_a_list_of_parts_is_read_in_its_order() -> None:
    parts = '[{"type":"text","text":"a"},"b",{"type":"image_url","image_url":{"url":"x"}},{"type":"text","text":"c"}]'
    answer = finished(delta('{"content":%s}', parts))
    assert answer.content == [{"type": "text", "text": "abc"}]
    assert answer.notes == ["A part of the type “image_url” was left out of the answer."]


@pytest.mark.parametrize("space", [r"\n", " ", r"\n\n\t"])
def test_space_between_blocks_is_no_block(space: str) -> None:
    blank = delta('{"content":"%s"}', space)
    answer = translated(blank, READ, arguments("{}"), blank, STOP, DONE)
    assert answer.content == [{"type": "tool_use", "id": "call_1", "name": "Read", "input": {}}]


def test_space_before_a_text_belongs_to_it() -> None:
    answer = finished(delta(r'{"content":"\n"}'), delta('{"content":" Hi"}'), delta(r'{"content":"\n"}'))
    assert answer.content == [{"type": "text", "text": "\n Hi\n"}]


def test_a_refusal_is_a_text_that_ends_with_refusal() -> None:
    answer = finished(delta('{"refusal":"I will "}'), delta('{"refusal":"not."}'))
    assert answer.content == [{"type": "text", "text": "I will not."}]
    assert answer.stop_reason == "refusal"


def test_only_the_first_of_several_choices_is_read() -> None:
    answer = finished(
        data('{"choices":[{"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"yes"}}]}'),
        data('{"choices":[{"index":1,"delta":{"content":"no"},"finish_reason":"length"}]}'),
    )
    assert answer.content == [{"type": "text", "text": "yes"}]
    assert answer.stop_reason == "end_turn"


def test_an_answer_without_content_is_a_message_without_content() -> None:
    answer = finished(delta('{"role":"assistant"}'))
    assert answer.content == [] and answer.outline == ["end end_turn"]


def test_a_message_in_the_place_of_a_delta_is_read() -> None:
    answer = finished(data('{"choices":[{"index":0,"message":{"content":"Hi"}}]}'))
    assert answer.content == [{"type": "text", "text": "Hi"}]


@pytest.mark.parametrize(
    ("odd", "text"),
    [
        pytest.param('{"choices":[{"delta":{"content":"Hi"}}]}', "Hi", id="no index"),
        pytest.param('{"choices":[{"index":null,"delta":{"content":"Hi"}}],"usage":[]}', "Hi", id="null index"),
        pytest.param('{"choices":[{"index":"0","delta":{"content":"Hi","tool_calls":{}}}]}', "Hi", id="wrong types"),
        pytest.param('{"choices":{"delta":{"content":"Hi"}}}', "Hi", id="choices is no list"),
        pytest.param('{"choices":[{"delta":{"content":5}}]}', "5", id="a number"),
        pytest.param('{"choices":[{"delta":{"content":"Hi"}}],"x":NaN}', "Hi", id="NaN"),
        pytest.param('{"choices":[{"delta":{"content":"H\ti"}}]}', "H\ti", id="a tab as it is"),
        pytest.param('{"choices":[{"delta":{"content":"Hi"}}],"usage":' + "9" * 5000 + "}", "Hi", id="5000 digits"),
        pytest.param(r'{"choices":[{"delta":{"content":"Hi\ud83d"}}]}', "Hi\ufffd", id="half of a surrogate pair"),
        pytest.param('{"choices":[{"delta":{"content":"Hi","refusal":{}}}],"usage":{"a":1e999}}', "Hi", id="infinite"),
    ],
)
def test_a_chunk_with_an_odd_field_is_not_lost(odd: str, text: str) -> None:
    assert finished(data(odd)).content == [{"type": "text", "text": text}]


def test_bytes_that_are_no_text_are_replaced() -> None:
    answer = finished(b'data: {"choices":[{"delta":{"content":"a\xffb"}}]}\n\n')
    assert answer.content == [{"type": "text", "text": "a�b"}]


@pytest.mark.parametrize(
    "other", ["{}", "[]", "5", '"ping"', "null", '{"choices":[]}', '{"choices":null}', '{"a":' + "9" * 5000 + "}"]
)
def test_json_that_is_no_chunk_is_passed_over(other: str) -> None:
    assert finished(data(other), HELLO, data(other)).content == [{"type": "text", "text": "Hello"}]


def test_comments_and_keep_alives_are_passed_over() -> None:
    answer = finished(b": OPENROUTER PROCESSING\n\n", b"data:\n\n", b"event: ping\ndata: {}\n\n", HELLO, b":\n\n")
    assert answer.content == [{"type": "text", "text": "Hello"}]


def test_other_line_ends_and_data_without_a_space_are_read() -> None:
    stream = (HELLO + STOP + DONE).replace(b"data: ", b"data:").replace(b"\n", b"\r\n")
    assert translated(stream).content == [{"type": "text", "text": "Hello"}]


def test_a_whole_completion_becomes_a_stream() -> None:
    translator = ChatStreamTranslator(CONTEXT)
    events = translator.feed_completion(
        b'{"choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],'
        b'"usage":{"prompt_tokens":7,"completion_tokens":1}}'
    )
    answer = checked(events + translator.close(), translator)
    assert answer.outline == ["begin text", "text: Hello", "close", "end end_turn"]
    assert answer.usage == {"input_tokens": 7, "output_tokens": 1}
    assert translator.started and translator.finished


def test_a_whole_error_becomes_one_that_stands_alone() -> None:
    translator = ChatStreamTranslator(CONTEXT)
    answer = checked(translator.feed_completion(b'[{"error":{"code":404,"message":"No such model"}}]'), translator)
    assert answer.error.status == 404 and not translator.started
