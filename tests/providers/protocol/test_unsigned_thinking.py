"""B26: thinking that another model wrote does not go to an API that signs its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.unsigned_thinking import without_unsigned_thinking

UNSIGNED = b'{"type":"thinking","thinking":"Hm","signature":""}'
SIGNED = b'{ "type": "thinking", "thinking": "\\u00e9",  "signature": "c2ln" }'
SIGNED_EMPTY = b'{"type":"thinking","thinking":"","signature":"c2ln"}'
REDACTED = b'{"type":"redacted_thinking","data":"ZW5j"}'
TEXT = b'{"type":"text","text":"So.","x":1.0}'


def request(*messages: bytes) -> bytes:
    return b'{"model":"m","max_tokens":1e2,"messages":[%s],"metadata":{ }}' % b",".join(messages)


def message(*blocks: bytes, role: bytes = b"assistant") -> bytes:
    return b'{"role":"%s","content":[%s]}' % (role, b",".join(blocks))


USER = b'{"role":"user","content":"\\"signature\\":\\"\\""}'


def test_b26_unsigned_thinking_goes_and_every_other_byte_stays() -> None:
    body = request(USER, message(UNSIGNED, SIGNED, UNSIGNED, REDACTED, TEXT), USER)
    assert without_unsigned_thinking(body) == request(USER, message(SIGNED, REDACTED, TEXT), USER)


def test_a_message_of_nothing_else_goes_too() -> None:
    body = request(USER, message(UNSIGNED), USER)
    assert without_unsigned_thinking(body) == request(USER, USER)


def test_a_space_before_the_signature_makes_no_difference() -> None:
    spaced = b'{"type": "thinking", "thinking": "Hm", "signature": ""}'
    assert without_unsigned_thinking(request(message(spaced, TEXT))) == request(message(TEXT))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(request(USER, message(SIGNED, SIGNED_EMPTY, REDACTED, TEXT)), id="B27 signed, also without words"),
        pytest.param(request(USER), id="the mark inside a text"),
        pytest.param(request(message(b'{"type":"tool_use","input":{"signature":""}}')), id="the mark in an input"),
        pytest.param(request(message()) + b' "signature":""', id="no JSON"),
        pytest.param(b'["signature":""]', id="no object"),
        pytest.param(b'{"signature":""}', id="no messages"),
        pytest.param(b'{"messages":{"signature":""}}', id="messages that are no list"),
        pytest.param(b'{"messages":[{"content":[7]}],"signature":""}', id="a block that is no object"),
        pytest.param(b'{"messages":[{"content":7},{}],"signature":""}', id="a content that is none"),
        pytest.param(b"[" * 100_000 + b'"signature":""', id="nested too deeply"),
    ],
)
def test_any_other_body_stays_the_object_that_it_is(body: bytes) -> None:
    assert without_unsigned_thinking(body) is body


@given(st.lists(st.sampled_from([UNSIGNED, SIGNED, REDACTED, TEXT]), min_size=1))
def test_what_is_left_is_what_has_a_signature_or_needs_none(blocks: list[bytes]) -> None:
    found: Any = json.loads(without_unsigned_thinking(request(USER, message(*blocks))))["messages"][1:]
    left = [json.loads(block) for block in blocks if block is not UNSIGNED]
    assert found == ([{"role": "assistant", "content": left}] if left else [])
