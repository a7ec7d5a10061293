from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requestlog import pieces
from requestlog.pieces import Piece, join, pack, split
from tests.requestlog.exchanges import prose

LONG = "a sentence that is long enough to be stored once, " * 5

texts = st.text(max_size=30) | st.text(max_size=10).map(lambda text: LONG + text)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
content_blocks = st.fixed_dictionaries({"type": st.just("text"), "text": texts}) | values
messages = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant"]), "content": st.lists(content_blocks) | texts},
    optional={"tool_calls": st.lists(values) | texts, "reasoning_content": texts},
)
requests = st.fixed_dictionaries(
    {"model": texts},
    optional={
        "system": st.lists(content_blocks) | texts,
        "tools": st.lists(values),
        "messages": st.lists(messages | values),
        "x": values,
    },
)


def stored_and_loaded(body: bytes) -> bytes:
    """The body after it went through the log's form, with blocks of its own."""
    blocks: dict[int, bytes] = {}
    references: list[int | bytes] = []
    for number, piece in enumerate(split(body), 1):
        if piece.shared:
            blocks[number] = pieces.decompress(pieces.compress(piece.content))
        references.append(number if piece.shared else piece.content)
    return join(pack(references), lambda ids: {id: blocks[id] for id in ids})


def shared(body: bytes) -> list[bytes]:
    return [piece.content for piece in split(body) if piece.shared]


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_come_back_as_they_were(body: bytes) -> None:
    assert stored_and_loaded(body) == body


@settings(max_examples=300, deadline=None)
@given(requests, st.booleans(), st.sampled_from([None, 1, "\t", " \r\n"]), st.randoms(use_true_random=False))
def test_any_request_comes_back_byte_for_byte(
    value: dict[str, Any], ascii_only: bool, indent: Any, order: random.Random
) -> None:
    items = list(value.items())
    order.shuffle(items)
    body = json.dumps(dict(items), ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")
    assert stored_and_loaded(body) == body


@settings(deadline=None)
@given(requests, st.data())
def test_a_request_that_is_cut_off_comes_back(value: dict[str, Any], data: st.DataObject) -> None:
    body = json.dumps(value).encode()
    cut = body[: data.draw(st.integers(0, len(body)))]
    assert stored_and_loaded(cut) == cut


def test_each_turn_shares_the_blocks_of_the_turn_before() -> None:
    numbers = random.Random(1)
    said = [{"role": "user", "content": [{"type": "text", "text": prose(numbers, 400)}]} for _ in range(5)]
    system, tools = prose(numbers, 500), [{"name": "t", "description": prose(numbers, 300)}]
    first = json.dumps({"system": system, "tools": tools, "messages": said[:4]}).encode()
    second = json.dumps({"system": system, "tools": tools, "messages": said}).encode()
    assert len(shared(first)) == 6
    assert shared(second)[:6] == shared(first)
    assert len(shared(second)) == 7


@pytest.mark.parametrize("content_first", [True, False])
def test_the_calls_of_a_chat_completions_history_are_shared_too(content_first: bool) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "Write", "arguments": LONG}}
    fields = {"content": LONG, "tool_calls": [call]}
    message = {"role": "assistant"} | (fields if content_first else dict(reversed(fields.items())))
    body = json.dumps({"messages": [message, {"role": "tool", "tool_call_id": "call_1", "content": LONG}]}).encode()
    assert sorted(shared(body)) == sorted([json.dumps(LONG).encode()] * 2 + [json.dumps(call).encode()])
    assert stored_and_loaded(body) == body


def test_a_short_value_stays_in_its_body() -> None:
    assert shared(b'{"messages": [{"role": "user", "content": "hello"}]}') == []


def test_equal_blocks_in_one_body_are_equal_pieces() -> None:
    block = json.dumps({"type": "text", "text": LONG})
    body = f'{{"messages": [{{"content": [{block}, {block}]}}], "system": [{block}]}}'.encode()
    assert shared(body) == [block.encode()] * 3


def test_of_a_key_given_twice_nothing_is_lost() -> None:
    block = json.dumps({"type": "text", "text": LONG})
    body = (
        f'{{"messages": [{{"content": [{block}]}}], "system": {json.dumps(LONG)}, "messages": [1, {block}]}}'.encode()
    )
    assert stored_and_loaded(body) == body


@pytest.mark.parametrize("depth", [2_000, 500_000])
def test_json_nested_without_end_is_one_piece(depth: int) -> None:
    body = b'{"messages":' + b"[" * depth + b"]" * depth + b"}"
    assert split(body) == [Piece(body, shared=False)]


def test_an_empty_body_has_no_pieces() -> None:
    assert split(b"") == []
    assert stored_and_loaded(b"") == b""


def test_a_missing_block_is_an_error_not_a_hole() -> None:
    with pytest.raises(KeyError):
        join(pack([1, b"x"]), lambda ids: {})
