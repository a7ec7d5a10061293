"""The decoder of server-sent events, after WHATWG HTML, section 9.2."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol import sse
from providers.protocol.sse import EventTooLarge, ServerSentEvent, SSEDecoder, encode_event

LINE_ENDS = st.sampled_from([b"\n", b"\r", b"\r\n"])
LINES = st.sampled_from(
    [
        b"",
        b"",
        b"data: a",
        b"data:b",
        b"data:  c",
        b"data",
        b"event: ping",
        b"event:",
        b": comment",
        b"id: 1",
        b"retry: 5",
    ]
    + ["data: \u2028\u2029\x85".encode(), b"data: \xff", b"\xef\xbb\xbfdata: d", b"dat", b"data : e", b"Data: f"]
)


def events_of(*chunks: bytes, limit: int = sse.MAX_EVENT_BYTES) -> list[ServerSentEvent]:
    decoder = SSEDecoder(limit)
    return [event for chunk in chunks for event in decoder.feed(chunk)]


def data_of(*chunks: bytes) -> list[bytes]:
    return [event.data for event in events_of(*chunks)]


def outcome_of(chunks: list[bytes], limit: int) -> tuple[list[ServerSentEvent], str]:
    """The events before the limit was met, and what was said of it."""
    decoder, events = SSEDecoder(limit), []
    for chunk in chunks:
        try:
            events += decoder.feed(chunk)
        except EventTooLarge as error:
            return events + error.events, str(error)
    return events, ""


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in zip(edges, edges[1:], strict=False)]


def by_the_standard(stream: bytes) -> list[ServerSentEvent]:
    """The standard's own words as slow code, for a whole stream."""
    stream = stream.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    found, event, data = [], b"", b""
    for line in stream.split(b"\n")[:-1]:
        name, _, value = line.partition(b":")
        value = value[1:] if value[:1] == b" " else value
        if line == b"":
            if data:
                found.append(ServerSentEvent(event.decode(errors="replace") or "message", data[:-1]))
            event, data = b"", b""
        elif name == b"data":
            data += value + b"\n"
        elif name == b"event":
            event = value
    return found


streams = st.lists(st.tuples(LINES, LINE_ENDS).map(b"".join), max_size=25).map(b"".join)
places = st.lists(st.integers(0, 10_000), max_size=8)


@given(streams)
def test_a_stream_is_read_as_the_standard_says(stream: bytes) -> None:
    assert events_of(stream) == by_the_standard(stream)


@given(streams, places)
def test_any_split_gives_the_same_events(stream: bytes, places: list[int]) -> None:
    assert events_of(*cut(stream, places)) == events_of(stream)


@given(streams)
def test_single_bytes_give_the_same_events(stream: bytes) -> None:
    assert events_of(*cut(stream, list(range(len(stream))))) == events_of(stream)


@given(streams, places, st.integers(1, 30))
def test_any_split_meets_the_limit_alike(stream: bytes, places: list[int], limit: int) -> None:
    assert outcome_of(cut(stream, places), limit) == outcome_of([stream], limit)


@given(st.text(), st.sampled_from(["message_start", "ping", "error"]))
def test_what_was_encoded_is_decoded(text: str, kind: str) -> None:
    data = json.dumps({"text": text}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert events_of(encode_event(kind, data)) == [ServerSentEvent(kind, data)]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_every_line_end_ends_a_line(end: bytes) -> None:
    assert events_of(end.join([b"event: x", b"data: 1", b"", b"data: 2", b"", b""])) == [
        ServerSentEvent("x", b"1"),
        ServerSentEvent("message", b"2"),
    ]


def test_line_ends_may_be_mixed() -> None:
    assert events_of(b"event: x\rdata: 1\r\ndata: 2\n\r\ndata: 3\n\n") == [
        ServerSentEvent("x", b"1\n2"),
        ServerSentEvent("message", b"3"),
    ]


def test_an_event_is_given_out_with_the_cr_of_its_empty_line() -> None:
    decoder = SSEDecoder()
    assert [event.data for event in decoder.feed(b"data: 1\r\r")] == [b"1"]
    assert decoder.feed(b"\n") == []
    assert [event.data for event in decoder.feed(b"data: 2\r\n\r\n")] == [b"2"]


def test_no_other_character_ends_a_line() -> None:
    text = "one\u2028two\u2029three\x85four\x0bfive\x0csix\x1cseven"
    assert data_of(f"data: {text}\n\n".encode()) == [text.encode()]


def test_one_space_after_the_colon_is_not_data() -> None:
    assert data_of(b"data:1\n\n", b"data: 2\n\n", b"data:  3\n\n", b"data:\t4\n\n") == [b"1", b"2", b" 3", b"\t4"]


def test_events_with_and_without_a_name_are_taken_alike() -> None:
    stream = b"data: 1\n\nevent: x\ndata: 2\n\ndata: \n\ndata: 3\n\n"
    expected = [("message", b"1"), ("x", b"2"), ("message", b""), ("message", b"3")]
    assert events_of(stream) == expected
    assert events_of(stream[:5], stream[5:]) == expected


def test_several_data_lines_are_one_event() -> None:
    assert data_of(b"data: {\ndata:\ndata: }\n\n") == [b"{\n\n}"]


def test_comments_and_unknown_fields_are_passed_over() -> None:
    assert data_of(b": keep-alive\n\n:\nid: 7\nretry: 10\ndata: 1\nother\n\n") == [b"1"]


def test_a_bom_counts_at_the_start_of_the_stream_only() -> None:
    assert data_of(b"\xef", b"\xbb\xbfdata: 1\n\n") == [b"1"]
    assert data_of(b"data: 1\n\n\xef\xbb\xbfdata: 2\n\n") == [b"1"]


def test_an_event_without_its_empty_line_is_not_given_out() -> None:
    assert data_of(b"data: 1\n\ndata: 2\n") == [b"1"]


def test_an_event_name_does_not_last_beyond_its_event() -> None:
    assert [event.event for event in events_of(b"event: x\n\ndata: 1\n\n")] == ["message"]


def test_an_event_longer_than_the_limit_is_refused_with_the_limit_in_words() -> None:
    with pytest.raises(EventTooLarge, match="longer than 20 bytes"):
        events_of(b"data: 1\n\n", b"data: " + b"x" * 20, limit=20)


def test_the_events_before_one_that_is_too_long_come_with_the_refusal() -> None:
    with pytest.raises(EventTooLarge) as refused:
        events_of(b"data: 1\n\nevent: x\ndata: 2\n\ndata: " + b"x" * 20, limit=20)
    assert refused.value.events == [ServerSentEvent("message", b"1"), ServerSentEvent("x", b"2")]


def test_the_limit_is_for_one_event_and_not_for_a_chunk_of_many() -> None:
    assert len(events_of(b"data: 12345\n\n" * 1000, limit=20)) == 1000


def test_each_byte_of_a_long_event_is_searched_once() -> None:
    """Linear, told by the work and not by its time."""
    searched = 0

    class Counting:
        def finditer(self, chunk: bytes) -> Any:
            nonlocal searched
            searched += len(chunk)
            return line_end.finditer(chunk)

    line_end, data = sse._LINE_END, b"x" * (5 << 20)
    stream = b"data: " + data + b"\n\n"
    with mock.patch.object(sse, "_LINE_END", Counting()):
        [event] = events_of(*(stream[start : start + 1024] for start in range(0, len(stream), 1024)))
    assert event.data == data
    assert searched == len(stream)
