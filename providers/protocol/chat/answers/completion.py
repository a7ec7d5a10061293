"""Turns a whole completion into a message of the Messages API.

Strategy: a completion is a stream of one chunk. It goes through the translator of streams, and its events are put
together again, so that a message says the same whether it was streamed or not. An upstream that streams although it was
not asked to is thereby read too.
"""

from __future__ import annotations

from typing import Any

import msgspec

from providers.protocol.answers import AnswerFailed, ConvertedMessage
from providers.protocol.chat.answers.arguments import UNPARSED
from providers.protocol.chat.answers.stream import ChatStreamTranslator
from providers.protocol.chat.context import AnswerContext
from providers.protocol.messages_stream import MessageAccumulator
from providers.protocol.sse import SSEDecoder


def convert_completion(body: bytes, context: AnswerContext) -> ConvertedMessage:
    """The message that the completion in `body` is. Raises `AnswerFailed` for an error and for what is no answer."""
    translator = ChatStreamTranslator(context)
    message = _put_together(translator.feed_completion(body))
    if translator.error is not None:
        raise AnswerFailed(translator.error)
    message["content"] = [_with_object_as_input(block) for block in message["content"]]
    return ConvertedMessage(msgspec.json.encode(message), tuple(translator.notes), translator.usage_is_estimate)


def _put_together(events: list[bytes]) -> dict[str, Any]:
    decoder, accumulator = SSEDecoder(), MessageAccumulator()
    for event in decoder.feed(b"".join(events)):
        accumulator.feed(event)
    return accumulator.message or {}


def _with_object_as_input(block: dict[str, Any]) -> dict[str, Any]:
    """A stream may end in the middle of a call's arguments, a message's `input` is always an object."""
    if block["type"] == "tool_use" and not isinstance(block["input"], dict):
        return block | {"input": {UNPARSED: block["input"]}}
    return block
