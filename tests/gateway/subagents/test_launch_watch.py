"""Launches are found in every form in which an answer can pass, and before its end is told to anybody."""

from __future__ import annotations

import gzip
import json
import zlib

import brotli
import pytest
import zstandard

from gateway.subagents.launch_watch import LaunchWatch
from routing.identification.prompts import prompt_digest
from routing.identification.spawns import Spawn
from tests.support.anthropic_stream import Text, ToolUse, message, stream

CALL = ToolUse("Agent", {"description": "Ask", "prompt": "Look out.", "subagent_type": "scout"})
OTHER = ToolUse("Agent", {"description": "Ask", "prompt": "Look in.", "subagent_type": "cook"})
SCOUT = Spawn("scout", prompt_digest("Look out."), "Ask")
COOK = Spawn("cook", prompt_digest("Look in."), "Ask")
STREAM = b"".join(stream(Text("I send two."), CALL, OTHER))
DOCUMENT = json.dumps(message(Text("I send two."), CALL, OTHER), indent=1).encode()


def found(chunks: list[bytes], content_encoding: str = "") -> list[Spawn]:
    spawns: list[Spawn] = []
    watch = LaunchWatch(content_encoding, spawns.append)
    for chunk in chunks:
        watch.feed(chunk)
    return spawns


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
@pytest.mark.parametrize("answer", [STREAM, DOCUMENT, b"\n " + DOCUMENT + b"\n", b": hello\n\n" + STREAM])
def test_launches_are_found_wherever_the_chunks_are_cut(answer: bytes, size: int) -> None:
    assert found(cut(answer, size)) == [SCOUT, COOK]


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("zstd", zstandard.compress),
        ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
        ("identity", bytes),
    ],
)
@pytest.mark.parametrize("answer", [STREAM, DOCUMENT])
def test_a_content_encoding_is_undone(answer: bytes, encoding: str, encode: object) -> None:
    assert found(cut(encode(answer), 50), encoding) == [SCOUT, COOK]  # type: ignore[operator]


def test_a_launch_is_told_with_the_event_that_completes_it() -> None:
    spawns: list[Spawn] = []
    watch = LaunchWatch("", spawns.append)
    told = []
    for event in stream(Text("I send one."), CALL):
        watch.feed(event)
        told.append((b"content_block_stop" in event and b'"index": 1' in event, len(spawns)))
    assert (True, 1) in told
    assert all(count == 0 for stops, count in told[: told.index((True, 1))])


def test_a_document_is_read_with_its_last_bracket() -> None:
    spawns: list[Spawn] = []
    watch = LaunchWatch("", spawns.append)
    watch.feed(DOCUMENT[:-1])
    assert spawns == []
    watch.feed(DOCUMENT[-1:])
    assert spawns == [SCOUT, COOK]
    watch.feed(b"\n")
    assert spawns == [SCOUT, COOK]


@pytest.mark.parametrize(
    ("answer", "encoding"),
    [
        (STREAM, "gzip"),
        (STREAM, "smoke-signals"),
        (gzip.compress(STREAM)[:40] + b"damaged" * 20, "gzip"),
        (b"<html>tool_use</html>", ""),
        (b"{broken" + DOCUMENT, ""),
        (b"", ""),
        (b"\xff\xfe" * 100, ""),
    ],
    ids=["not encoded", "unknown", "damaged", "html", "broken", "empty", "binary"],
)
def test_what_cannot_be_read_launches_nothing_and_harms_nobody(answer: bytes, encoding: str) -> None:
    assert found([*cut(answer, 30), b"", b"the end"], encoding) == []
