"""The check of what goes upstream: other tests believe it, so it must refuse what the API refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.openai_validation import problems_of

CALL = {"id": "call_1", "type": "function", "function": {"name": "Read", "arguments": "{}"}}
TOOL = {"type": "function", "function": {"name": "Read", "parameters": {"type": "object", "properties": {}}}}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
VALID: dict[str, Any] = {
    "model": "gpt-test",
    "stream": True,
    "stream_options": {"include_usage": True},
    "max_completion_tokens": 100,
    "tool_choice": {"type": "function", "function": {"name": "Read"}},
    "tools": [TOOL],
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Look."}, PICTURE]},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": "a line"},
    ],
}


def problems(extensions: tuple[str, ...] = (), **changes: Any) -> str:
    return "\n".join(problems_of(json.dumps(VALID | changes).encode(), extensions))


def test_a_request_of_the_documented_form_has_no_problems() -> None:
    assert problems() == ""
    assert problems(stream=False) == ""


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"messages": [{"role": "wizard", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": 1}]}]}, "messages"),
        ({"messages": [{"role": "user", "content": "x", "cache_control": {}}]}, "cache_control"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "tool_call_id"),
        ({"messages": [{"role": "tool", "tool_call_id": "1", "content": [PICTURE]}]}, "messages"),
        ({"messages": [{"role": "assistant", "tool_calls": [CALL | {"function": {"name": "x"}}]}]}, "arguments"),
        ({"tools": [{"name": "Read", "input_schema": {}}]}, "tools"),
        ({"max_tokens": "100"}, "max_tokens"),
        ({"top_k": 5}, "top_k"),
        ({"reasoning_effort": "gigantic"}, "reasoning_effort"),
    ],
)
def test_what_the_types_do_not_know_is_a_problem(changes: dict[str, Any], place: str) -> None:
    assert place in problems(**changes)


def test_a_body_without_messages_or_without_json_is_a_problem() -> None:
    assert problems_of(b'{"model": "gpt-test"}')
    assert problems_of(b"{")


def test_an_extension_is_allowed_by_its_name_and_in_its_place() -> None:
    call = CALL | {"extra_content": {"google": {"thought_signature": "c2ln"}}}
    answered = [{"role": "assistant", "tool_calls": [call]}]
    assert "extra_content" in problems(messages=answered)
    assert problems(("extra_content",), messages=answered) == ""
    assert problems(("top_k",), top_k=5) == ""
    assert "top_k" in problems(("top_k",), messages=[{"role": "user", "content": "x", "top_k": 5}])
