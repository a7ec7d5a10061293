"""The checker of Messages streams: it takes what the API sends, and names every fault."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.sse import ServerSentEvent, SSEDecoder
from providers.protocol.stream_grammar import StreamGrammar
from tests.support import anthropic_stream as api

USAGE = {"input_tokens": 1, "output_tokens": 1}
MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [],
    "stop_reason": None,
    "stop_sequence": None,
    "usage": USAGE,
}
START = api.event("message_start", message=MESSAGE)
END = {"stop_reason": "end_turn", "stop_sequence": None}
DELTA = api.event("message_delta", delta=END, usage={"output_tokens": 2})
STOP = api.event("message_stop")
ERROR = api.error_event("overloaded_error", "Busy")


def violations(*events: bytes) -> list[str]:
    grammar = StreamGrammar()
    for event in SSEDecoder().feed(b"".join(events)):
        grammar.feed(event)
    grammar.close()
    return grammar.violations


def begin(index: int, **block: Any) -> bytes:
    return api.event("content_block_start", index=index, content_block=block)


def text(index: int) -> bytes:
    return begin(index, type="text", text="")


def delta(index: int, kind: str = "text_delta", **fields: Any) -> bytes:
    return api.event("content_block_delta", index=index, delta={"type": kind, **(fields or {"text": "a"})})


def end(index: int) -> bytes:
    return api.event("content_block_stop", index=index)


A_TEXT = text(0) + delta(0) + end(0)


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(api.stream(api.Text("Hello there")), id="text"),
        pytest.param(
            api.stream(api.Thinking("Hm"), api.Text("So"), api.ToolUse("Read", {"a": 1}), api.ToolUse("Bash", {})),
            id="everything",
        ),
        pytest.param([START, DELTA, STOP], id="nothing"),
        pytest.param([api.PING, START, api.PING, A_TEXT, DELTA, api.PING, STOP, api.PING], id="pings anywhere"),
        pytest.param([ERROR], id="an error alone"),
        pytest.param([START, text(0), delta(0), ERROR], id="an error in mid-block"),
        pytest.param([START, A_TEXT, DELTA, ERROR], id="an error before the end"),
        pytest.param([START, begin(0, type="redacted_thinking", data="AA"), end(0), DELTA, STOP], id="a whole block"),
        pytest.param([START, begin(0, type="text", text="a"), end(0), DELTA, STOP], id="a text in the block's start"),
    ],
)
def test_a_good_stream_has_no_violations(events: list[bytes]) -> None:
    assert violations(*events) == []


@pytest.mark.parametrize(
    ("events", "fault"),
    [
        pytest.param([], "event 0: the stream ended without message_stop or error", id="nothing"),
        pytest.param([START, A_TEXT], "event 4: the stream ended without message_stop or error", id="cut off"),
        pytest.param([START, DELTA], "event 2: the stream ended without message_stop or error", id="no message_stop"),
        pytest.param([START, START, DELTA, STOP], "event 2: message_start among the content blocks", id="two starts"),
        pytest.param([START, STOP], "event 2: message_stop among the content blocks", id="no message_delta"),
        pytest.param([START, DELTA, STOP, STOP], "event 4: message_stop after the end of the stream", id="two stops"),
        pytest.param([ERROR, START], "event 2: message_start after the end of the stream", id="more after an error"),
        pytest.param([START, DELTA, A_TEXT, STOP], "event 3: content_block_start after message_delta", id="late"),
        pytest.param([START, DELTA, DELTA, STOP], "event 3: message_delta after message_delta", id="two deltas"),
        pytest.param([START, end(0), DELTA, STOP], "event 2: content_block_stop outside of any block", id="a lone end"),
        pytest.param([START, delta(0), DELTA, STOP], "event 2: a delta outside of any block", id="a lone delta"),
        pytest.param(
            [START, A_TEXT, delta(0), DELTA, STOP], "event 5: a delta outside of any block", id="a delta after the end"
        ),
        pytest.param(
            [START, text(1), delta(0), end(0), DELTA, STOP], "event 2: block 1 begins where block 0 is due", id="a gap"
        ),
        pytest.param(
            [START, A_TEXT, text(0), delta(1), end(1), DELTA, STOP],
            "event 5: block 0 begins where block 1 is due",
            id="an index twice",
        ),
        pytest.param(
            [START, text(0), delta(0), text(1), delta(1), end(1), DELTA, STOP],
            "event 4: block 1 begins while block 0 is open",
            id="overlapping",
        ),
        pytest.param(
            [START, text(0), delta(0), DELTA, STOP], "event 4: message_delta while block 0 is open", id="an open block"
        ),
        pytest.param(
            [START, text(0), delta(0), delta(5), end(0), DELTA, STOP],
            "event 4: a delta for block 5 while block 0 is open",
            id="another block's delta",
        ),
        pytest.param(
            [START, text(0), delta(0), end(1), DELTA, STOP],
            "event 4: content_block_stop for block 1 while block 0 is open",
            id="another block's end",
        ),
        pytest.param([START, text(0), end(0), DELTA, STOP], "event 3: block 0 is an empty text block", id="no text"),
        pytest.param(
            [START, text(0), delta(0, text=""), end(0), DELTA, STOP],
            "event 4: block 0 is an empty text block",
            id="an empty text",
        ),
        pytest.param(
            [START, text(0), delta(0), delta(0, "thinking_delta", thinking="a"), end(0), DELTA, STOP],
            "event 4: 'thinking_delta' in a block of the type 'text'",
            id="thinking in a text",
        ),
        pytest.param(
            [START, text(0), delta(0), delta(0, "signature_delta", signature=""), end(0), DELTA, STOP],
            "event 4: 'signature_delta' in a block of the type 'text'",
            id="a signature in a text",
        ),
        pytest.param(
            [START, begin(0, type="tool_use", input={}), delta(0), end(0), DELTA, STOP],
            "event 3: 'text_delta' in a block of the type 'tool_use'",
            id="text in a tool",
        ),
        pytest.param(
            [START, begin(0, type="tool_use", input={"a": 1}), end(0), DELTA, STOP],
            "event 2: a tool_use block begins with input",
            id="input at the start",
        ),
        pytest.param(
            [START, text(0), delta(0), delta(0, "text_delta", text=5), end(0), DELTA, STOP],
            "event 4: text_delta without its text",
            id="a number for a text",
        ),
        pytest.param(
            [START, api.event("content_block_start", index=0), end(0), DELTA, STOP],
            "event 2: content_block_start has no block",
            id="no block",
        ),
        pytest.param([api.event("message_start", message=MESSAGE | {"content": [1]}), DELTA, STOP],
            "event 1: message_start begins with content", id="content at the start"),
        pytest.param([api.event("message_start", message={"content": [], "usage": USAGE, "id": "a"}), DELTA, STOP],
            "event 1: the message of message_start lacks type, role, model, stop_reason, stop_sequence", id="fields"),
        pytest.param([api.event("message_start", message=MESSAGE | {"usage": {"output_tokens": 1}}), DELTA, STOP],
            "event 1: message_start without input_tokens", id="no input"),
        pytest.param([START, api.event("message_delta", delta=END), STOP],
            "event 2: message_delta without output_tokens", id="no usage"),
        pytest.param([START, api.event("message_delta", delta=END, usage=USAGE | {"input_tokens": -1}), STOP],
            "event 2: message_delta with input_tokens that are no counts", id="no count"),
        pytest.param([START, api.event("message_delta", delta=END | {"stop_reason": None}, usage=USAGE), STOP],
            "event 2: message_delta with the stop_reason None", id="no stop reason"),
        pytest.param([START, api.event("message_delta", delta=END | {"stop_sequence": "x"}, usage=USAGE), STOP],
            "event 2: stop_reason and stop_sequence disagree", id="a sequence without its reason"),
        pytest.param([START, DELTA, api.event("error", error="x")], "event 3: an error without type and message"),
        pytest.param([START, api.event("vacation"), DELTA, STOP], "event 2: unknown event 'vacation'", id="unknown"),
        pytest.param([START, b"event: ping\ndata: {\n\n", DELTA, STOP],
            "event 2: the data of ping is not a JSON object", id="no JSON"),
        pytest.param([START, DELTA, b'event: message_stop\ndata: {"type":"ping"}\n\n'],
            "event 3: the data of message_stop has the type 'ping'", id="two types"),
    ],
)  # fmt: skip
def test_a_fault_is_named_once_with_the_number_of_its_event(events: list[bytes], fault: str) -> None:
    assert violations(*events) == [fault]


def test_the_checker_goes_on_after_a_fault() -> None:
    assert violations(START, text(0), end(0), text(3), delta(1), end(1), DELTA, STOP) == [
        "event 3: block 0 is an empty text block",
        "event 4: block 3 begins where block 1 is due",
    ]


KINDS = ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "error"]
FIELDS = ["type", "index", "delta", "text", "usage", "error", "message"]


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3)


values = st.recursive(
    st.none() | st.integers(-1, 1) | st.sampled_from(["text", "text_delta", ""]), nested, max_leaves=6
)


@given(st.lists(st.tuples(st.sampled_from([*KINDS, "message_stop", "ping", "x"]), values), max_size=8))
def test_no_event_however_odd_stops_it(events: list[tuple[str, Any]]) -> None:
    grammar = StreamGrammar()
    for name, value in events:
        grammar.feed(ServerSentEvent(name, json.dumps(value).encode()))
    grammar.close()
    assert all(violation.startswith("event ") for violation in grammar.violations)
