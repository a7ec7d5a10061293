"""Errors in a stream, in whatever way an upstream tells them."""

from __future__ import annotations

import pytest

from providers.protocol.errors import ErrorType
from providers.protocol.sse import SSEDecoder
from tests.providers.protocol.chat.answers.answering import (
    DONE,
    HELLO,
    STOP,
    data,
    translated,
)


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
