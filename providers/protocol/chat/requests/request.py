"""A request of the Messages API as one of the Chat Completions format.

Strategy: take the body apart by its top-level fields, let each part of this package convert what it knows, and encode
the result once. Everything that the provider may or may not take is asked of its `Capabilities`; everything that gets
changed or lost is said in `notes`. Three outcomes are possible for a block or a field: it is sent with its meaning, it
is left out or weakened with a note, or the request is refused in words that name the place. Nothing is lost in silence.

Sources: the Messages API's public reference, OpenAI's reference of `chat/completions`, and what gateways have got wrong
(the numbers B25 to B69 of the tests).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from providers.protocol.chat.capabilities import Capabilities
from providers.protocol.chat.context import AnswerContext, ThoughtSignatures
from providers.protocol.chat.requests.conversion import Conversion, PdfReader, encode_json
from providers.protocol.chat.requests.history import Message, convert_messages, read_messages
from providers.protocol.chat.requests.notes import Notes
from providers.protocol.chat.requests.parameters import (
    convert_identity,
    convert_max_tokens,
    convert_sampling,
    convert_stop_sequences,
    convert_stream,
)
from providers.protocol.chat.requests.reading import UNREADABLE, Fields, cleaned, read_fields
from providers.protocol.chat.requests.reasoning import Mode, Wish, convert_reasoning, read_wish
from providers.protocol.chat.requests.response_format import convert_format
from providers.protocol.chat.requests.system_prompt import convert_system
from providers.protocol.chat.requests.tool_choice import convert_tools
from providers.protocol.chat.requests.tools import read_tools
from providers.protocol.messages_request import InvalidRequest

_KNOWN = frozenset(
    {"model", "messages", "system", "tools", "tool_choice", "max_tokens", "stop_sequences", "stream", "metadata"}
    | {"temperature", "top_p", "top_k", "thinking", "output_config", "output_format", "cache_control"}
)
"""`cache_control` only says what to cache, which other providers decide themselves."""
_KNOWN_OF_OUTPUT = frozenset({"effort", "format"})
_BYTES_OF_A_TOKEN = 4
_TOKENS_OF_AN_ATTACHMENT = 1500
"""About an image of the size that models scale to."""


@dataclass(frozen=True)
class ConvertedRequest:
    """`body` is the JSON to send, `context` what its answer needs, `notes` what was changed or left out."""

    body: bytes
    context: AnswerContext
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Order:
    """What `convert_request` is given beside the body."""

    model: str
    capabilities: Capabilities
    requested_model: str
    message_id: str
    session_id: str
    read_pdf: PdfReader | None
    signatures: ThoughtSignatures | None


def convert_request(
    body: bytes,
    *,
    model: str,
    capabilities: Capabilities,
    requested_model: str,
    message_id: str,
    session_id: str = "",
    read_pdf: PdfReader | None = None,
    signatures: ThoughtSignatures | None = None,
) -> ConvertedRequest:
    """The request to send for `body`, JSON of the Messages API.

    `model` is the name to send, `requested_model` the one that the client used. Raises `InvalidRequest` with a text for
    the client, for what is no request and for what this provider cannot be asked.
    """
    order = _Order(model, capabilities, requested_model, message_id, session_id, read_pdf, signatures)
    try:
        return _convert(body, order)
    except UNREADABLE:
        return _convert_cleaned(cleaned(body), order)


def _convert_cleaned(body: bytes, order: _Order) -> ConvertedRequest:
    try:
        return _convert(body, order)
    except RecursionError as error:
        raise InvalidRequest("The request body is nested too deeply.") from error
    except UNREADABLE as error:
        raise InvalidRequest(f"The request body is not valid JSON: {error}") from error


def _convert(body: bytes, order: _Order) -> ConvertedRequest:
    fields, notes = read_fields(body), Notes()
    output_config = fields.inner("output_config")
    wish, messages = read_wish(fields, output_config), read_messages(fields)
    offer = read_tools(fields, order.capabilities)
    conversion = Conversion(order.capabilities, notes, offer.names, order.read_pdf, order.signatures)
    conversion.thinking_is_off = wish.mode is Mode.DISABLED
    form = convert_format(fields, output_config, order.capabilities, notes)
    request = {
        "model": order.model,
        "messages": convert_system(conversion, fields, *form.words) + convert_messages(conversion, messages),
        **convert_tools(conversion, fields, offer),
        **form.parameters,
        **_parameters(fields, wish, order, notes),
    }
    _note_what_is_unknown(fields, output_config, notes)
    _note_prefill(messages, wish, notes)
    encoded = encode_json(request)
    context = _context(order, conversion, encoded, request.get("stop", ()))
    return ConvertedRequest(encoded, context, notes.all())


def _parameters(fields: Fields, wish: Wish, order: _Order, notes: Notes) -> dict[str, Any]:
    capabilities = order.capabilities
    max_tokens = convert_max_tokens(fields, capabilities, notes)
    return {
        **({} if max_tokens is None else {capabilities.max_tokens_field.value: max_tokens}),
        **convert_reasoning(wish, capabilities, max_tokens, notes),
        **convert_sampling(fields, capabilities, notes),
        **convert_stop_sequences(fields, capabilities, notes),
        **convert_identity(fields, capabilities, order.session_id),
        **convert_stream(fields, capabilities),
    }


def _context(order: _Order, conversion: Conversion, encoded: bytes, stop_sequences: Sequence[str]) -> AnswerContext:
    return AnswerContext(
        requested_model=order.requested_model,
        message_id=order.message_id,
        declared_tools=conversion.names.declared,
        used_tool_ids=frozenset(conversion.used_tool_ids),
        stop_sequences=tuple(stop_sequences),
        input_estimate=_estimate(encoded, conversion),
        signatures=order.signatures,
        thinking_in_tags=order.capabilities.thinking_in_tags,
    )


def _note_what_is_unknown(fields: Fields, output_config: Fields, notes: Notes) -> None:
    unknown = [name for name in fields.names if name not in _KNOWN]
    unknown += [f"output_config.{name}" for name in output_config.names if name not in _KNOWN_OF_OUTPUT]
    for name in unknown:
        notes.add(f"`{name}` is not supported by this provider: left out")


def _note_prefill(messages: list[Message], wish: Wish, notes: Notes) -> None:
    """It is sent all the same: many models do continue it."""
    if messages[-1].role == "assistant" and wish.is_on:
        notes.add("the last message is the assistant's: a model that thinks may refuse it or begin anew")


def _estimate(encoded: bytes, conversion: Conversion) -> int:
    """Tokens of the input, roughly: by the length of all text, with a flat count for each image and file."""
    text_bytes = len(encoded) - conversion.attached_characters
    return text_bytes // _BYTES_OF_A_TOKEN + conversion.attachments * _TOKENS_OF_AN_ATTACHMENT
