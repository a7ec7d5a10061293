"""Events of a Messages stream, byte by byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol import messages_events as events
from providers.protocol.errors import ErrorType
from providers.protocol.messages_events import DeltaKind
from providers.protocol.sse import SSEDecoder


def test_a_message_starts_empty() -> None:
    assert events.message_start("msg_1", "claude-opus-5-5", {"input_tokens": 5, "output_tokens": 1}) == (
        b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message",'
        b'"role":"assistant","model":"claude-opus-5-5","content":[],"stop_reason":null,"stop_sequence":null,'
        b'"usage":{"input_tokens":5,"output_tokens":1}}}\n\n'
    )


def test_a_block_begins_with_its_own_fields() -> None:
    assert events.block_start(3, {"type": "tool_use", "id": "a", "name": "Read", "input": {}}) == (
        b'event: content_block_start\ndata: {"type":"content_block_start","index":3,'
        b'"content_block":{"type":"tool_use","id":"a","name":"Read","input":{}}}\n\n'
    )


@pytest.mark.parametrize(
    ("kind", "delta"),
    [
        (DeltaKind.TEXT, b'{"type":"text_delta","text":"a\\"b"}'),
        (DeltaKind.THINKING, b'{"type":"thinking_delta","thinking":"a\\"b"}'),
        (DeltaKind.SIGNATURE, b'{"type":"signature_delta","signature":"a\\"b"}'),
        (DeltaKind.INPUT_JSON, b'{"type":"input_json_delta","partial_json":"a\\"b"}'),
    ],
)
def test_a_delta_names_its_block_and_its_field(kind: DeltaKind, delta: bytes) -> None:
    assert events.block_delta(12, kind, 'a"b') == (
        b'event: content_block_delta\ndata: {"type":"content_block_delta","index":12,"delta":' + delta + b"}\n\n"
    )


def test_a_message_ends_with_its_stop_reason_and_usage() -> None:
    assert events.block_stop(0) == b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'
    assert events.message_delta("stop_sequence", "END", {"output_tokens": 7}) == (
        b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"stop_sequence",'
        b'"stop_sequence":"END"},"usage":{"output_tokens":7}}\n\n'
    )
    assert events.MESSAGE_STOP == b'event: message_stop\ndata: {"type":"message_stop"}\n\n'


def test_an_error_and_a_ping_are_events_too() -> None:
    assert events.error(ErrorType.OVERLOADED, "Busy") == (
        b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Busy"}}\n\n'
    )
    assert events.PING == b'event: ping\ndata: {"type":"ping"}\n\n'


@given(st.text(), st.sampled_from(DeltaKind))
def test_every_text_comes_out_of_its_delta_as_it_went_in(text: str, kind: DeltaKind) -> None:
    [event] = SSEDecoder().feed(events.block_delta(0, kind, text))
    assert json.loads(event.data)["delta"][kind.value[1].decode()] == text
