"""The request as a whole."""

from __future__ import annotations

import base64

import pytest

from providers.protocol.chat.capabilities import Capabilities
from providers.protocol.chat.context import ThoughtSignatures
from tests.providers.protocol.chat.requests.converting import (
    BASH,
    HELLO,
    READ,
    assistant,
    chat,
    converted,
    image,
    notes,
    tool_result,
    tool_use,
    user,
)


def test_a_typical_request() -> None:
    request = converted(
        system=[{"type": "text", "text": "You are helpful.", "cache_control": {"type": "ephemeral"}}],
        messages=[
            user("Look."),
            assistant(tool_use("toolu_1", path="a")),
            user(tool_result("toolu_1", "A", is_error=False)),
        ],
        tools=[READ],
        metadata={"user_id": "somebody"},
        temperature=1,
        stream=True,
    )
    assert request.body == (
        b'{"model":"gpt-x","messages":[{"role":"system","content":"You are helpful."},'
        b'{"role":"user","content":"Look."},'
        b'{"role":"assistant","content":null,"tool_calls":[{"id":"toolu_1","type":"function",'
        b'"function":{"name":"Read","arguments":"{\\"path\\":\\"a\\"}"}}]},'
        b'{"role":"tool","tool_call_id":"toolu_1","content":"A"}],'
        b'"tools":[{"type":"function","function":{"name":"Read","description":"Reads a file.",'
        b'"parameters":{"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}}}],'
        b'"max_tokens":1000,"temperature":1,"stream":true,"stream_options":{"include_usage":true}}'
    )
    assert request.notes == ()


def test_the_same_request_gives_the_same_bytes() -> None:
    fields = {"tools": [READ, BASH], "messages": [*HELLO, assistant("Hi"), user("Go.")], "session_id": "s"}
    assert converted(**fields).body == converted(**fields).body


def test_what_the_answer_needs_is_handed_over() -> None:
    signatures = ThoughtSignatures()
    context = converted(tools=[READ], stop_sequences=["END"], signatures=signatures).context
    assert (context.requested_model, context.message_id) == ("claude-opus-5-5", "msg_01")
    assert context.declared_tools == {"Read": "Read"}
    assert context.stop_sequences == ("END",)
    assert context.used_tool_ids == frozenset()
    assert context.signatures is signatures


@pytest.mark.parametrize("in_tags", [False, True])
def test_the_answer_is_told_whether_thinking_may_stand_in_tags(in_tags: bool) -> None:
    assert converted(Capabilities(thinking_in_tags=in_tags)).context.thinking_in_tags is in_tags


def test_the_estimate_counts_text_by_its_length_and_images_flat() -> None:
    words = "word " * 400
    plain = converted(messages=[user(words)]).context.input_estimate
    assert 500 <= plain <= 560
    picture = image(base64.b64encode(bytes(300_000)).decode())
    assert 1500 <= converted(messages=[user(words, picture)]).context.input_estimate - plain <= 1550
    assert converted(messages=[user(words)], tools=[READ], system=words).context.input_estimate > plain + 500


def test_fields_that_have_no_counterpart_are_named() -> None:
    fields = {
        "context_management": {"edits": []},
        "container": "c",
        "mcp_servers": [],
        "service_tier": "auto",
        "novel": 1,
        "output_config": {"task_budget": {"total": 5}},
    }
    assert chat(**fields) == chat()
    assert notes(**fields) == (
        "`context_management` is not supported by this provider: left out",
        "`container` is not supported by this provider: left out",
        "`mcp_servers` is not supported by this provider: left out",
        "`service_tier` is not supported by this provider: left out",
        "`novel` is not supported by this provider: left out",
        "`output_config.task_budget` is not supported by this provider: left out",
    )


def test_where_to_put_the_cache_needs_no_word() -> None:
    assert notes(cache_control={"type": "ephemeral"}) == ()


def test_the_notes_of_tools_come_with_every_request_that_offers_them() -> None:
    tools = [READ | {"input_examples": [{}]}]
    assert notes(Capabilities(), tools=tools) == notes(Capabilities(), tools=tools) != ()
