"""Gemini's signatures of tool calls are remembered for the next request."""

from __future__ import annotations

import pytest

from providers.protocol.chat.context import ThoughtSignatures
from tests.providers.protocol.chat.answers.answering import (
    call,
    context,
    delta,
    finished,
)
from tests.providers.protocol.chat.answers.calling import BASH_LS, READ, READ_A, ids_of

SIGNED = '"extra_content":{"google":{"thought_signature":"c2ln"}}'


@pytest.mark.parametrize(
    "chunk",
    [
        pytest.param(
            call('{"index":0,"id":"call_1",%s,"function":{"name":"Read","arguments":"{}"}}', SIGNED), id="call"
        ),
        pytest.param(delta('{%s,"tool_calls":[%s]}', SIGNED, READ_A), id="delta"),
        pytest.param(call(READ) + call('{"index":0,%s,"function":{"arguments":"{}"}}', SIGNED), id="later"),
        pytest.param(call('{"index":0,"id":"call_1",%s}', SIGNED) + call(READ), id="before the name"),
    ],
)
def test_the_signature_of_a_call_is_remembered_by_its_id(chunk: bytes) -> None:
    signatures = ThoughtSignatures()
    finished(chunk, context=context(signatures=signatures))
    assert signatures.of("call_1") == "c2ln"


def test_the_signature_of_a_call_without_an_id_is_remembered_by_the_id_that_it_got() -> None:
    signatures = ThoughtSignatures()
    answer = finished(call('{%s,"function":{"name":"Read"}}', SIGNED), context=context(signatures=signatures))
    assert signatures.of(ids_of(answer)[0]) == "c2ln"


def test_one_signature_for_several_calls_is_the_first_ones() -> None:
    signatures = ThoughtSignatures()
    finished(delta('{%s,"tool_calls":[%s,%s]}', SIGNED, READ_A, BASH_LS), context=context(signatures=signatures))
    assert signatures.of("call_1") == "c2ln"
    assert signatures.of("call_2") == ThoughtSignatures.SKIP_VALIDATION


@pytest.mark.parametrize("extra", ['"x"', "null", '{"google":5}', '{"google":{"thought_signature":{}}}'])
def test_an_odd_signature_is_none(extra: str) -> None:
    signatures = ThoughtSignatures()
    chunk = call('{"id":"call_1","extra_content":%s,"function":{"name":"Read"}}', extra)
    finished(chunk, context=context(signatures=signatures))
    assert signatures.of("call_1") == ThoughtSignatures.SKIP_VALIDATION


def test_a_signature_without_a_place_to_remember_it_changes_nothing() -> None:
    assert finished(call('{"id":"call_1",%s,"function":{"name":"Read"}}', SIGNED)).notes == []
