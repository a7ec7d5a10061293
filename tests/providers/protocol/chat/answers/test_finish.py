"""Finish reasons in the API's terms."""

from __future__ import annotations

import pytest

from tests.providers.protocol.chat.answers.answering import DONE, Answer, call, context, data, delta, translated

TEXT = delta('{"content":"Hi"}')
CALL = call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":"{}"}}')


def finish(reason: str, fields: str = "") -> bytes:
    return data('{"choices":[{"index":0,"delta":{},"finish_reason":"%s"%s}]}', reason, fields)


def ended(*chunks: bytes) -> Answer:
    return translated(*chunks, DONE, context=context(stop_sequences=("END", "</done>")))


@pytest.mark.parametrize(
    ("reason", "with_text", "with_call"),
    [
        ("stop", "end_turn", "tool_use"),
        ("STOP", "end_turn", "tool_use"),
        ("eos", "end_turn", "tool_use"),
        ("eos_token", "end_turn", "tool_use"),
        ("end_turn", "end_turn", "tool_use"),
        ("stop_sequence", "end_turn", "tool_use"),
        ("tool_calls", "end_turn", "tool_use"),
        ("function_call", "end_turn", "tool_use"),
        ("tool_use", "end_turn", "tool_use"),
        ("length", "max_tokens", "max_tokens"),
        ("max_tokens", "max_tokens", "max_tokens"),
        ("MAX_TOKENS", "max_tokens", "max_tokens"),
        ("content_filter", "refusal", "refusal"),
        ("SAFETY", "refusal", "refusal"),
        ("sensitive", "refusal", "refusal"),
        ("content_filter: PROHIBITED_CONTENT", "refusal", "refusal"),
        ("model_length", "model_context_window_exceeded", "model_context_window_exceeded"),
        ("pause_turn", "pause_turn", "tool_use"),
        ("something_new", "end_turn", "tool_use"),
    ],
)
def test_a_finish_reason_becomes_a_stop_reason(reason: str, with_text: str, with_call: str) -> None:
    assert ended(TEXT, finish(reason)).stop_reason == with_text
    assert ended(TEXT, CALL, finish(reason)).stop_reason == with_call


@pytest.mark.parametrize(
    "reason",
    [
        "error",
        "ERROR",
        "abort",
        "insufficient_system_resource",
        "network_error",
        "function_call_filter: MALFORMED_FUNCTION_CALL",
    ],
)
def test_a_failure_is_no_end(reason: str) -> None:
    assert ended(TEXT, finish(reason)).error.status == 529


def test_the_first_reason_counts() -> None:
    assert ended(TEXT, finish("length"), finish("stop")).stop_reason == "max_tokens"


def test_a_reason_that_is_not_yet_one_is_none() -> None:
    assert ended(finish("null"), TEXT, finish(""), finish("length")).stop_reason == "max_tokens"


def test_an_unknown_reason_is_noted() -> None:
    assert ended(TEXT, finish("something_new")).notes == ["The provider's finish reason “something_new” is unknown."]


def test_a_tool_use_without_a_tool_is_noted() -> None:
    assert ended(TEXT, finish("tool_calls")).notes == [
        "The provider ended the answer with “tool_calls”, but there is no tool call in it."
    ]


def test_a_refusal_before_a_usual_end_is_one() -> None:
    assert ended(delta('{"refusal":"No."}'), finish("stop")).stop_reason == "refusal"


@pytest.mark.parametrize("field", ["stop_reason", "matched_stop"])
def test_a_stop_sequence_of_the_request_is_told(field: str) -> None:
    message = ended(TEXT, finish("stop", f',"{field}":"END"')).message
    assert (message["stop_reason"], message["stop_sequence"]) == ("stop_sequence", "END")


@pytest.mark.parametrize("fields", [',"stop_reason":"<|im_end|>"', ',"matched_stop":151645', ',"stop_reason":null'])
def test_the_models_own_stop_token_is_none(fields: str) -> None:
    message = ended(TEXT, finish("stop", fields)).message
    assert (message["stop_reason"], message["stop_sequence"]) == ("end_turn", None)


def test_a_stop_sequence_yields_to_a_tool_and_to_a_limit() -> None:
    assert ended(CALL, finish("stop", ',"stop_reason":"END"')).stop_reason == "tool_use"
    assert ended(TEXT, finish("length", ',"stop_reason":"END"')).stop_reason == "max_tokens"
