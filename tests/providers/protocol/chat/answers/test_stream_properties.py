"""What holds for every stream, however an upstream writes it and wherever the network cuts it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import anthropic
import httpx2
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.chat.answers.completion import convert_completion
from providers.protocol.chat.answers.stream import ChatStreamTranslator
from providers.protocol.chat.context import AnswerContext
from tests.providers.protocol.chat.answers.answering import CONTEXT, DONE, checked, context, data

Json = dict[str, Any]
TOOLS = {"Read": "Read", "Bash": "Bash", "shortened_1a2b": "a_long_name"}
STOPS = ("END",)

# --------------------------------------------------------------------------------------- any script, cut at any places

texts = st.text(max_size=6) | st.sampled_from(["", " ", "\n", "Hello", "日本😀", "\u2028", '{"a":', "1}", "{}", '"{}"'])
ids = st.none() | st.sampled_from(["", "call_1", "call_2", "functions.Bash:0"])
indices = st.none() | st.integers(0, 2)
names = st.none() | st.sampled_from(["", "Read", "bash", "Unknown", "shortened_1a2b"])
argument_texts = st.none() | texts | st.sampled_from(['{"path": "a"}', "null", "[1]", '{"x":']) | st.just({"a": 1})
odd: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-1, 3) | st.text(max_size=3) | st.just([]) | st.just({}) | st.just([None])
)
calls = st.fixed_dictionaries(
    {},
    optional={
        "index": indices | odd,
        "id": ids | odd,
        "function": st.fixed_dictionaries({}, optional={"name": names | odd, "arguments": argument_texts | odd}) | odd,
        "extra_content": st.just({"google": {"thought_signature": "c2ln"}}) | odd,
    },
)
parts = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["text", "thinking", "refusal", "image_url"])}, optional={"text": texts}
    )
    | texts
    | odd,
    max_size=2,
)
deltas = st.fixed_dictionaries(
    {},
    optional={
        "content": texts | parts | odd,
        "reasoning": texts | odd,
        "reasoning_content": texts | odd,
        "reasoning_details": st.lists(st.fixed_dictionaries({"type": st.just("reasoning.text"), "text": texts})) | odd,
        "refusal": st.none() | texts | odd,
        "tool_calls": st.lists(calls, max_size=3) | odd,
        "function_call": st.none()
        | st.fixed_dictionaries({}, optional={"name": names, "arguments": argument_texts})
        | odd,
    },
)
reasons = st.none() | st.sampled_from(["stop", "tool_calls", "length", "content_filter", "error", "new", ""])
choices = st.fixed_dictionaries(
    {"delta": deltas | odd},
    optional={
        "index": st.just(0) | odd,
        "finish_reason": reasons | odd,
        "stop_reason": st.sampled_from(["END", None]) | odd,
        "error": odd,
    },
)
counts = st.none() | st.integers(0, 50) | odd
usages = st.fixed_dictionaries(
    {}, optional={"prompt_tokens": counts, "completion_tokens": counts, "total_tokens": counts, "cached_tokens": counts}
)
chunks = st.fixed_dictionaries(
    {"choices": st.lists(choices, max_size=2) | odd}, optional={"usage": usages | odd, "error": odd, "x_groq": odd}
).map(lambda chunk: data(json.dumps(chunk)))
good_chunks = st.fixed_dictionaries({"delta": deltas, "finish_reason": st.none() | st.just("stop")}).map(
    lambda choice: data(json.dumps({"choices": [choice]}, ensure_ascii=False))
)
noise = st.sampled_from(
    [
        DONE,
        b": comment\n\n",
        b"event: ping\ndata: {}\n\n",
        b"data: [1,\n\n",
        b"event: error\ndata: x\n\n",
        b"data: \xff\n\n",
    ]
    + [
        b"data: {}\r\n\r\n",
        b"data: [DONE]",
        b"\n",
        b"\r",
        data('{"error":{"message":"no","code":503}}'),
        data('{"detail":1}'),
    ]
)
scripts = st.lists(good_chunks | good_chunks | chunks | noise, max_size=12).map(b"".join)
places = st.lists(st.integers(0, 10_000), max_size=12)


def context_of_the_test() -> AnswerContext:
    return context(declared_tools=TOOLS, stop_sequences=STOPS, used_tool_ids=frozenset({"call_2"}))


def events_of(pieces: list[bytes]) -> tuple[list[bytes], ChatStreamTranslator]:
    translator = ChatStreamTranslator(context_of_the_test())
    events = [event for piece in pieces for event in translator.feed(piece)]
    return events + translator.close(), translator


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in zip(edges, edges[1:], strict=False)]


@given(scripts, places)
def test_any_cut_gives_the_same_events(script: bytes, places: list[int]) -> None:
    whole, one = events_of([script])
    pieces, other = events_of(cut(script, places))
    assert pieces == whole
    assert (other.error, other.started, other.finished) == (one.error, one.started, one.finished)
    assert (other.notes, other.usage_is_estimate) == (one.notes, one.usage_is_estimate)


@given(scripts)
def test_every_stream_obeys_the_grammar(script: bytes) -> None:
    events, translator = events_of([script])
    answer = checked(events, translator)
    assert (answer.names[-1] == "error") == (translator.error is not None)
    assert ("message_start" in answer.names) == translator.started


@given(scripts, st.integers(0, 10_000))
def test_a_stream_that_breaks_off_anywhere_obeys_the_grammar(script: bytes, place: int) -> None:
    checked(*events_of([script[: place % (len(script) + 1)]]))


@given(st.lists(st.one_of(st.tuples(st.just("content"), texts), st.tuples(st.just("reasoning"), texts)), max_size=10))
def test_no_text_is_lost_and_none_is_made_up(pieces: list[tuple[str, str]]) -> None:
    script = [data(json.dumps({"choices": [{"delta": {field: text}}]})) for field, text in pieces]
    end = data('{"choices":[{"delta":{},"finish_reason":"stop"}]}')
    answer = checked(*events_of([*script, end]))
    for field, kind in (("content", "text"), ("reasoning", "thinking")):
        given_out = "".join(block[kind] for block in answer.content if block["type"] == kind)
        fed = "".join(text for name, text in pieces if name == field)
        assert "".join(given_out.split()) == "".join(fed.split())  # space between blocks is none


# --------------------------------------------------------------------- the official SDK against the answer in one piece


@dataclass(frozen=True)
class Call:
    name: str
    input: Json


@dataclass(frozen=True)
class Script:
    """An answer, and how its stream is cut into chunks: sizes of pieces, and whether calls come interleaved."""

    thinking: str
    text: str
    calls: list[Call]
    finish: str
    usage: Json
    piece: int
    interleaved: bool

    def completion(self) -> bytes:
        message: Json = {"role": "assistant", "content": self.text or None, "reasoning_content": self.thinking or None}
        if self.calls:
            message["tool_calls"] = [_call(index, call) for index, call in enumerate(self.calls)]
        choice = {"index": 0, "message": message, "finish_reason": self.finish}
        return json.dumps({"choices": [choice], "usage": self.usage}).encode()

    def stream(self) -> bytes:
        deltas = [{"role": "assistant", "content": ""}]
        deltas += [{"reasoning_content": piece} for piece in self._pieces(self.thinking)]
        deltas += [{"content": piece} for piece in self._pieces(self.text)]
        events = [
            data(json.dumps({"choices": [{"index": 0, "delta": delta}]})) for delta in deltas + self._call_deltas()
        ]
        events.append(data(json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": self.finish}]})))
        events.append(data(json.dumps({"choices": [], "usage": self.usage})))
        return b"".join(events) + DONE

    def _call_deltas(self) -> list[Json]:
        of_calls = [
            [_call(index, call, arguments="")]
            + [{"index": index, "function": {"arguments": piece}} for piece in self._pieces(json.dumps(call.input))]
            for index, call in enumerate(self.calls)
        ]
        if self.interleaved:
            longest = max(map(len, of_calls), default=0)
            of_calls = [[deltas[turn] for deltas in of_calls if turn < len(deltas)] for turn in range(longest)]
        return [{"tool_calls": [delta]} for deltas in of_calls for delta in deltas]

    def _pieces(self, text: str) -> list[str]:
        return [text[start : start + self.piece] for start in range(0, len(text), self.piece)]


def _call(index: int, call: Call, arguments: str | None = None) -> Json:
    arguments = json.dumps(call.input) if arguments is None else arguments
    return {"index": index, "id": f"call_{index}", "function": {"name": call.name, "arguments": arguments}}


visible = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
inputs = st.dictionaries(
    visible, st.none() | st.booleans() | st.integers(-9, 9) | visible | st.lists(visible), max_size=3
)
usage_numbers = st.fixed_dictionaries(
    {"prompt_tokens": st.integers(1, 99), "completion_tokens": st.integers(0, 99)},
    optional={"prompt_tokens_details": st.fixed_dictionaries({"cached_tokens": st.integers(0, 99)})},
)
answers = st.builds(
    Script,
    thinking=visible,
    text=visible,
    calls=st.lists(st.builds(Call, st.sampled_from(["Read", "Bash"]), inputs), max_size=3),
    finish=st.sampled_from(["stop", "tool_calls", "length", "content_filter"]),
    usage=usage_numbers,
    piece=st.integers(1, 9),
    interleaved=st.booleans(),
)

_served = b""


def _serve(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=_served)


_client = anthropic.Anthropic(api_key="x", http_client=httpx2.Client(transport=httpx2.MockTransport(_serve)))


def accumulated_by_the_sdk(stream: bytes) -> Json:
    global _served
    _served = stream
    with _client.messages.stream(model="m", max_tokens=1, messages=[{"role": "user", "content": "Hi"}]) as events:
        found = events.get_final_message().to_dict()
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


@given(answers)
def test_the_sdk_reads_the_stream_as_the_message_that_a_whole_answer_becomes(script: Script) -> None:
    translator = ChatStreamTranslator(CONTEXT)
    events = translator.feed(script.stream()) + translator.close()
    checked(events, translator)
    expected = json.loads(convert_completion(script.completion(), CONTEXT).body)
    found = accumulated_by_the_sdk(b"".join(events))
    assert {name: found[name] for name in ("id", "role", "model", "stop_reason")} == {
        name: expected[name] for name in ("id", "role", "model", "stop_reason")
    }
    assert found["content"] == expected["content"]
    assert {name: found["usage"][name] for name in expected["usage"]} == expected["usage"]
