"""Thinking between tags at the beginning of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.chat.answers.delta_texts import TextKind
from providers.protocol.chat.answers.think_tags import ThinkTags
from tests.providers.protocol.chat.answers.answering import call, context, data, delta, finished

TAGGED = context(thinking_in_tags=True)
READ = '{"index":0,"id":"call_1","function":{"name":"Read","arguments":"{}"}}'
READ_BLOCK = {"type": "tool_use", "id": "call_1", "name": "Read", "input": {}}


def split(*pieces: str) -> tuple[str, str]:
    """The thinking and the text."""
    tags = ThinkTags()
    given_out = [piece for text in pieces for piece in tags.feed(text)] + tags.close()
    of_kind = {kind: "".join(text for other, text in given_out if other is kind) for kind in TextKind}
    return of_kind[TextKind.THINKING], of_kind[TextKind.TEXT]


def thinking(text: str) -> dict[str, str]:
    return {"type": "thinking", "thinking": text, "signature": ""}


CASES = [
    pytest.param("<think>Hm.</think>So.", "Hm.", "So.", id="both"),
    pytest.param("\n<think>\nHm.\n\nWell.\n</think>\n\nSo.\n", "Hm.\n\nWell.", "So.\n", id="with space around"),
    pytest.param("<think>\n\n</think>\n\nSo.", "", "So.", id="an empty one"),
    pytest.param("<think>Hm.</think>", "Hm.", "", id="nothing behind it"),
    pytest.param("<think>Hm. </thin", "Hm. </thin", "", id="never closed"),
    pytest.param("<think>a < b </t> c</think>So.", "a < b </t> c", "So.", id="what is no tag inside"),
    pytest.param("<think>a</think>b<think>c</think>", "a", "b<think>c</think>", id="only the first one"),
    pytest.param("So: <think>Hm.</think>", "", "So: <think>Hm.</think>", id="not at the beginning"),
    pytest.param("  <thin ice", "", "  <thin ice", id="what only begins like the tag"),
    pytest.param("<thi", "", "<thi", id="cut off in the tag"),
    pytest.param("Hm.</think>So.", "", "Hm.</think>So.", id="the second tag alone"),
    pytest.param("", "", "", id="nothing"),
]


@pytest.mark.parametrize(("text", "thought", "said"), CASES)
def test_thinking_is_split_off(text: str, thought: str, said: str) -> None:
    assert split(text) == (thought, said)


@pytest.mark.parametrize(("text", "thought", "said"), CASES)
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_pieces_of_any_size_are_split_the_same_way(text: str, thought: str, said: str, size: int) -> None:
    assert split(*[text[place : place + size] for place in range(0, len(text), size)]) == (thought, said)


@given(st.lists(st.sampled_from(["<", "think", "/think", ">", "<think>", "</think>", " ", "\n", "a"])), st.data())
def test_any_text_is_split_the_same_way_wherever_it_is_cut(words: list[str], drawn: st.DataObject) -> None:
    text = "".join(words)
    place = drawn.draw(st.integers(0, len(text)))
    assert split(text[:place], text[place:]) == split(text)


def test_a_text_goes_out_as_soon_as_it_is_certain() -> None:
    tags = ThinkTags()
    assert tags.feed("<think>Hm") == [(TextKind.THINKING, "Hm")]
    assert tags.feed(", we") == [(TextKind.THINKING, ", we")]
    assert tags.feed("ll</think>So") == [(TextKind.THINKING, "ll"), (TextKind.TEXT, "So")]
    assert tags.feed(" on") == [(TextKind.TEXT, " on")]


def test_thinking_in_tags_becomes_a_block_of_its_own() -> None:
    answer = finished(delta('{"content":"<think>\\nHm"}'), delta('{"content":".</th"}'), delta('{"content":"ink>So."}'),
                      context=TAGGED)  # fmt: skip
    assert answer.outline == [
        "begin thinking", "thinking: Hm", "thinking: .", "signature: ", "close",
        "begin text", "text: So.", "close", "end end_turn",
    ]  # fmt: skip


@pytest.mark.parametrize("content", ['"<think>Hm.</think>"', '[{"type":"text","text":"<think>Hm.</think>"}]'])
def test_a_call_follows_the_thinking(content: str) -> None:
    answer = finished(delta('{"content":%s,"tool_calls":[%s]}', content, READ), context=TAGGED)
    assert answer.content == [thinking("Hm."), READ_BLOCK]


def test_what_waits_goes_out_before_a_call() -> None:
    answer = finished(delta('{"content":"<thi"}'), call(READ), delta('{"content":"<think>"}'), context=TAGGED)
    assert answer.content == [{"type": "text", "text": "<thi"}, READ_BLOCK, {"type": "text", "text": "<think>"}]


def test_an_answer_that_ends_within_the_tags_keeps_what_it_has() -> None:
    length = data('{"choices":[{"delta":{},"finish_reason":"length"}]}')
    answer = finished(delta('{"content":"<think>Hm. </thi"}'), length, context=TAGGED)
    assert answer.content == [thinking("Hm. </thi")]
    assert answer.stop_reason == "max_tokens"


def test_tags_are_text_for_a_provider_that_does_not_write_them() -> None:
    answer = finished(delta('{"content":"<think>Hm.</think>So."}'))
    assert answer.content == [{"type": "text", "text": "<think>Hm.</think>So."}]
