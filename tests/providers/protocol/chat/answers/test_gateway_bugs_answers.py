"""What went wrong with answers in other gateways, by the numbers of the list of real bugs (sections 3a, 3b, 3e, 3f).

Each case is the shortest stream that brings the bug out. What is not here does not touch the conversion of an answer.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.protocol.answers import AnswerFailed
from providers.protocol.chat.answers.completion import convert_completion
from providers.protocol.chat.answers.errors import convert_error
from providers.protocol.chat.answers.stream import ChatStreamTranslator
from providers.protocol.chat.context import ThoughtSignatures
from providers.protocol.errors import ErrorType
from tests.providers.protocol.chat.answers.answering import (
    CONTEXT,
    DONE,
    STOP,
    TOOL_CALLS,
    arguments,
    call,
    checked,
    context,
    data,
    delta,
    filled,
    finished,
    translated,
)

TEXT = '{"content":"Hi"}'
READ = '{"index":0,"id":"call_1","function":{"name":"Read","arguments":"{\\"path\\":\\"a\\"}"}}'
BASH = '{"index":1,"id":"call_2","function":{"name":"Bash","arguments":""}}'
READ_BLOCK = {"type": "tool_use", "id": "call_1", "name": "Read", "input": {"path": "a"}}
BASH_BLOCK = {"type": "tool_use", "id": "call_2", "name": "Bash", "input": {"command": "ls"}}
TEXT_BLOCK = {"type": "text", "text": "Hi"}
USAGE = data('{"choices":[],"usage":{"prompt_tokens":25,"completion_tokens":7,"total_tokens":32}}')


@pytest.mark.parametrize(
    ("chunks", "content"),
    [
        pytest.param([call(READ)], [READ_BLOCK], id="B1 arguments in the chunk that begins the call"),
        pytest.param([delta(TEXT), call(READ)], [TEXT_BLOCK, READ_BLOCK], id="B1 arguments in the chunk after a text"),
        pytest.param([call(READ), arguments('{"path":"a"}')], [READ_BLOCK], id="B2 the whole arguments at the end"),
        pytest.param([delta('{"role":"assistant","content":"Hi"}')], [TEXT_BLOCK], id="B3 text in the first chunk"),
        pytest.param(
            [delta('{"reasoning":"Hm"}'), delta(TEXT)],
            [{"type": "thinking", "thinking": "Hm", "signature": ""}, TEXT_BLOCK],
            id="B4 thinking first",
        ),
        pytest.param(
            [delta('{"content":"","reasoning":"Hm"}')],
            [{"type": "thinking", "thinking": "Hm", "signature": ""}],
            id="B5 an empty text with the thinking",
        ),
        pytest.param([delta('{"content":"Hi","tool_calls":[]}')], [TEXT_BLOCK], id="B8 an empty list of calls"),
        pytest.param(
            [call(READ), call(BASH), arguments('{"command":"ls"}', 1)], [READ_BLOCK, BASH_BLOCK], id="B9 parallel calls"
        ),
        pytest.param(
            [
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":""}}'),
                call(BASH),
                arguments('{"command":', 1),
                arguments('{"path":', 0),
                arguments('"ls"}', 1),
                arguments('"a"}', 0),
            ],
            [READ_BLOCK, BASH_BLOCK],
            id="B10 interleaved calls",
        ),
        pytest.param(
            [call(READ), call(BASH.replace('"index":1', '"index":0')), arguments('{"command":"ls"}')],
            [READ_BLOCK, BASH_BLOCK],
            id="B11 every index 0",
        ),
        pytest.param(
            [delta('{"role":"assistant","content":""}'), call(READ)], [READ_BLOCK], id="B18 an empty text first"
        ),
        pytest.param([delta(r'{"content":"\n\n"}'), call(READ)], [READ_BLOCK], id="B18 a blank text first"),
        pytest.param([STOP, delta(TEXT)], [TEXT_BLOCK], id="B24 text after the finish"),
        pytest.param([TOOL_CALLS, call(READ)], [READ_BLOCK], id="B24 a call after the finish"),
        pytest.param(
            [delta('{"reasoning":"Hm","reasoning_content":"Hm"}')],
            [{"type": "thinking", "thinking": "Hm", "signature": ""}],
            id="B23 thinking told twice",
        ),
    ],
)
def test_the_content_is_whole(chunks: list[bytes], content: list[dict[str, Any]]) -> None:
    assert finished(*chunks).content == content


@pytest.mark.parametrize("end", [[DONE], [], [STOP, DONE], [USAGE, DONE], [DONE, DONE]])
def test_b6_b7_b19_one_start_and_one_end(end: list[bytes]) -> None:
    names = translated(delta(TEXT), STOP, *end).names
    assert [names.count(name) for name in ("message_start", "message_delta", "message_stop")] == [1, 1, 1]
    assert names[0] == "message_start" and names[-2:] == ["message_delta", "message_stop"]


def test_b12_a_call_begins_with_an_empty_input_and_its_arguments_follow() -> None:
    start, piece = finished(call(READ)).events[1:3]
    assert json.loads(start.data)["content_block"]["input"] == {}
    assert json.loads(piece.data)["delta"] == {"type": "input_json_delta", "partial_json": '{"path":"a"}'}


def test_b13_a_text_of_many_chunks_is_one_block() -> None:
    assert finished(*[delta(TEXT)] * 50).names.count("content_block_start") == 1


@pytest.mark.parametrize(
    ("chunks", "stop_reason"),
    [
        pytest.param([call(READ), STOP], "tool_use", id="B14 a call that ends with stop"),
        pytest.param([call(READ), TOOL_CALLS, STOP, USAGE], "tool_use", id="B15 stop after tool_calls"),
        pytest.param([call(READ), STOP, TOOL_CALLS], "tool_use", id="B15 tool_calls after stop"),
        pytest.param([delta(TEXT), TOOL_CALLS], "end_turn", id="B16 tool_calls without a call"),
        pytest.param([delta('{"content":"Hi","tool_calls":[]}'), TOOL_CALLS], "end_turn", id="B16 an empty list"),
        pytest.param(
            [delta(TEXT), data('{"choices":[{"delta":{},"finish_reason":"length"}]}'), STOP],
            "max_tokens",
            id="B17 length",
        ),
        pytest.param(
            [delta(TEXT), data('{"choices":[{"delta":{},"finish_reason":"content_filter"}]}')],
            "refusal",
            id="B17 filter",
        ),
        pytest.param(
            [delta(TEXT), data('{"choices":[{"delta":{},"finish_reason":"stop","stop_reason":"END"}]}')],
            "stop_sequence",
            id="B17 a stop sequence",
        ),
        pytest.param(
            [delta(TEXT), data('{"choices":[{"delta":{},"finish_reason":"model_length"}]}')],
            "model_context_window_exceeded",
            id="B17 the model's length",
        ),
    ],
)
def test_the_stop_reason_is_right(chunks: list[bytes], stop_reason: str) -> None:
    answer = translated(*chunks, DONE, context=context(stop_sequences=("END",)))
    assert answer.stop_reason == stop_reason


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_b20_b21_cuts_anywhere_lose_nothing(size: int) -> None:
    """Neither an event in several network chunks nor a character in two of them."""
    stream = delta('{"content":"日本語 😀"}') + call(READ) + STOP + DONE
    pieces = [stream[place : place + size] for place in range(0, len(stream), size)]
    assert translated(*pieces).events == translated(stream).events
    assert translated(*pieces).content == [{"type": "text", "text": "日本語 😀"}, READ_BLOCK]


@pytest.mark.parametrize(
    "end",
    [
        pytest.param([], id="cut off"),
        pytest.param([DONE], id="[DONE] without a finish reason"),
        pytest.param([data('{"error":{"message":"It broke"}}')], id="an error"),
        pytest.param([data("{broken")], id="broken JSON"),
    ],
)
def test_b22_a_failure_never_looks_like_an_end(end: list[bytes]) -> None:
    answer = translated(delta(TEXT), *end)
    assert answer.names[-1] == "error" and "message_stop" not in answer.names
    assert not answer.translator.finished


def test_b24_usage_after_the_finish_is_counted() -> None:
    assert translated(delta(TEXT), STOP, USAGE, DONE).usage == {"input_tokens": 25, "output_tokens": 7}


def test_b30_thinking_has_a_signature_before_it_ends() -> None:
    outline = finished(delta('{"reasoning_content":"Hm"}'), delta(TEXT)).outline
    assert outline[:4] == ["begin thinking", "thinking: Hm", "signature: ", "close"]


def test_b33_the_signature_of_a_call_is_kept_for_the_next_request() -> None:
    signatures = ThoughtSignatures()
    signed = READ.replace('"index":0', '"index":0,"extra_content":{"google":{"thought_signature":"c2ln"}}')
    finished(call(signed), context=context(signatures=signatures))
    assert signatures.of("call_1") == "c2ln"


@pytest.mark.parametrize("name", ["bash", "default_api:Bash", "functions.bash"])
def test_b48_a_tool_has_the_name_that_the_client_knows(name: str) -> None:
    answer = finished(call('{"index":0,"id":"call_2","function":{"name":"%s","arguments":"{}"}}', name))
    assert [block["name"] for block in answer.content] == ["Bash"]


def test_b73_a_message_starts_with_the_best_known_input() -> None:
    answer = translated(delta(TEXT), STOP, USAGE, DONE)
    assert json.loads(answer.events[0].data)["message"]["usage"] == {"input_tokens": 1000, "output_tokens": 1}
    assert json.loads(answer.events[-2].data)["usage"] == {"input_tokens": 25, "output_tokens": 7}


def test_b73_usage_that_is_never_told_is_an_estimate_and_not_0() -> None:
    answer = finished(delta(TEXT))
    assert answer.usage == {"input_tokens": 1000, "output_tokens": 1}
    assert answer.translator.usage_is_estimate


def test_b74_cached_tokens_are_counted_apart_and_unknown_ones_not_at_all() -> None:
    cached = '{"prompt_tokens":100,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":60}}'
    assert finished(delta(TEXT), data('{"choices":[],"usage":%s}', cached)).usage == {
        "input_tokens": 40,
        "cache_read_input_tokens": 60,
        "output_tokens": 7,
    }
    assert "cache_read_input_tokens" not in finished(delta(TEXT), USAGE).usage


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(b'{"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":%s}]}', id="in the choice"),
        pytest.param(b'{"choices":[],"x_groq":{"usage":%s}}', id="in a field of its own"),
        pytest.param(b'{"choices":[],"usage":%s}', id="in the last chunk"),
    ],
)
def test_b75_b76_usage_is_found_wherever_it_is_told_and_each_class_of_tokens_is_counted_apart(told: bytes) -> None:
    details = b'{"cached_tokens":60,"cache_write_tokens":30}'
    usage = b'{"prompt_tokens":100,"completion_tokens":7,"prompt_tokens_details":%s}' % details
    answer = translated(delta(TEXT), STOP, b"data: " + told % usage + b"\n\n", DONE)
    assert answer.usage == {
        "input_tokens": 10,
        "cache_creation_input_tokens": 30,
        "cache_read_input_tokens": 60,
        "output_tokens": 7,
    }


def test_b83_an_error_as_the_first_event_can_become_a_status() -> None:
    answer = translated(b": keep-alive\n\n", data('{"error":{"type":"overloaded_error","message":"Overloaded"}}'))
    assert answer.names == ["error"] and not answer.translator.started
    assert (answer.error.status, answer.error.error_type) == (529, ErrorType.OVERLOADED)


def test_b85_an_overload_stays_one() -> None:
    error = convert_error(529, {}, b'{"error":{"message":"Overloaded"}}')
    assert (error.status, error.error_type) == (529, ErrorType.OVERLOADED)


def test_b86_a_quota_that_has_run_out_is_not_tried_again() -> None:
    error = convert_error(429, {}, b'{"error":{"message":"You are out","code":"insufficient_quota"}}')
    assert dict(error.headers) == {b"x-should-retry": b"false"}


@pytest.mark.parametrize("status", [400, 404, 422, 429, 500])
def test_b89_status_and_wording_are_kept(status: int) -> None:
    error = convert_error(status, {}, b'{"error":{"message":"thinking is not supported"}}')
    assert (error.status, error.message) == (status, "thinking is not supported")


def test_b89_a_prompt_that_is_too_long_is_told_so_that_the_client_shortens_it() -> None:
    wrapped = b'{"error":{"message":"litellm.ContextWindowExceededError: maximum context length is 8192 tokens, but ' \
        b'your messages resulted in 9000 tokens","type":null,"code":"500"}}'  # fmt: skip
    error = convert_error(500, {}, wrapped)
    assert (error.status, error.error_type) == (400, ErrorType.INVALID_REQUEST)
    assert error.message.startswith("prompt is too long: 9000 tokens > 8192 maximum")


def test_b104_a_whole_message_has_complete_blocks() -> None:
    message = filled('{"content":"Hi","reasoning_content":"Hm","tool_calls":[%s]}', READ)
    body = filled('{"choices":[{"message":%s,"finish_reason":"tool_calls"}]}', message)
    content = json.loads(convert_completion(body.encode(), CONTEXT).body)["content"]
    assert content == [{"type": "thinking", "thinking": "Hm", "signature": ""}, TEXT_BLOCK, READ_BLOCK]


def test_b104_an_empty_body_is_an_error_and_not_an_empty_message() -> None:
    with pytest.raises(AnswerFailed, match="The provider's answer is empty"):
        convert_completion(b"", CONTEXT)


def test_b106_a_failure_in_mid_stream_is_an_error_event() -> None:
    translator = ChatStreamTranslator(CONTEXT)
    events = translator.feed(call(READ)) + translator.close()
    assert checked(events, translator).names[-1] == "error"
