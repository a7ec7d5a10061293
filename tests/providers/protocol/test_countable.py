from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.countable import Countable, read_countable

IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aW1n"}}
PDF = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "cGRm"}}


def read(**request: Any) -> Countable:
    return read_countable(json.dumps(request).encode())


def blocks(*content: Any) -> Countable:
    return read(messages=[{"role": "user", "content": list(content)}])


def test_b77_nothing_that_a_model_reads_is_passed_over() -> None:
    countable = read(
        system=[{"type": "text", "text": "be brief", "cache_control": {"type": "ephemeral"}}],
        tools=[{"name": "Read", "description": "reads", "input_schema": {"type": "object"}, "cache_control": {}}],
        messages=[
            {"role": "user", "content": "a question"},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "a thought", "signature": "s" * 1000},
                    {"type": "redacted_thinking", "data": "x" * 1000},
                    {"type": "text", "text": "an answer"},
                    {"type": "tool_use", "id": "t1", "name": "Read", "input": {"path": "a.txt"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "found"}, IMAGE]},
                    PDF,
                ],
            },
        ],
        output_config={"format": {"type": "json_schema", "schema": {"type": "string"}}},
    )
    assert countable.texts == [
        "be brief",
        '{"name":"Read","description":"reads","input_schema":{"type":"object"}}',
        "a question",
        "a thought",
        "an answer",
        "Read",
        '{"path":"a.txt"}',
        "found",
        '{"type":"string"}',
    ]
    assert (countable.images, countable.pdfs) == (["aW1n"], ["cGRm"])
    assert (countable.messages, countable.tools) == (6, 1)


def test_system_and_content_may_be_texts() -> None:
    assert read(system="a", messages=[{"role": "user", "content": "b"}]).texts == ["a", "b"]


def test_the_billing_block_is_not_counted_since_no_other_provider_gets_it() -> None:
    billing = {"type": "text", "text": "x-anthropic-billing-header: cc_version=1;"}
    assert read(system=[billing, {"type": "text", "text": "b"}]).texts == ["b"]


def test_the_result_of_a_tool_may_be_a_text_or_nothing() -> None:
    countable = blocks({"type": "tool_result", "tool_use_id": "1", "content": "x"}, {"type": "tool_result"})
    assert (countable.texts, countable.messages) == (["x"], 3)


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ({"type": "text", "media_type": "text/plain", "data": "plain"}, ["Title", "plain"]),
        ({"type": "content", "content": "one"}, ["Title", "one"]),
        ({"type": "content", "content": [{"type": "text", "text": "two"}]}, ["Title", "two"]),
    ],
)
def test_the_text_of_a_document_is_a_text(source: Any, texts: list[str]) -> None:
    countable = blocks({"type": "document", "title": "Title", "source": source})
    assert (countable.texts, countable.pdfs) == (texts, [])


def test_what_is_not_sent_along_is_there_without_its_data() -> None:
    linked = {"type": "url", "url": "https://pictures.example/cat.png"}
    countable = blocks({"type": "image", "source": linked}, {"type": "document", "source": linked})
    assert (countable.images, countable.pdfs) == ([""], [""])


def test_a_block_of_an_unknown_kind_is_counted_by_its_json() -> None:
    assert blocks({"type": "hologram", "depth": 3, "cache_control": {}}).texts == ['{"type":"hologram","depth":3}']


def test_half_a_character_is_no_reason_not_to_count() -> None:
    assert read_countable(b'{"messages":[{"role":"user","content":"a\\ud83d b"}]}').texts == ["a? b"]


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b'{"messages":' * 2000, b'{"messages":7}'])
def test_what_is_no_request_is_counted_for_what_it_is(body: bytes) -> None:
    assert read_countable(body).texts in ([], ["7"])


@pytest.mark.parametrize(
    ("request_", "is_plain"),
    [
        ({"messages": [{"content": "a"}]}, True),
        ({"system": "s", "messages": [{"content": [{"type": "text", "text": "a"}]}]}, True),
        ({"messages": [{"content": "a"}], "tools": [{"name": "t"}]}, False),
        ({"messages": [{"content": [IMAGE]}]}, False),
        ({"messages": [{"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]}, False),
    ],
)
def test_plain_is_what_consists_of_messages_with_one_text_each(request_: Any, is_plain: bool) -> None:
    assert read(**request_).is_plain is is_plain


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
kinds = st.sampled_from(["text", "thinking", "tool_use", "tool_result", "image", "document", "unheard-of", 7, None, []])
strange_blocks = st.fixed_dictionaries(
    {"type": kinds},
    optional=dict.fromkeys(("text", "content", "source", "input", "name", "title", "thinking"), json_values),
)


@given(
    st.fixed_dictionaries(
        {},
        optional={"system": json_values, "tools": json_values, "messages": json_values, "output_config": json_values},
    ),
    st.lists(strange_blocks),
)
def test_no_request_is_too_strange_to_be_counted(request_: dict[str, Any], content: list[Any]) -> None:
    body = json.dumps({"messages": [{"role": "user", "content": content}], **request_}).encode()
    assert all(isinstance(text, str) for text in read_countable(body).texts)


@given(st.lists(st.text(min_size=1)))
def test_no_text_is_lost(texts: list[str]) -> None:
    content = [{"type": "text", "text": text} for text in texts]
    assert blocks(*content).texts == texts
