"""Turns a Chat Completions stream into the events of a Messages stream.

Strategy: events are decoded on bytes, chunks by a typed decoder; a chunk's text goes out at once, and nothing but the
order of content blocks (`block_queue`) ever holds anything back. The first chunk with a choice begins the message.
Nothing is finished before the upstream's `[DONE]` or the end of its stream, as usage and arguments may come after the
finish reason. A stream that ends without such a reason has failed, whatever else came: an `error` event tells it, never
a clean end. After an error or the end, everything is ignored. Sources: the API references of the Messages API and of
Chat Completions.
"""

from __future__ import annotations

from typing import Any

import msgspec

from providers.protocol import messages_events
from providers.protocol.answers import ErrorAnswer
from providers.protocol.chat.answers.chunks import Choice, Chunk, decode_chunk, groq_error
from providers.protocol.chat.answers.content import AnswerContent
from providers.protocol.chat.answers.content_blocks import EventSink
from providers.protocol.chat.answers.error_bodies import is_error, readable_text
from providers.protocol.chat.answers.errors import convert_error, gateway_error
from providers.protocol.chat.answers.finish import Finish
from providers.protocol.chat.answers.lenient_json import NotJson, is_json
from providers.protocol.chat.answers.usage import UsageMeter
from providers.protocol.chat.context import AnswerContext
from providers.protocol.errors import ErrorType
from providers.protocol.sse import EventTooLarge, ServerSentEvent, SSEDecoder

_DONE = b"[DONE]"
_END_OF_EVENT = b"\n\n"
_OK = 200
_STREAM_BEGINS_WITH = (b"data:", b"event:", b"id:", b"retry:", b":")
_SHOWN_BYTES = 2_000


class ChatStreamTranslator:
    """Translates one answer; see `providers.adapters.base.StreamTranslator`."""

    def __init__(self, context: AnswerContext) -> None:
        self.error: ErrorAnswer | None = None
        self.started = False
        self.finished = False
        self.notes: list[str] = []
        self.usage_is_estimate = False
        self._context = context
        self._decoder = SSEDecoder()
        self._sink = EventSink()
        self._content = AnswerContent(context, self._sink, self._note)
        self._usage = UsageMeter(context.input_estimate)
        self._finish = Finish(context.stop_sequences)
        self._ended = False
        self._has_events = False
        self._beginning = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events that `chunk`, the next bytes of the upstream's body, makes possible."""
        if self._ended:
            return []
        try:
            self._take_events(self._decoder.feed(chunk))
        except EventTooLarge as error:
            self._take_events(error.events)
            self._fail(gateway_error(ErrorType.API, f"The provider's stream cannot be read: {error}."))
        if not self._has_events:
            self._beginning = (self._beginning + chunk)[:_SHOWN_BYTES]
        return self._sink.take()

    def feed_completion(self, body: bytes) -> list[bytes]:
        """The events of a whole answer: a completion, an error, or a stream in one piece."""
        if body.lstrip().startswith(_STREAM_BEGINS_WITH):
            return self.feed(body) + self.close()
        try:
            self._take_chunk(decode_chunk(body), body)
        except NotJson:
            text = readable_text(body)
            told = f"The provider's answer is not JSON: {text}" if text else "The provider's answer is empty."
            self._fail(gateway_error(ErrorType.API, told))
        if not self._ended:
            self._end_completion(body)
        return self._sink.take()

    def close(self) -> list[bytes]:
        """The upstream's stream has ended: the events that are left."""
        if not self._ended:
            self._take_last_event()
        if not self._ended:
            self._end()
        return self._sink.take()

    def _take_events(self, events: list[ServerSentEvent]) -> None:
        for event in events:
            if self._ended:
                return
            self._has_events = True
            self._take_event(event)

    def _take_event(self, event: ServerSentEvent) -> None:
        name, data = event
        if name == "error":
            self._fail(convert_error(_OK, {}, data))
            return
        try:
            chunk = decode_chunk(data)
        except NotJson:
            self._take_text(data.strip())
        else:
            self._take_chunk(chunk, data)

    def _take_text(self, data: bytes) -> None:
        if data == _DONE:
            self._end()
        elif data:
            message = f"The provider's stream has an event that is not JSON: {_shown(data)}"
            self._fail(gateway_error(ErrorType.API, message))

    def _take_chunk(self, chunk: Chunk, data: bytes) -> None:
        if (chunk.error or chunk.x_groq or chunk.choices is None) and (error := _error_in(chunk, data)):
            self._fail(error)
            return
        choice = chunk.first_choice
        if chunk.usage or chunk.x_groq or (choice is not None and choice.usage):
            self._usage.take(chunk, choice)
        if choice is not None:
            self._take_choice(choice)

    def _take_choice(self, choice: Choice) -> None:
        if choice.error:
            self._fail(_converted(choice.error))
            return
        if choice.finish_reason or choice.stop_reason is not None or choice.matched_stop is not None:
            self._take_finish(choice)
        if self._ended:
            return
        if not self.started:
            self._start()
        delta = choice.delta or choice.message
        if delta is not None:
            self._content.take(delta)

    def _take_finish(self, choice: Choice) -> None:
        self._finish.take(choice)
        self.finished = bool(self._finish.reason)
        if self._finish.failed:
            self.finished = False
            message = f"The provider broke its answer off with the finish reason “{self._finish.reason}”."
            self._fail(gateway_error(ErrorType.OVERLOADED, message))

    def _start(self) -> None:
        self.started = True
        context = self._context
        start = messages_events.message_start(context.message_id, context.requested_model, self._usage.at_start())
        self._sink.events.append(start)

    def _take_last_event(self) -> None:
        """Some upstreams leave out the empty line after their last event; one that was cut off says nothing."""
        events = self._decoder.feed(_END_OF_EVENT)
        self._take_events([event for event in events if event.data.strip() == _DONE or is_json(event.data)])

    def _end_completion(self, body: bytes) -> None:
        if not self.started:
            self._fail(gateway_error(ErrorType.API, f"The provider's answer has no choices: {_shown(body)}"))
            return
        if not self._finish.reason:
            self._note("The provider gave no finish reason.")
            self._finish.take(Choice(finish_reason="stop"))
        self._end()

    def _end(self) -> None:
        if not self._finish.reason:
            self._fail(self._broken_off())
            return
        self._content.close()
        stop = self._finish.stop(used_tools=self._sink.tool_uses > 0, refused=self._content.refused)
        if stop.note:
            self._note(stop.note)
        self.usage_is_estimate = self._usage.is_estimate
        usage = self._usage.at_end(self._sink.characters)
        self._sink.events.append(messages_events.message_delta(stop.reason, stop.sequence, usage))
        self._sink.events.append(messages_events.MESSAGE_STOP)
        self._ended = True

    def _broken_off(self) -> ErrorAnswer:
        if self.started:
            return gateway_error(ErrorType.API, "The provider's stream ended without a finish reason.")
        text = "" if self._has_events else readable_text(self._beginning)
        told = f": {text}" if text else "."
        return gateway_error(ErrorType.API, f"The provider's stream ended without an answer{told}")

    def _fail(self, error: ErrorAnswer) -> None:
        if not self._ended:
            self.error = error
            self._ended = True
            self._sink.events.append(messages_events.error(error.error_type, error.message))

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def _error_in(chunk: Chunk, data: bytes) -> ErrorAnswer | None:
    if chunk.error or (chunk.choices is None and is_error(data)):
        return convert_error(_OK, {}, data)
    error = groq_error(chunk)
    return _converted(error) if error else None


def _converted(error: Any) -> ErrorAnswer:
    """An error that is a part of a chunk."""
    return convert_error(_OK, {}, msgspec.json.encode({"error": error}))


def _shown(data: bytes) -> str:
    return data[:_SHOWN_BYTES].decode("utf-8", "replace")
