"""Translates answers in tests, and says in short what they became; every stream is checked against the grammar."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from providers.protocol.answers import ErrorAnswer
from providers.protocol.chat.answers.stream import ChatStreamTranslator
from providers.protocol.chat.context import AnswerContext
from providers.protocol.messages_stream import MessageAccumulator
from providers.protocol.sse import ServerSentEvent, SSEDecoder
from providers.protocol.stream_grammar import StreamGrammar

Json = dict[str, Any]
CONTEXT = AnswerContext(
    requested_model="claude-opus-5-5",
    message_id="msg_0123",
    declared_tools={"Read": "Read", "Bash": "Bash"},
    input_estimate=1000,
)
DONE = b"data: [DONE]\n\n"
STOP = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
TOOL_CALLS = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\n'


def context(**fields: Any) -> AnswerContext:
    return replace(CONTEXT, **fields)


def filled(text: str, *values: object) -> str:
    """JSON with `values` in the places of its `%s`."""
    return text % values if values else text


def data(text: str, *values: object) -> bytes:
    """One event of an upstream's stream."""
    return f"data: {filled(text, *values)}\n\n".encode()


def delta(text: str, *values: object) -> bytes:
    """A chunk with the delta that is written in `text`."""
    return data('{"choices":[{"index":0,"delta":%s,"finish_reason":null}]}', filled(text, *values))


def call(text: str, *values: object) -> bytes:
    """A chunk with one entry of `tool_calls`."""
    return delta('{"tool_calls":[%s]}', filled(text, *values))


def arguments(text: str, index: int = 0) -> bytes:
    """A chunk that goes on with the arguments of a call."""
    return call('{"index":%s,"function":{"arguments":%s}}', index, json.dumps(text))


HELLO = delta('{"role":"assistant","content":"Hello"}')


@dataclass(frozen=True)
class Answer:
    events: list[ServerSentEvent]
    translator: ChatStreamTranslator

    @property
    def outline(self) -> list[str]:
        """One line for each event, without `message_start`."""
        return [line for event in self.events if (line := _line(event.event, json.loads(event.data)))]

    @property
    def content(self) -> Any:
        return self.message["content"]

    @property
    def message(self) -> Json:
        accumulator = MessageAccumulator()
        for event in self.events:
            accumulator.feed(event)
        assert accumulator.message is not None
        return accumulator.message

    @property
    def stop_reason(self) -> Any:
        return self.message["stop_reason"]

    @property
    def usage(self) -> Any:
        return self.message["usage"]

    @property
    def names(self) -> list[str]:
        return [event.event for event in self.events]

    @property
    def error(self) -> ErrorAnswer:
        assert self.translator.error is not None
        assert self.names[-1] == "error"
        return self.translator.error

    @property
    def notes(self) -> list[str]:
        return self.translator.notes


def translated(*chunks: bytes, context: AnswerContext = CONTEXT) -> Answer:
    """What becomes of a stream that ends after `chunks`."""
    translator = ChatStreamTranslator(context)
    given_out = [event for chunk in chunks for event in translator.feed(chunk)]
    return checked(given_out + translator.close(), translator)


def fed(*chunks: bytes) -> list[list[bytes]]:
    """What each chunk gives at once."""
    translator = ChatStreamTranslator(CONTEXT)
    return [translator.feed(chunk) for chunk in chunks]


def finished(*chunks: bytes, context: AnswerContext = CONTEXT) -> Answer:
    """What becomes of `chunks` with a usual end after them."""
    return translated(*chunks, STOP, DONE, context=context)


def checked(events: list[bytes], translator: ChatStreamTranslator) -> Answer:
    decoded = SSEDecoder().feed(b"".join(events))
    assert len(decoded) == len(events), "an item that was given out is not one event"
    assert violations(decoded) == []
    return Answer(decoded, translator)


def violations(events: list[ServerSentEvent]) -> list[str]:
    grammar = StreamGrammar()
    for event in events:
        grammar.feed(event)
    grammar.close()
    return grammar.violations


def _line(name: str, event: Json) -> str:
    """Such as `text: Hello`, `begin tool_use Read call_1`, `end tool_use`."""
    if name == "content_block_start":
        block = event["content_block"]
        return " ".join(["begin", block["type"], *filter(None, [block.get("name"), block.get("id")])])
    if name == "content_block_delta":
        kind, value = (event["delta"][field] for field in ("type", _FIELDS[event["delta"]["type"]]))
        return f"{kind.removesuffix('_delta')}: {value}"
    if name == "message_delta":
        return f"end {event['delta']['stop_reason']}"
    if name == "error":
        return f"error {event['error']['type']}"
    return {"content_block_stop": "close"}.get(name, "")


_FIELDS = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
    "input_json_delta": "partial_json",
}
