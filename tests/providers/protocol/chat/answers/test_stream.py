"""Streams of text and thinking, their beginnings and their ends."""

from __future__ import annotations

import pytest

from providers.protocol.chat.answers.stream import ChatStreamTranslator
from providers.protocol.errors import ErrorType
from providers.protocol.sse import SSEDecoder
from tests.providers.protocol.chat.answers.answering import (
    CONTEXT,
    DONE,
    STOP,
    arguments,
    call,
    checked,
    data,
    delta,
    finished,
    translated,
)

HELLO = delta('{"role":"assistant","content":"Hello"}')
READ = call('{"index":0,"id":"call_1","type":"function","function":{"name":"Read","arguments":""}}')


def fed(*chunks: bytes) -> list[list[bytes]]:
    """What each chunk gives at once."""
    translator = ChatStreamTranslator(CONTEXT)
    return [translator.feed(chunk) for chunk in chunks]


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


# ------------------------------------------------------------------------------------------------------------- the end


def test_nothing_is_finished_before_the_end_of_the_stream() -> None:
    *_, finish, more, done = fed(HELLO, STOP, delta('{"content":"!"}'), DONE)
    assert finish == []
    assert len(more) == 1
    assert [event.split(b"\n")[0] for event in done] == [
        b"event: content_block_stop", b"event: message_delta", b"event: message_stop"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "end",
    [
        pytest.param([STOP, DONE], id="with [DONE]"),
        pytest.param([STOP], id="without [DONE]"),
        pytest.param([STOP, b"data: [DONE]"], id="[DONE] without the empty line"),
        pytest.param([STOP, b"data: [DO"], id="[DONE] cut off"),
        pytest.param([STOP.rstrip()], id="the finish reason without the empty line"),
        pytest.param([STOP, DONE, DONE], id="[DONE] twice"),
        pytest.param([STOP, DONE, HELLO, b"data: {broken\n\n"], id="more after the end"),
    ],
)
def test_a_finished_answer_ends_once_however_its_stream_does(end: list[bytes]) -> None:
    answer = translated(HELLO, *end)
    assert answer.outline == ["begin text", "text: Hello", "close", "end end_turn"]
    assert answer.names[-2:] == ["message_delta", "message_stop"]


def test_after_the_end_nothing_more_is_given_out() -> None:
    translator = ChatStreamTranslator(CONTEXT)
    translator.feed(HELLO + STOP + DONE)
    assert translator.feed(HELLO) == [] and translator.close() == [] and translator.close() == []


def test_finished_is_told_as_soon_as_there_is_a_finish_reason() -> None:
    translator = ChatStreamTranslator(CONTEXT)
    translator.feed(HELLO)
    assert translator.started and not translator.finished
    translator.feed(STOP)
    assert translator.finished


@pytest.mark.parametrize("end", [[], [DONE], [b'data: {"choices":[{"delta":{"content":"cut']])
def test_a_stream_without_a_finish_reason_ends_with_an_error(end: list[bytes]) -> None:
    answer = translated(HELLO, *end)
    assert answer.names == ["message_start", "content_block_start", "content_block_delta", "error"]
    assert answer.error.error_type is ErrorType.API
    assert answer.error.message == "The provider's stream ended without a finish reason."


def test_a_stream_with_nothing_in_it_is_an_error() -> None:
    answer = translated()
    assert answer.names == ["error"] and not answer.translator.started
    assert answer.error.message == "The provider's stream ended without an answer."


def test_a_page_in_the_place_of_a_stream_is_told_by_its_text() -> None:
    answer = translated(b"<html><title>Sign in</title><script>x()</script><body>Please <b>sign in</b>.</body></html>")
    assert answer.error.message == "The provider's stream ended without an answer: Sign in Please sign in ."


# --------------------------------------------------------------------------------------------------------------- errors


def test_an_error_as_the_first_thing_stands_alone() -> None:
    answer = translated(data('{"error":{"message":"Overloaded, come back later","code":503}}'), HELLO, STOP, DONE)
    assert answer.names == ["error"]
    assert not answer.translator.started and not answer.translator.finished
    assert (answer.error.status, answer.error.error_type) == (503, ErrorType.OVERLOADED)
    assert answer.error.message == "Overloaded, come back later"


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(data('{"error":{"message":"No more","code":429}}'), id="an object"),
        pytest.param(data('{"error":"No more","status":429}'), id="a text"),
        pytest.param(data('[{"error":{"message":"No more","status":"RESOURCE_EXHAUSTED"}}]'), id="a list"),
        pytest.param(b'event: error\ndata: {"message":"No more","code":429}\n\n', id="an event"),
        pytest.param(data('{"object":"error","message":"No more","code":429}'), id="vLLM's"),
        pytest.param(data('{"detail":"No more","status":429}'), id="FastAPI's"),
        pytest.param(
            data(
                '{"id":"gen-1","error":{"code":429,"message":"No more"},'
                '"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}'
            ),
            id="OpenRouter's",
        ),
        pytest.param(data('{"choices":[{"index":0,"error":{"code":429,"message":"No more"}}]}'), id="a choice's"),
        pytest.param(data('{"x_groq":{"error":"No more"},"status":429,"choices":[]}'), id="Groq's"),
    ],
)
def test_an_error_in_mid_stream_is_the_last_thing(error: bytes) -> None:
    answer = translated(HELLO, error, HELLO, STOP, DONE)
    assert answer.names == ["message_start", "content_block_start", "content_block_delta", "error"]
    assert answer.error.message == "No more"


def test_an_event_named_error_may_hold_plain_text() -> None:
    answer = translated(HELLO, b"event: error\ndata: upstream timed out\n\n")
    assert answer.error.message == "upstream timed out"


def test_data_that_is_not_json_is_an_error_that_shows_it() -> None:
    answer = translated(HELLO, data("{broken"))
    assert answer.error.message == "The provider's stream has an event that is not JSON: {broken"


@pytest.mark.parametrize("reason", ["error", "insufficient_system_resource"])
def test_a_finish_reason_that_is_a_failure_is_an_error(reason: str) -> None:
    failed = data('{"choices":[{"index":0,"delta":{"content":"…"},"finish_reason":"%s"}]}', reason)
    answer = translated(HELLO, failed, DONE)
    assert answer.error.error_type is ErrorType.OVERLOADED
    assert answer.error.message == f"The provider broke its answer off with the finish reason “{reason}”."
    assert not answer.translator.finished
    assert translated(failed).names == ["error"]


def test_an_event_beyond_all_limits_is_an_error_after_what_came_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.protocol.chat.answers.stream.SSEDecoder", lambda: SSEDecoder(200))
    whole = translated(HELLO + data('"%s"', "x" * 300))
    assert whole.names == ["message_start", "content_block_start", "content_block_delta", "error"]
    assert "longer than 200 bytes" in whole.error.message


def test_a_key_in_an_error_is_hidden() -> None:
    assert "sk-" + "abcdefgh" not in translated(data("no JSON but sk-abcdefghijkl")).error.message


# ---------------------------------------------------------------------------- a whole answer in the place of a stream


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
