"""Characters that were cut in two between UTF-16 units, as servers written in JavaScript do."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.chat.answers.half_characters import HalfCharacters, without_halves
from providers.protocol.chat.answers.stream import ChatStreamTranslator
from providers.protocol.chat.context import AnswerContext

WAVE = "\N{WATER WAVE}"
FIRST, SECOND = "\ud83c", "\udf0a"


@given(st.text(), st.lists(st.integers(0, 200)))
def test_a_text_cut_between_any_utf16_units_comes_out_whole(text: str, cuts: list[int]) -> None:
    units = text.encode("utf-16-le")
    places = sorted({2 * (cut % (len(units) // 2 + 1)) for cut in cuts} | {0, len(units)})
    pieces = [units[a:b].decode("utf-16-le", "surrogatepass") for a, b in zip(places, places[1:], strict=False)]
    halves = HalfCharacters()
    assert "".join(map(halves.join, pieces)) + halves.close() == text


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ([FIRST], "\ufffd"),
        ([SECOND, "a"], "\ufffda"),
        (["a" + FIRST, "b"], "a\ufffdb"),
        ([FIRST, FIRST, SECOND], "\ufffd" + WAVE),
        ([FIRST, "", SECOND + "c"], WAVE + "c"),
    ],
)
def test_a_half_that_stays_alone_is_replaced(pieces: list[str], text: str) -> None:
    halves = HalfCharacters()
    assert "".join(map(halves.join, pieces)) + halves.close() == text


def test_a_value_is_cleaned_at_every_depth() -> None:
    assert without_halves({FIRST: [SECOND, {"a": FIRST + SECOND}, 1, None]}) == {
        "\ufffd": ["\ufffd", {"a": WAVE}, 1, None]
    }


def streamed(*deltas: dict[str, object]) -> bytes:
    translator = ChatStreamTranslator(AnswerContext("m"))
    chunks = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    body = b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks)
    return b"".join(translator.feed(body) + translator.close())


@pytest.mark.parametrize("field", ["content", "reasoning_content", "reasoning", "refusal"])
def test_halves_in_two_deltas_are_one_character(field: str) -> None:
    sent = streamed({field: "on " + FIRST}, {field: SECOND + "."}).decode()
    assert WAVE + "." in sent and "\ufffd" not in sent


def test_halves_in_the_arguments_of_a_call_are_one_character() -> None:
    def call(arguments: str, **fields: object) -> dict[str, object]:
        return {"tool_calls": [{"index": 0, **fields, "function": {"name": "Write", "arguments": arguments}}]}

    sent = streamed(call('{"text": "' + FIRST, id="call_1"), call(SECOND + '"}')).decode()
    assert WAVE in sent and "\ufffd" not in sent


def test_a_half_at_the_end_of_a_text_is_replaced() -> None:
    assert "\ufffd" in streamed({"content": "a" + FIRST}).decode()
