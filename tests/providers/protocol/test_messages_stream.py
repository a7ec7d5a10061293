"""Streams put together again: what is found must be the message as the API would have answered it in one piece."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.errors import ErrorDetail
from providers.protocol.messages_stream import MessageAccumulator
from providers.protocol.sse import ServerSentEvent, SSEDecoder
from providers.protocol.usage import Usage
from tests.support import anthropic_stream as api

CITATION = {"type": "char_location", "cited_text": "grass", "start_char_index": 0, "end_char_index": 5}


def accumulated(*events: bytes) -> MessageAccumulator:
    decoder, accumulator = SSEDecoder(), MessageAccumulator()
    for event in decoder.feed(b"".join(events)):
        accumulator.feed(event)
    return accumulator


def content(*events: bytes) -> Any:
    """The blocks of a message that consists of these events."""
    message = accumulated(api.event("message_start", message={"content": []}), *events).message
    assert message is not None
    return message["content"]


def start(index: int, **block: Any) -> bytes:
    return api.event("content_block_start", index=index, content_block=block)


def delta(index: int, kind: str, **fields: Any) -> bytes:
    return api.event("content_block_delta", index=index, delta={"type": kind, **fields})


def test_a_stream_gives_the_message_that_the_api_answers_without_one() -> None:
    blocks = (
        api.Thinking("let me think about it", signature="c2lnbmVk"),
        api.Text("Grass is green, \u2028 and so on."),
        api.ToolUse("Read", {"file_path": "a.txt", "limit": [1, {"x": None}]}),
        api.ToolUse("Bash", {"command": "ls"}),
    )
    usage = api.Usage(input_tokens=9, output_tokens=41, cache_read=3, cache_write_5m=100, cache_write_1h=200)
    accumulator = accumulated(*api.stream(*blocks, usage=usage))
    expected = api.message(*blocks, usage=usage)
    assert accumulator.message is not None
    assert accumulator.message | {"id": ""} == expected | {"id": ""}
    assert accumulator.usage == Usage(9, 41, 3, 100, 200)
    assert accumulator.stopped
    assert accumulator.error is None


def test_nothing_is_known_before_the_message_starts() -> None:
    accumulator = accumulated(api.PING, start(0, type="text", text=""), delta(0, "text_delta", text="a"))
    assert accumulator.message is None
    assert not accumulator.stopped


def test_blocks_are_kept_apart_by_their_index_whatever_the_order() -> None:
    assert content(
        start(1, type="text", text="b"),
        start(0, type="text", text="a"),
        delta(1, "text_delta", text="2"),
        delta(0, "text_delta", text="1"),
    ) == [{"type": "text", "text": "a1"}, {"type": "text", "text": "b2"}]


def test_citations_are_added_to_their_block() -> None:
    assert content(
        start(0, type="text", text="", citations=None),
        delta(0, "citations_delta", citation=CITATION),
        delta(0, "text_delta", text="Grass."),
        delta(0, "citations_delta", citation=CITATION | {"start_char_index": 7}),
    ) == [{"type": "text", "text": "Grass.", "citations": [CITATION, CITATION | {"start_char_index": 7}]}]


def test_the_apis_own_tools_are_read_like_the_clients() -> None:
    search = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
    found = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [{"title": "Grass"}]}
    assert content(
        start(0, **search), delta(0, "input_json_delta", partial_json='{"query": "gra'),
        delta(0, "input_json_delta", partial_json='ss"}'), start(1, **found),
    ) == [search | {"input": {"query": "grass"}}, found]  # fmt: skip


@pytest.mark.parametrize("pieces", [[], [""]])
def test_a_tool_without_arguments_has_an_empty_input(pieces: list[str]) -> None:
    deltas = [delta(0, "input_json_delta", partial_json=piece) for piece in pieces]
    assert content(start(0, type="tool_use", name="Now", input={}), *deltas)[0]["input"] == {}


def test_an_input_that_was_cut_off_is_kept_as_its_text() -> None:
    events = start(0, type="tool_use", name="Read", input={}), delta(0, "input_json_delta", partial_json='{"file_pa')
    assert content(*events)[0]["input"] == '{"file_pa'


def test_a_redacted_thought_is_kept_as_it_is() -> None:
    assert content(start(0, type="redacted_thinking", data="AAAA")) == [{"type": "redacted_thinking", "data": "AAAA"}]


def test_usage_comes_from_the_start_and_the_end_together() -> None:
    lives = {"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 6}
    first = {"input_tokens": 5, "output_tokens": 1, "cache_creation_input_tokens": 10, "cache_creation": lives}
    last = {"input_tokens": 5, "output_tokens": 80, "cache_creation_input_tokens": 10, "cache_read_input_tokens": 0}
    accumulator = accumulated(
        api.event("message_start", message={"usage": first}),
        api.event("message_delta", delta={"stop_reason": "max_tokens"}, usage=last),
    )
    assert accumulator.usage == Usage(5, 80, 0, 4, 6)
    assert accumulator.message == {"usage": first | last, "stop_reason": "max_tokens", "content": []}


def test_a_stream_that_ends_early_has_what_came_and_has_not_stopped() -> None:
    accumulator = accumulated(*api.stream(api.Text("The answer is long."))[:5])
    assert accumulator.message is not None
    assert accumulator.message["content"][0]["text"] == "The answer is "
    assert accumulator.message["stop_reason"] is None
    assert not accumulator.stopped


def test_an_error_is_kept_beside_what_came_before_it() -> None:
    accumulator = accumulated(*api.stream(api.Text("Half"))[:4], api.error_event("overloaded_error", "Overloaded"))
    assert accumulator.error == ErrorDetail("overloaded_error", "Overloaded")
    assert accumulator.message is not None and accumulator.message["content"][0]["text"] == "Half"


@pytest.mark.parametrize("error", [None, "broken", 5, {}, {"type": 5, "message": []}])
def test_an_error_of_another_shape_is_still_one(error: Any) -> None:
    found = accumulated(api.event("error", error=error)).error
    assert found is not None and found.type == "api_error"


def test_what_does_not_fit_is_passed_over() -> None:
    text = start(0, type="text", text="a")
    junk = [
        delta(7, "text_delta", text="no such block"),
        delta(0, "something_new", text="unknown"),
        delta(0, "text_delta", text=5),
        start(None, type="text", text="b"),  # type: ignore[arg-type]
        api.event("vacation"),
        b"event: content_block_delta\ndata: {broken\n\n",
        b"data: [1, 2]\n\n",
        b"data: \xff\n\n",
        b"data: " + b"[" * 100_000 + b"\n\n",
    ]
    assert content(text, *junk, delta(0, "text_delta", text="z")) == [{"type": "text", "text": "az"}]


def test_an_event_without_a_type_of_its_own_is_known_by_its_name() -> None:
    accumulator = accumulated(
        b'event: message_start\ndata: {"message": {"id": "msg_1"}}\n\n', b"event: message_stop\ndata: {}\n\n"
    )
    assert accumulator.message == {"id": "msg_1", "content": []}
    assert accumulator.stopped


KINDS = ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "error"]
DELTAS = ["text_delta", "thinking_delta", "signature_delta", "input_json_delta", "citations_delta"]
names = st.sampled_from(
    ["type", "index", "delta", "content_block", "message", "usage", "error", "text", "thinking", "signature"]
    + ["partial_json", "citations", "citation", "input", "content", "stop_reason", "input_tokens", "cache_creation"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from([*KINDS, *DELTAS, "", '{"a":', "[]"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
shaped = st.fixed_dictionaries(
    {"type": st.sampled_from(KINDS), "index": st.integers(0, 1) | values},
    optional={
        "message": st.dictionaries(names, values, max_size=3) | values,
        "content_block": st.dictionaries(names, values, max_size=3) | values,
        "delta": st.fixed_dictionaries({"type": st.sampled_from(DELTAS)}, optional={"text": values, "citation": values})
        | values,
        "usage": st.dictionaries(names, values, max_size=3) | values,
        "error": values,
    },
)


@given(st.lists(shaped | values, max_size=12))
def test_no_event_however_odd_stops_it(events: list[Any]) -> None:
    accumulator = MessageAccumulator()
    for event in events:
        accumulator.feed(ServerSentEvent("message", json.dumps(event).encode()))
        assert accumulator.message is None or json.dumps(accumulator.message)
