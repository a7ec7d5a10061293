"""What is read of a request's body, and which bodies are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.messages_request import InvalidRequest, RequestFacts, read_facts

SESSION = "4f1c2a9e-0000-4000-8000-1234567890ab"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
FIELDS = ["model", "stream", "messages", "tools", "metadata", "system", "max_tokens"]
odd_requests = st.fixed_dictionaries({"model": st.text(min_size=1)}, optional=dict.fromkeys(FIELDS[1:], json_values))


def facts(**fields: Any) -> RequestFacts:
    return read_facts(json.dumps({"model": "claude-opus-5-5", **fields}).encode())


def refusal(body: bytes) -> str:
    with pytest.raises(InvalidRequest) as refused:
        read_facts(body)
    return str(refused.value)


def test_the_facts_of_a_usual_request() -> None:
    read = facts(
        stream=True,
        messages=[{"role": "user", "content": "one"}, {"role": "assistant", "content": []}],
        tools=[{"name": "Read"}, {"name": "Bash"}, {"name": "Agent"}],
        metadata={"user_id": json.dumps({"device_id": "d", "session_id": SESSION})},
        system=[{"type": "text", "text": "three"}],
        max_tokens=100,
    )
    assert read == RequestFacts("claude-opus-5-5", True, message_count=2, tools_offered=3, session_id=SESSION)


def test_a_model_alone_is_enough() -> None:
    assert facts() == RequestFacts("claude-opus-5-5", False, message_count=None, tools_offered=0, session_id="")


@pytest.mark.parametrize(
    ("stream", "streamed"), [(True, True), (False, False), (None, False), (1, False), ("yes", False)]
)
def test_only_true_asks_for_a_stream(stream: Any, streamed: bool) -> None:
    assert facts(stream=stream).streamed is streamed


@pytest.mark.parametrize(
    ("user_id", "session"),
    [
        (json.dumps({"session_id": SESSION, "account_uuid": "a"}), SESSION),
        (f"user_0123_account__session_{SESSION}", SESSION),
        (json.dumps({"account_uuid": "a"}), ""),
        (json.dumps({"session_id": 5}), ""),
        ("{broken", ""),
        ('{"a":' + "[" * 100_000, ""),
        ("somebody", ""),
        ("", ""),
        (None, ""),
        (["x"], ""),
    ],
)
def test_the_session_is_read_from_either_form_of_the_user_id(user_id: Any, session: str) -> None:
    assert facts(metadata={"user_id": user_id}).session_id == session


def test_fields_of_unexpected_types_are_the_apis_business_and_say_nothing() -> None:
    read = facts(stream="yes", messages={"role": "user"}, tools="none", metadata=7, temperature="hot")
    assert read == RequestFacts("claude-opus-5-5", False, message_count=None, tools_offered=0, session_id="")


def test_a_wrong_field_does_not_hide_the_others() -> None:
    read = facts(messages=[1, "two"], tools=7, stream=True, metadata={"user_id": f"x_session_{SESSION}"})
    assert read == RequestFacts("claude-opus-5-5", True, message_count=2, tools_offered=0, session_id=SESSION)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 5000, "0.1e-999"])
def test_numbers_beyond_a_machines_range_are_the_apis_business(number: str) -> None:
    assert read_facts(f'{{"model":"m","tools":{number},"stream":true}}'.encode()).streamed
    assert read_facts(f'{{"model":"m","max_tokens":{number},"stream":true}}'.encode()).streamed


def test_half_of_a_surrogate_pair_is_json_and_never_reaches_the_log() -> None:
    assert read_facts(b'{"model":"m","system":"cut \\ud83d","stream":1}').model == "m"
    assert read_facts(b'{"model":"m\\ud83d"}').model == "m?"


def test_a_name_given_twice_counts_the_last_time() -> None:
    assert read_facts(b'{"model":"a","model":"b"}').model == "b"


@given(odd_requests)
def test_any_json_object_with_a_model_is_served(request: dict[str, Any]) -> None:
    read = read_facts(json.dumps(request).encode())
    messages, tools = request.get("messages"), request.get("tools")
    assert read.message_count == (len(messages) if isinstance(messages, list) else None)
    assert read.tools_offered == (len(tools) if isinstance(tools, list) else 0)
    assert read.streamed is (request.get("stream") is True)
    read.model.encode(), read.session_id.encode()


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_other_body_is_refused_in_words(body: bytes) -> None:
    try:
        read_facts(body)
    except InvalidRequest as refused:
        assert str(refused)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{}", "model: Field required"),
        (b'{"model": null}', "model: Field required"),
        (b'{"model": 5}', "model: Input should be a valid string"),
        (b'{"model": ["m"]}', "model: Input should be a valid string"),
        (b'{"model": ""}', "model: Input should be a valid string"),
        (b"[]", "The request body is not a JSON object."),
        (b'"model"', "The request body is not a JSON object."),
        (b'{"model": "m", "x": ' + b"[" * 100_000, "The request body is nested too deeply."),
    ],
)
def test_a_refusal_says_what_is_wrong(body: bytes, text: str) -> None:
    assert refusal(body) == text


@pytest.mark.parametrize("body", [b"", b"hello", b'{"model": "m"', b'{"model": "m"} x', b'{"model": "m", "x": NaN}'])
def test_a_body_that_is_no_json_is_called_so(body: bytes) -> None:
    assert refusal(body).startswith("The request body is not valid JSON: ")


def test_a_body_that_is_no_utf_8_is_called_so_with_the_place() -> None:
    assert refusal(b'{"model": "m", "x": "\xff"}') == (
        "The request body is not valid UTF-8: invalid start byte at byte 21."
    )
