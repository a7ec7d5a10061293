from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.errors import ErrorDetail, ErrorType, error_body, error_event, read_error
from providers.protocol.sse import ServerSentEvent, SSEDecoder

readable = st.text(st.characters(exclude_categories=["Cs"]))


def test_an_error_has_the_shape_of_the_api() -> None:
    assert json.loads(error_body(ErrorType.NOT_FOUND, "There is no such thing.")) == {
        "type": "error",
        "error": {"type": "not_found_error", "message": "There is no such thing."},
    }


@given(st.sampled_from(ErrorType), readable)
def test_an_error_reads_back_as_it_was_written(kind: ErrorType, message: str) -> None:
    assert read_error(error_body(kind, message)) == ErrorDetail(kind.value, message)


@given(readable)
def test_an_error_event_holds_the_body_whatever_its_text(message: str) -> None:
    body = error_body(ErrorType.API, message)
    assert SSEDecoder().feed(error_event(body)) == [ServerSentEvent("error", body)]


def test_fields_beside_type_and_message_are_passed_over() -> None:
    body = b'{"type":"error","error":{"type":"a","message":"b","details":[1]},"request_id":"req_1"}'
    assert read_error(body) == ErrorDetail("a", "b")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"oops",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"error": "text"}',
        b'{"error": {"message": 5}}',
        b'{"x": ' + b"[" * 100_000,
    ],
)
def test_another_shape_is_no_error_of_the_api(body: bytes) -> None:
    assert read_error(body) is None


@given(st.binary())
def test_reading_never_raises(body: bytes) -> None:
    read_error(body)
