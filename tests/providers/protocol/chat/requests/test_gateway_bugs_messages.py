"""What other gateways have got wrong in the messages of a request, by the numbers of the list of their bugs.

Literal JSON of the Messages API in, and what goes out of it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.protocol.chat.context import ThoughtSignatures
from providers.protocol.chat.tool_ids import to_client
from providers.protocol.messages_request import InvalidRequest
from tests.providers.protocol.chat.requests.literal_requests import (
    HELLO,
    IMAGE,
    READ_A,
    SHOWN,
    answer,
    assistant,
    convert,
    result,
    sent,
    turn,
)


@pytest.mark.parametrize(
    ("fields", "capabilities", "behind_the_call"),
    [
        pytest.param(
            turn(result(b'[{"type":"text","text":"a"},{"type":"text","text":"b"}]')),
            {},
            [answer("a\n\nb")],
            id="B37 a result of several blocks is one tool message",
        ),
        pytest.param(
            turn(result(b"[%s]" % IMAGE)),
            {},
            [
                answer("(see the next message)"),
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "From the result of the tool call t1 (Read):"}, SHOWN],
                },
            ],
            id="B38 the image of a result is shown behind it",
        ),
        pytest.param(
            turn(result(b'"not found"', b',"is_error":true')),
            {},
            [answer("Error: not found")],
            id="B39 a failed call looks like one",
        ),
        pytest.param(
            turn(result(b'[{"type":"text","text":""},{"type":"text","text":"a"}]'), b'{"type":"text","text":" "}'),
            {},
            [answer("a")],
            id="B40 empty texts are dropped, also in results",
        ),
        pytest.param(
            turn(b'{"type":"text","text":"","cache_control":{"type":"ephemeral"}}', result(b'"a"')),
            {},
            [answer("a")],
            id="B41 an empty text with cache_control is dropped with it",
        ),
        pytest.param(
            turn(b'{"type":"text","text":"Never mind."}'),
            {},
            [answer("(no result: the call was interrupted)"), {"role": "user", "content": "Never mind."}],
            id="B60 a call without a result gets one",
        ),
        pytest.param(
            turn(result(b'"a"'), b'{"type":"tool_result","tool_use_id":"gone","content":"late"}'),
            {},
            [answer("a"), {"role": "user", "content": "[result of the tool call gone]\nlate"}],
            id="B60 a result without a call is kept as text",
        ),
        pytest.param(
            b'"messages":[{"role":"user","content":"Go"},{"role":"assistant","content":[%s]},'
            b'{"role":"system","content":"Mind."},{"role":"user","content":[%s]}]' % (READ_A, result(b'"a"')),
            {},
            [answer("a"), {"role": "user", "content": "<system-reminder>\nMind.\n</system-reminder>"}],
            id="B43 a system message never stands between a call and its result",
        ),
    ],
)
def test_what_follows_a_call(fields: bytes, capabilities: dict[str, Any], behind_the_call: list[Any]) -> None:
    assert sent(fields, **capabilities)["messages"][2:] == behind_the_call


@pytest.mark.parametrize(
    ("fields", "capabilities", "message"),
    [
        pytest.param(
            assistant(READ_A),
            {},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "t1", "type": "function", "function": {"name": "Read", "arguments": '{"path":"a"}'}}
                ],
            },
            id="B42 a turn of nothing but calls has no content",
        ),
        pytest.param(
            assistant(b'{"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"text","text":"So."}'),
            {"reasoning_history": "reasoning"},
            {"role": "assistant", "content": "So."},
            id="B26 thinking that another provider signed is not replayed",
        ),
        pytest.param(
            assistant(b'{"type":"redacted_thinking","data":"ZW5j"},{"type":"text","text":"So."}'),
            {},
            {"role": "assistant", "content": "So."},
            id="B28 redacted thinking is not replayed",
        ),
        pytest.param(
            assistant(b'{"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"So."}'),
            {"reasoning_history": "reasoning_content"},
            {"role": "assistant", "content": "So.", "reasoning_content": "hm"},
            id="B31 reasoning goes back to the provider that insists on it",
        ),
        pytest.param(
            assistant(b'{"type":"text","text":"So."}'),
            {"reasoning_history": "reasoning_content"},
            {"role": "assistant", "content": "So.", "reasoning_content": " "},
            id="B31 a turn of another model has a reasoning too, and not an empty one",
        ),
    ],
)
def test_what_an_assistant_message_becomes(
    fields: bytes, capabilities: dict[str, Any], message: dict[str, Any]
) -> None:
    assert sent(fields, **capabilities)["messages"][1] == message


def test_b33_a_call_returns_with_its_signature_and_an_unknown_one_is_not_validated() -> None:
    signatures = ThoughtSignatures()
    signatures.remember("t1", "c2ln")
    for known, signature in ((signatures, "c2ln"), (None, "skip_thought_signature_validator")):
        message = sent(turn(result(b'"a"')), signatures=known, thought_signatures=True)["messages"][1]
        assert message["tool_calls"][0]["extra_content"] == {"google": {"thought_signature": signature}}


@pytest.mark.parametrize("native", [True, False])
def test_b43_a_system_message_in_mid_conversation(native: bool) -> None:
    messages = (
        b'"messages":[{"role":"user","content":"a"},{"role":"system","content":"b"},{"role":"user","content":"c"}]'
    )
    as_system = [("user", "a"), ("system", "b"), ("user", "c")]
    as_reminder = [("user", "a\n\n<system-reminder>\nb\n</system-reminder>\n\nc")]
    found = sent(messages, mid_conversation_system=native)["messages"]
    assert [(message["role"], message["content"]) for message in found] == (as_system if native else as_reminder)


def test_b44_system_blocks_are_joined_by_blank_lines() -> None:
    system = b'"system":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"messages":'
    assert sent(system + HELLO)["messages"][0] == {"role": "system", "content": "a\n\nb"}


def test_b45_a_document_is_sent_or_refused_but_never_dropped() -> None:
    document = b'{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERg=="}}'
    messages = b'"messages":[{"role":"user","content":[%s]}]' % document
    (part,) = sent(messages, documents="file")["messages"][0]["content"]
    assert part["file"]["file_data"] == "data:application/pdf;base64,JVBERg=="
    with pytest.raises(InvalidRequest, match=r"^messages\.0\.content\.0: this model takes no PDFs"):
        sent(messages, documents="none")


@pytest.mark.parametrize("as_the_client_has_it", ["functions.Read:0", to_client("functions.Read:0")])
def test_b46_ids_go_back_as_the_model_made_them(as_the_client_has_it: str) -> None:
    messages = turn(result(b'"a"')).replace(b'"t1"', b'"%s"' % as_the_client_has_it.encode())
    request = convert(messages)
    found = json.loads(request.body)["messages"]
    assert found[1]["tool_calls"][0]["id"] == found[2]["tool_call_id"] == "functions.Read:0"
    assert as_the_client_has_it in request.context.used_tool_ids


def test_b55_a_prefill_with_thinking_is_told() -> None:
    messages = b'"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]'
    request = convert(messages + b',"thinking":{"type":"adaptive"}', reasoning="chat_template_kwargs")
    assert request.notes == ("the last message is the assistant's: a model that thinks may refuse it or begin anew",)
