"""What the log learns from a response, from the bytes that the client got."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from gateway.digest import NO_MESSAGE_STOP, digest_response
from providers.protocol.errors import error_body
from requestlog.digest import ResponseDigest
from requestlog.exchange import Exchange
from tests.support import anthropic_stream as api

USAGE = api.Usage(input_tokens=9, output_tokens=41, cache_read=3, cache_write_5m=100, cache_write_1h=200)
BLOCKS = (api.Text("I look."), api.ToolUse("Read", {"path": "a"}), api.ToolUse("Bash", {"command": "ls"}))
STREAM = b"".join(api.stream(*BLOCKS, usage=USAGE))
SSE = "text/event-stream; charset=utf-8"
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


def digest(body: bytes, kind: str = SSE, encoding: str = "", lost_bytes: int = 0) -> ResponseDigest:
    headers = [("Content-Type", kind), *([("content-encoding", encoding)] if encoding else [])]
    exchange = Exchange(status=200, response_headers=headers, response_bytes=len(body) + lost_bytes)
    return digest_response(exchange, body)


def numbers(found: ResponseDigest) -> tuple[int | None, ...]:
    return (
        found.input_tokens,
        found.output_tokens,
        found.cache_read_tokens,
        found.cache_write_5m_tokens,
        found.cache_write_1h_tokens,
    )


def test_a_stream_gives_tokens_stop_reason_tools_and_the_message_in_one_piece() -> None:
    found = digest(STREAM)
    assert numbers(found) == (9, 41, 3, 100, 200)
    assert found.stop_reason == "tool_use"
    assert found.tools_called == ("Read", "Bash")
    assert [block["type"] for block in json.loads(found.message)["content"]] == ["text", "tool_use", "tool_use"]
    assert found.complete and not found.error_type


def test_an_answer_without_streaming_gives_the_same() -> None:
    found = digest(json.dumps(api.message(*BLOCKS, usage=USAGE)).encode(), "application/json")
    assert numbers(found) == (9, 41, 3, 100, 200)
    assert (found.stop_reason, found.tools_called, found.complete) == ("tool_use", ("Read", "Bash"), True)
    assert json.loads(found.message)["content"][0] == {"type": "text", "text": "I look."}


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_compressed_response_is_read_like_a_plain_one(encoding: str) -> None:
    plain = digest(STREAM)
    assert digest(ENCODERS[encoding](STREAM), encoding=encoding) == plain


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "rot13"])
def test_what_cannot_be_decoded_gives_nothing_and_no_error(encoding: str) -> None:
    assert digest(b"this is none of them, and long enough to be told", encoding=encoding) == ResponseDigest()


def test_a_stream_without_its_end_is_incomplete_and_says_so() -> None:
    found = digest(b"".join(api.stream(*BLOCKS, usage=USAGE)[:-1]))
    assert not found.complete
    assert (found.error_type, found.error_message) == (NO_MESSAGE_STOP.type, NO_MESSAGE_STOP.message)
    assert numbers(found) == (9, 41, 3, 100, 200)


def test_a_stream_whose_end_was_not_kept_is_not_called_incomplete() -> None:
    found = digest(STREAM[:600], lost_bytes=len(STREAM) - 600)
    assert found.complete and not found.error_type
    assert found.input_tokens == 9


def test_a_stream_that_broke_off_while_compressed_gives_what_came() -> None:
    whole = gzip.compress(STREAM, mtime=0)
    found = digest(whole[:-30], encoding="gzip")
    assert found.input_tokens == 9
    assert not found.complete


def test_an_error_in_a_stream_is_the_responses_error() -> None:
    found = digest(b"".join(api.stream(api.Text("Half"))[:4]) + api.error_event("overloaded_error", "Overloaded"))
    assert (found.complete, found.error_type, found.error_message) == (False, "overloaded_error", "Overloaded")


def test_an_error_answer_gives_its_type_and_text() -> None:
    found = digest(error_body("rate_limit_error", "Slow down."), "application/json")
    assert (found.complete, found.error_type, found.error_message) == (False, "rate_limit_error", "Slow down.")
    assert found.message == b""


def test_counted_tokens_are_input_tokens() -> None:
    found = digest(b'{"input_tokens": 2095}', "application/json")
    assert found == ResponseDigest(input_tokens=2095)


@pytest.mark.parametrize(
    "body", [b"", b"<html>502</html>", b"[]", b"null", b'{"data": []}', b'{"type": "message", "content": 5}', b"\xff"]
)
def test_another_answer_gives_no_numbers(body: bytes) -> None:
    found = digest(body, "application/json")
    assert numbers(found) == (None,) * 5
    assert (found.tools_called, found.stop_reason, found.error_type) == ((), "", "")


def test_many_events_together_may_be_longer_than_one_event_may_be() -> None:
    comment = b": " + b"x" * (1 << 20) + b"\n\n"
    assert digest(comment * 33 + STREAM).stop_reason == "tool_use"


@given(st.binary(), st.sampled_from([SSE, "application/json", ""]), st.sampled_from(["", *ENCODERS, "gzip, br", ","]))
def test_reading_never_raises(body: bytes, kind: str, encoding: str) -> None:
    digest(body, kind, encoding)


@pytest.mark.parametrize("kind", [SSE, "application/json"])
def test_a_body_nested_without_end_gives_nothing(kind: str) -> None:
    assert numbers(digest(b"data: " * (kind == SSE) + b"[" * 100_000 + b"\n\n", kind)) == (None,) * 5
