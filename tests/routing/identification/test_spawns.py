"""The tool calls that start subagents, found in streams that are cut anywhere and in whole messages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.identification.prompts import prompt_digest
from routing.identification.spawns import Spawn, SpawnWatcher, spawns_in
from tests.support.anthropic_stream import Block, Text, Thinking, ToolUse, event, message, stream

REVIEW = ToolUse("Agent", {"description": "Review", "prompt": "Review it.\nTwice.", "subagent_type": "code-reviewer"})
PLAN = ToolUse("Task", {"prompt": "Plan “it” — \U0001f600.", "subagent_type": "planner", "description": "Plan"})
ANY = ToolUse("Agent", {"description": "Do", "prompt": "Do it."})
READ = ToolUse("Read", {"file_path": "agents.md"})
REVIEW_SPAWN = Spawn("code-reviewer", prompt_digest("Review it.\nTwice."), "Review")
PLAN_SPAWN = Spawn("planner", prompt_digest("Plan “it” — \U0001f600."), "Plan")
ANY_SPAWN = Spawn("general-purpose", prompt_digest("Do it."), "Do")
ANSWER = b"".join(stream(Thinking("Hm."), Text('I "tool_use" them.'), REVIEW, READ, PLAN, ANY, Text("Sent.")))
ALL = [REVIEW_SPAWN, PLAN_SPAWN, ANY_SPAWN]


def watched(*chunks: bytes) -> list[Spawn]:
    watcher = SpawnWatcher()
    return [spawn for chunk in chunks for spawn in watcher.feed(chunk)]


def called(name: str, tool_input: Any) -> list[Spawn]:
    return watched(b"".join(stream(ToolUse(name, tool_input))))


def test_parallel_calls_are_found_in_their_order() -> None:
    assert watched(ANSWER) == ALL


def test_each_call_is_told_with_the_chunk_that_ends_it() -> None:
    watcher = SpawnWatcher()
    told = [(chunk, watcher.feed(chunk)) for chunk in stream(REVIEW, PLAN)]
    assert [(chunk, spawns) for chunk, spawns in told if spawns] == [
        (event("content_block_stop", index=0), [REVIEW_SPAWN]),
        (event("content_block_stop", index=1), [PLAN_SPAWN]),
    ]


def test_every_split_in_two_gives_the_same_calls() -> None:
    splits = range(len(ANSWER) + 1)
    assert [cut for cut in splits if watched(ANSWER[:cut], ANSWER[cut:]) != ALL] == []


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_chunks_of_one_size_give_the_same_calls(size: int) -> None:
    assert watched(*(ANSWER[start : start + size] for start in range(0, len(ANSWER), size))) == ALL


@given(st.sets(st.integers(0, len(ANSWER))), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_any_split_and_line_end_gives_the_same_calls(cuts: set[int], line_end: bytes) -> None:
    answer = ANSWER.replace(b"\n", line_end)
    borders = [0, *sorted(cuts), len(answer)]
    assert watched(*(answer[start:end] for start, end in zip(borders, borders[1:], strict=False))) == ALL


def test_json_without_spaces_is_read_as_well() -> None:
    events = [json.loads(line[6:]) for line in ANSWER.splitlines() if line.startswith(b"data: ")]
    lines = [json.dumps(each, separators=(",", ":"), ensure_ascii=False) for each in events]
    assert watched("".join(f"data:{line}\n\n" for line in lines).encode()) == ALL


def test_interleaved_blocks_are_kept_apart() -> None:
    start = {"type": "tool_use", "id": "t", "name": "Agent", "input": {}}
    parts = [(0, '{"prompt": "On'), (1, '{"prompt": "Two."'), (0, 'e."}'), (1, ', "subagent_type": "b"}')]
    deltas = [
        event("content_block_delta", index=index, delta={"type": "input_json_delta", "partial_json": part})
        for index, part in parts
    ]
    starts = [event("content_block_start", index=index, content_block=start) for index in (0, 1)]
    stops = [event("content_block_stop", index=index) for index in (1, 0)]
    assert watched(*starts, *deltas, *stops) == [
        Spawn("b", prompt_digest("Two.")),
        Spawn("general-purpose", prompt_digest("One.")),
    ]


def test_an_input_that_comes_with_the_blocks_start_counts_too() -> None:
    start = event("content_block_start", index=0, content_block=REVIEW.whole())
    assert watched(start, event("content_block_stop", index=0)) == [REVIEW_SPAWN]


@pytest.mark.parametrize("kind", [{}, {"subagent_type": ""}, {"subagent_type": None}])
def test_an_agent_without_a_type_is_the_general_one(kind: dict[str, Any]) -> None:
    assert called("Agent", {"prompt": "Do it."} | kind) == [Spawn("general-purpose", prompt_digest("Do it."))]


@pytest.mark.parametrize("tool_input", [{}, {"prompt": 5}, [], "text", {"description": "no prompt"}])
def test_a_call_that_the_client_refuses_starts_nobody(tool_input: Any) -> None:
    assert called("Agent", tool_input) == []


@pytest.mark.parametrize("block", [READ, ToolUse("AgentOutput", {"prompt": "x"}), Text('{"name": "Agent"}')])
def test_other_blocks_start_nobody(block: Block) -> None:
    assert watched(b"".join(stream(block))) == []


def test_a_stream_that_ends_in_a_call_starts_nobody() -> None:
    end = ANSWER.index(event("content_block_stop", index=2))
    assert watched(ANSWER[:end]) == []


def test_what_cannot_be_read_is_passed_over() -> None:
    broken = b'data: {"type": "content_block_start", "content_block": {"type": "tool_use"\n\n'
    odd = b'data: {"type": "content_block_start", "index": "one", "content_block": {"type": "tool_use"}}\n\n'
    assert watched(broken, odd, b'data: "tool_use"\n\n', ANSWER) == ALL


def test_half_a_character_in_a_prompt_is_what_the_client_makes_of_it() -> None:
    assert called("Agent", {"prompt": "Cut \ud83d here."}) == [
        Spawn("general-purpose", prompt_digest("Cut \ufffd here.")),
    ]


@given(st.lists(st.binary() | st.sampled_from([b'"tool_use"', b"data: ", b"\n\n", b'{"type": "'])))
def test_no_stream_makes_it_fail(chunks: list[bytes]) -> None:
    watched(*chunks)


@given(st.binary() | st.binary().map(lambda data: b'{"content": [{"type": "tool_use", "name": "Agent"' + data))
def test_no_message_makes_it_fail(body: bytes) -> None:
    spawns_in(body)


def test_a_whole_message_tells_the_same_as_its_stream() -> None:
    body = json.dumps(message(Text("I send them."), REVIEW, READ, PLAN, ANY)).encode()
    assert spawns_in(body) == ALL


def test_a_message_without_tool_calls_starts_nobody() -> None:
    assert spawns_in(json.dumps(message(Text('A "tool_use" it is not.'))).encode()) == []
    assert spawns_in(b'{"type": "error", "error": {"type": "tool_use"}}') == []
