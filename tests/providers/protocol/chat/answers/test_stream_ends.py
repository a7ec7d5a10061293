"""The ends of streams: once, and clean only where there was a finish reason."""

from __future__ import annotations

import pytest

from providers.protocol.chat.answers.stream import ChatStreamTranslator
from providers.protocol.errors import ErrorType
from tests.providers.protocol.chat.answers.answering import (
    CONTEXT,
    DONE,
    HELLO,
    STOP,
    delta,
    fed,
    translated,
)


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
