"""Limits, sampling, identity and streaming."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from providers.protocol.chat.capabilities import Capabilities, MaxTokensField, UserField
from tests.providers.protocol.chat.requests.converting import chat, converted, notes, refusal


def extra(capabilities: Capabilities | None = None, **fields: Any) -> dict[str, Any]:
    """What goes out beside the model and the messages."""
    sent = chat(capabilities, **{"max_tokens": None} | fields)
    return {name: value for name, value in sent.items() if name not in ("model", "messages")}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_small_request_gets_nothing_that_was_not_asked_for() -> None:
    assert extra() == {}


@pytest.mark.parametrize(
    ("capabilities", "wanted", "sent"),
    [
        (Capabilities(), 100, {"max_tokens": 100}),
        (Capabilities(max_tokens_field=MaxTokensField.MAX_COMPLETION_TOKENS), 100, {"max_completion_tokens": 100}),
        (Capabilities(max_output_tokens=64), 100, {"max_tokens": 64}),
        (Capabilities(max_output_tokens=100), 100, {"max_tokens": 100}),
    ],
)
def test_the_limit_of_the_answer(capabilities: Capabilities, wanted: int, sent: dict[str, Any]) -> None:
    assert extra(capabilities, max_tokens=wanted) == sent


def test_a_lowered_limit_is_told() -> None:
    assert notes(Capabilities(max_output_tokens=64), max_tokens=100) == (
        "`max_tokens` 100 → 64, the most that this model answers",
    )


def test_sampling_is_sent_unchanged_where_it_is_taken() -> None:
    sampling = {"temperature": 1, "top_p": 0.95, "top_k": 40}
    assert extra(Capabilities(top_k=True), **sampling) == sampling
    assert b'"temperature":1,' in converted(**sampling).body


def test_sampling_that_is_not_taken_is_left_out_with_a_word() -> None:
    none_taken = Capabilities(temperature=False, top_p=False)
    assert extra(none_taken, temperature=0.2, top_p=0.5, top_k=4) == {}
    assert notes(none_taken, temperature=0.2, top_p=0.5, top_k=4) == (
        "`temperature` is not supported by this model: left out",
        "`top_p` is not supported by this model: left out",
        "`top_k` is not supported by this model: left out",
    )


def test_a_temperature_that_is_the_default_anyway_is_not_worth_a_word() -> None:
    assert extra(Capabilities(temperature=False), temperature=1) == {}
    assert notes(Capabilities(temperature=False), temperature=1, top_p=None) == ()


def test_stop_sequences_are_sent_as_many_as_are_taken() -> None:
    wanted = ["a", "b", "", "c"]
    assert extra(stop_sequences=wanted) == {"stop": ["a", "b", "c"]}
    request = converted(Capabilities(max_stop_sequences=2), stop_sequences=wanted)
    assert request.context.stop_sequences == ("a", "b")
    assert request.notes == ("only the first 2 of 3 `stop_sequences` are sent",)
    assert extra(Capabilities(max_stop_sequences=0), stop_sequences=wanted) == {}
    assert notes(Capabilities(max_stop_sequences=0), stop_sequences=wanted) == (
        "`stop_sequences` are not supported by this model: left out",
    )


@pytest.mark.parametrize("field", [UserField.USER, UserField.SAFETY_IDENTIFIER])
def test_the_user_is_a_hash_in_the_providers_field(field: UserField) -> None:
    user_id = '{"device_id":"d","session_id":"s"}'
    assert extra(Capabilities(user_field=field), metadata={"user_id": user_id}) == {field.value: sha256(user_id)}
    assert extra(Capabilities(user_field=field), metadata={}) == {}
    assert extra(metadata={"user_id": user_id}) == {}


def test_the_session_is_the_key_of_the_prompt_cache() -> None:
    takes_key = Capabilities(prompt_cache_key=True)
    assert extra(takes_key, session_id="4f1c") == {"prompt_cache_key": sha256("4f1c")}
    assert extra(takes_key) == extra(session_id="4f1c") == {}


@pytest.mark.parametrize(
    ("stream", "capabilities", "sent"),
    [
        (True, Capabilities(), {"stream": True, "stream_options": {"include_usage": True}}),
        (True, Capabilities(stream_usage=False), {"stream": True}),
        (False, Capabilities(), {}),
    ],
)
def test_streaming(stream: bool, capabilities: Capabilities, sent: dict[str, Any]) -> None:
    assert extra(capabilities, stream=stream) == sent


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"max_tokens": 0}, "max_tokens: Input should be greater than or equal to 1"),
        ({"max_tokens": "many"}, "max_tokens: Input should be a valid integer"),
        ({"temperature": "hot"}, "temperature: Input should be a valid number"),
        ({"stop_sequences": "x"}, "stop_sequences: Input should be a valid list"),
        ({"stop_sequences": [1]}, "stop_sequences.0: Input should be a valid string"),
        ({"metadata": "x"}, "metadata: Input should be a valid dictionary"),
        ({"metadata": {"user_id": 5}}, "metadata.user_id: Input should be a valid string"),
        ({"stream": "yes"}, "stream: Input should be a valid boolean"),
    ],
)
def test_a_wrong_type_is_refused_with_its_place(fields: dict[str, Any], words: str) -> None:
    assert refusal(Capabilities(user_field=UserField.USER), **fields) == words
