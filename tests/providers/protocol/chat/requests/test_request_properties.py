"""What holds for every valid request and every provider."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import completion_create_params
from pydantic import TypeAdapter

from providers.protocol.chat.capabilities import Capabilities
from providers.protocol.chat.requests.request import ConvertedRequest
from providers.protocol.messages_request import InvalidRequest
from tests.providers.protocol.chat.requests.converting import convert_body
from tests.providers.protocol.chat.requests.request_strategies import (
    PDF_TEXT,
    capabilities,
    conversations,
    json_values,
    requests,
)

Json = dict[str, Any]
sdk_requests: TypeAdapter[Any] = TypeAdapter(completion_create_params.CompletionCreateParams)
BLANK_OR_DROPPED = ("thinking", "redacted_thinking")


def convert(request: Json, taken: Capabilities) -> ConvertedRequest:
    body = json.dumps(request).encode()
    return convert_body(body, taken, read_pdf=lambda data: PDF_TEXT, session_id="session")


def sent(request: Json, taken: Capabilities) -> Json:
    found: Json = json.loads(convert(request, taken).body)
    return found


def consumed(value: Any) -> Any:
    """The SDK's types validate what is iterable only when it is iterated over."""
    if isinstance(value, dict):
        return {name: consumed(inner) for name, inner in value.items()}
    if isinstance(value, str | int | float | None):
        return value
    return [consumed(inner) for inner in value]


def blocks_of(content: Any) -> list[Json]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return content if isinstance(content, list) else []


def texts_within(blocks: list[Json]) -> Iterator[str]:
    """Each text that the blocks tell a model."""
    for block in blocks:
        if block["type"] in BLANK_OR_DROPPED:
            continue
        source = block.get("source")
        held = [block.get("text"), block.get("title"), block.get("context"), block.get("stdout"), block.get("stderr")]
        if isinstance(source, dict):
            held.append(source.get("data") if source["type"] == "text" else None)
            yield from texts_within(blocks_of(source.get("content")))
        yield from (text for text in held if isinstance(text, str) and text.strip())
        content = block.get("content")
        yield from texts_within([content] if isinstance(content, dict) and "type" in content else blocks_of(content))


def titled_but_empty(block: Json) -> bool:
    """A document without any text is dropped, and its title with it."""
    return block["type"] == "document" and not list(texts_within([block | {"title": None, "context": None}]))


def all_blocks(request: Json) -> list[Json]:
    return [block for message in request["messages"] for block in blocks_of(message["content"])]


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


@given(requests, capabilities)
def test_a_valid_request_is_never_refused_and_fits_the_sdks_types(request: Json, taken: Capabilities) -> None:
    converted = sent(request, taken)
    consumed(sdk_requests.validate_python(converted))
    assert converted["model"] == "gpt-x"
    assert converted["messages"]


@given(requests, capabilities)
def test_every_call_has_exactly_one_result_right_behind_it(request: Json, taken: Capabilities) -> None:
    open_calls: list[str] = []
    seen: set[str] = set()
    for message in sent(request, taken)["messages"]:
        if message["role"] == "tool":
            assert message["tool_call_id"] in open_calls
            assert message["content"].strip()
            open_calls.remove(message["tool_call_id"])
            continue
        assert not open_calls
        open_calls = [call["id"] for call in message.get("tool_calls", ())]
        assert len(set(open_calls)) == len(open_calls) and not seen & set(open_calls)
        seen |= set(open_calls)
    assert not open_calls


@given(requests, capabilities)
def test_no_text_is_lost(request: Json, taken: Capabilities) -> None:
    found = "\n".join(strings(sent(request, taken)["messages"]))
    whole = [block for block in all_blocks(request) if not titled_but_empty(block)]
    for text in texts_within([*whole, *blocks_of(request.get("system"))]):
        assert text in found


@given(requests, capabilities)
def test_no_tool_call_is_lost(request: Json, taken: Capabilities) -> None:
    made = [block for block in all_blocks(request) if block["type"] == "tool_use"]
    messages = sent(request, taken)["messages"]
    if not taken.tools:
        found = "\n".join(strings(messages))
        assert all(f"[called the tool {call['name']} ({call['id']})" in found for call in made)
        return
    calls = [call["function"] for message in messages for call in message.get("tool_calls", ())]
    assert [json.loads(call["arguments"]) for call in calls] == [call["input"] for call in made]
    assert [call["name"][:40] for call in calls] == [call["name"][:40] for call in made]


@given(requests, capabilities)
def test_messages_alternate_and_none_is_empty(request: Json, taken: Capabilities) -> None:
    messages = sent(request, taken)["messages"]
    roles = [message["role"] for message in messages]
    assert not any(
        pair in (("user", "user"), ("assistant", "assistant")) for pair in zip(roles, roles[1:], strict=False)
    )
    assert all(message["content"] or message.get("tool_calls") for message in messages)


@given(requests, capabilities)
def test_names_and_notes_keep_to_their_limits(request: Json, taken: Capabilities) -> None:
    converted = convert(request, taken)
    notes, names = converted.notes, converted.context.declared_tools
    assert len(set(notes)) == len(notes) <= 31
    assert all(len(name) <= taken.tool_name_length for name in names)
    declared = {tool["name"] for tool in request.get("tools", ()) if tool.get("type") in (None, "custom")}
    assert set(names.values()) == declared
    offered = {tool["function"]["name"] for tool in json.loads(converted.body).get("tools", ())}
    assert offered <= set(names)


@given(requests, capabilities)
def test_the_same_request_gives_the_same_bytes(request: Json, taken: Capabilities) -> None:
    assert convert(request, taken) == convert(request, taken)


FIELDS = ["system", "tools", "tool_choice", "thinking", "output_config", "metadata", "max_tokens", "stop_sequences"]
odd_blocks = st.dictionaries(st.sampled_from(["type", "text", "source", "content", "id", "input", "name"]), json_values)
odd_messages = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "system", "x"]), "content": st.lists(odd_blocks)}
    )
    | json_values,
    max_size=3,
)
odd_requests = st.fixed_dictionaries(
    {"messages": odd_messages | conversations | json_values}, optional=dict.fromkeys(FIELDS, json_values)
)


@given(odd_requests | json_values, capabilities)
def test_anything_else_is_refused_in_words(request: Any, taken: Capabilities) -> None:
    try:
        sent(request, taken)
    except InvalidRequest as refused:
        assert str(refused)


@given(st.binary(max_size=40) | st.binary(max_size=20).map(lambda data: b'{"messages":[' + data + b"]}"))
def test_any_bytes_are_refused_in_words(body: bytes) -> None:
    try:
        convert_body(body, Capabilities())
    except InvalidRequest as refused:
        assert str(refused)
