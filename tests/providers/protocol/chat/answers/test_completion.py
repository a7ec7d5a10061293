"""Whole completions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.protocol.answers import AnswerFailed, ConvertedMessage, ErrorAnswer
from providers.protocol.chat.answers.completion import convert_completion
from providers.protocol.chat.context import ThoughtSignatures
from providers.protocol.errors import ErrorType
from tests.providers.protocol.chat.answers.answering import CONTEXT, DONE, STOP, context, delta, filled

USAGE = '"usage":{"prompt_tokens":25,"completion_tokens":7,"total_tokens":32}'


def completion(message: str, finish: str = '"stop"') -> bytes:
    choice = filled('{"index":0,"message":%s,"logprobs":null,"finish_reason":%s}', message, finish)
    head = '"id":"chatcmpl-1","object":"chat.completion","model":"gpt-x"'
    return filled('{%s,"choices":[%s],%s}', head, choice, USAGE).encode()


def converted(body: bytes) -> ConvertedMessage:
    return convert_completion(body, CONTEXT)


def content_of(message: str) -> Any:
    return json.loads(converted(completion(message)).body)["content"]


def failure(body: bytes) -> ErrorAnswer:
    with pytest.raises(AnswerFailed) as failed:
        converted(body)
    return failed.value.error


def test_a_completion_becomes_a_message_with_all_its_fields() -> None:
    found = converted(completion('{"role":"assistant","content":"Hello","refusal":null,"annotations":[]}'))
    assert json.loads(found.body) == {
        "id": "msg_0123",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-5-5",
        "content": [{"type": "text", "text": "Hello"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 25, "output_tokens": 7},
    }
    assert found.notes == () and not found.usage_is_estimate


def test_thinking_text_and_calls_become_blocks_in_this_order() -> None:
    calls = [
        {"id": "call_1", "type": "function", "function": {"name": "Read", "arguments": '{"path":"a"}'}},
        {"id": "call_2", "type": "function", "function": {"name": "Bash", "arguments": ""}},
    ]
    message = json.dumps({"content": "Look:", "reasoning_content": "Hm.", "tool_calls": calls})
    found = json.loads(converted(completion(message, '"tool_calls"')).body)
    assert found["content"] == [
        {"type": "thinking", "thinking": "Hm.", "signature": ""},
        {"type": "text", "text": "Look:"},
        {"type": "tool_use", "id": "call_1", "name": "Read", "input": {"path": "a"}},
        {"type": "tool_use", "id": "call_2", "name": "Bash", "input": {}},
    ]
    assert found["stop_reason"] == "tool_use"


@pytest.mark.parametrize("content", ["null", '""', "[]", '" "'])
def test_no_content_is_an_empty_list(content: str) -> None:
    assert content_of(filled('{"role":"assistant","content":%s}', content)) == []


def test_a_refusal_is_a_text_that_ends_with_refusal() -> None:
    found = json.loads(converted(completion('{"content":null,"refusal":"No."}')).body)
    assert found["content"] == [{"type": "text", "text": "No."}] and found["stop_reason"] == "refusal"


@pytest.mark.parametrize("arguments", ['{"path": "a', '{"path":"a"} and more', "[1]", "ls"])
def test_an_input_is_an_object_whatever_the_arguments_are(arguments: str) -> None:
    call = {"id": "call_1", "function": {"name": "Read", "arguments": arguments}}
    found = converted(completion(json.dumps({"tool_calls": [call]}), '"length"'))
    assert json.loads(found.body)["content"][0]["input"] == {"unparsed_arguments": arguments}
    assert len(found.notes) == 1 and "arguments of the tool call Read" in found.notes[0]


def test_the_signature_of_a_call_is_remembered() -> None:
    signatures = ThoughtSignatures()
    call = '{"id":"call_1","function":{"name":"Read"},"extra_content":{"google":{"thought_signature":"c2ln"}}}'
    convert_completion(completion(filled('{"tool_calls":[%s]}', call)), context(signatures=signatures))
    assert signatures.of("call_1") == "c2ln"


def test_a_completion_without_usage_is_estimated() -> None:
    body = b'{"choices":[{"index":0,"message":{"content":"12345678"},"finish_reason":"stop"}]}'
    found = converted(body)
    assert json.loads(found.body)["usage"] == {"input_tokens": 1000, "output_tokens": 2}
    assert found.usage_is_estimate


def test_a_whole_completion_without_a_finish_reason_is_taken_as_ended() -> None:
    found = converted(completion('{"content":"Hi"}', "null"))
    assert json.loads(found.body)["stop_reason"] == "end_turn"
    assert found.notes == ("The provider gave no finish reason.",)


def test_an_upstream_that_streams_all_the_same_is_read() -> None:
    stream = b": hello\n\n" + delta('{"content":"Hel"}') + delta('{"content":"lo"}') + STOP + DONE
    assert json.loads(converted(stream).body)["content"] == [{"type": "text", "text": "Hello"}]


def test_space_before_the_json_is_passed_over() -> None:
    assert json.loads(converted(b"\n\n   " + completion('{"content":"Hi"}')).body)["content"][0]["text"] == "Hi"


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        pytest.param(b'{"error":{"message":"Slow down","code":429}}', 429, "Slow down", id="an error with its status"),
        pytest.param(b'{"error":"It broke"}', 502, "It broke", id="an error without a status"),
        pytest.param(b'[{"error":{"code":503,"message":"Busy"}}]', 503, "Busy", id="a list"),
        pytest.param(b'{"object":"error","message":"No","code":400}', 400, "No", id="vLLM's"),
        pytest.param(b'{"choices":[{"error":{"code":500,"message":"No"}}]}', 500, "No", id="a choice's"),
        pytest.param(b'{"id":"x","choices":[]}', 502, 'The provider\'s answer has no choices: {"id":"x","choices":[]}'),
        pytest.param(b"[]", 502, "The provider's answer has no choices: []", id="another JSON"),
        pytest.param(b"Not today", 502, "The provider's answer is not JSON: Not today", id="plain text"),
        pytest.param(b"<html><body>Not today</body></html>", 502, "The provider's answer is not JSON: Not today"),
        pytest.param(b"", 502, "The provider's answer is empty.", id="nothing"),
        pytest.param(
            b'{"choices":[{"mess', 502, "The provider's answer is not JSON: " + '{"choices":[{"mess', id="cut"
        ),
        pytest.param(
            delta('{"content":"a"}'), 502, "The provider's stream ended without a finish reason.", id="stream"
        ),
    ],
)
def test_what_is_no_answer_is_an_error(body: bytes, status: int, message: str) -> None:
    error = failure(body)
    assert (error.status, error.message) == (status, message)


def test_a_finish_reason_that_is_a_failure_is_an_error() -> None:
    error = failure(completion('{"content":""}', '"error"'))
    assert (error.status, error.error_type) == (529, ErrorType.OVERLOADED)
