"""The simple parameters of a request: limits, sampling, who asks, and whether to stream.

What a provider does not take is left out; a note says so where the answer may differ because of it.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from providers.protocol.chat.capabilities import Capabilities, UserField
from providers.protocol.chat.requests.notes import Notes
from providers.protocol.chat.requests.reading import Fields, refuse

_decode_count = msgspec.json.Decoder(int)
_decode_number = msgspec.json.Decoder(int | float)
_decode_texts = msgspec.json.Decoder(list[str])
_decode_text = msgspec.json.Decoder(str)
_decode_flag = msgspec.json.Decoder(bool)
_SAMPLING_DEFAULT = 1
"""Of `temperature` and `top_p` in both formats: leaving it out changes nothing."""


def convert_max_tokens(fields: Fields, capabilities: Capabilities, notes: Notes) -> int | None:
    """The limit of the answer in tokens, no higher than the model's own; None where the client gives none."""
    wanted = fields.read("max_tokens", _decode_count)
    if wanted is None:
        return None
    if wanted < 1:
        refuse("max_tokens", "Input should be greater than or equal to 1")
    limit = capabilities.max_output_tokens
    if limit is None or wanted <= limit:
        return wanted
    notes.add(f"`max_tokens` {wanted} → {limit}, the most that this model answers")
    return limit


def convert_sampling(fields: Fields, capabilities: Capabilities, notes: Notes) -> dict[str, Any]:
    """`temperature`, `top_p` and `top_k`, as they are: the API's ranges lie within those of the other format."""
    taken = {"temperature": capabilities.temperature, "top_p": capabilities.top_p, "top_k": capabilities.top_k}
    wanted = {name: fields.read(name, _decode_number) for name in taken}
    for name, value in wanted.items():
        if value is not None and not taken[name] and (name == "top_k" or value != _SAMPLING_DEFAULT):
            notes.add(f"`{name}` is not supported by this model: left out")
    return {name: value for name, value in wanted.items() if value is not None and taken[name]}


def convert_stop_sequences(fields: Fields, capabilities: Capabilities, notes: Notes) -> dict[str, Any]:
    """The stop sequences as `stop`, as many as the provider takes."""
    wanted = [text for text in fields.read("stop_sequences", _decode_texts) or () if text]
    limit = capabilities.max_stop_sequences
    if len(wanted) > limit:
        notes.add(f"only the first {limit} of {len(wanted)} `stop_sequences` are sent" if limit else _NO_STOP_SEQUENCES)
    return {"stop": wanted[:limit]} if wanted[:limit] else {}


_NO_STOP_SEQUENCES = "`stop_sequences` are not supported by this model: left out"


def convert_identity(fields: Fields, capabilities: Capabilities, session_id: str) -> dict[str, Any]:
    """Who asks, and in which session, as hashes: providers limit form and length, and need not know more."""
    sent = {}
    user_id = fields.inner("metadata").read("user_id", _decode_text)
    if user_id and capabilities.user_field is not UserField.NONE:
        sent[capabilities.user_field.value] = _hash(user_id)
    if session_id and capabilities.prompt_cache_key:
        sent["prompt_cache_key"] = _hash(session_id)
    return sent


def convert_stream(fields: Fields, capabilities: Capabilities) -> dict[str, Any]:
    """`stream` where one is wanted, with the usage at its end where the provider gives it."""
    if not fields.read("stream", _decode_flag):
        return {}
    return {"stream": True} | ({"stream_options": {"include_usage": True}} if capabilities.stream_usage else {})


def _hash(text: str) -> str:
    """64 characters, which is what OpenAI allows."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
