from __future__ import annotations

import json
from typing import Any

import pytest

from tests.routing.calls import make_call

IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0="}}


def body(**fields: Any) -> bytes:
    return json.dumps({"model": "m", **fields}).encode()


def said(*content: Any) -> bytes:
    return body(messages=[{"role": "user", "content": "hello"}, {"role": "user", "content": list(content)}])


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(said(IMAGE), True, id="in a message"),
        pytest.param(said({"type": "tool_result", "content": [IMAGE]}), True, id="in a tool's result"),
        pytest.param(
            said({"type": "document", "source": {"type": "content", "content": [IMAGE]}}), True, id="in a document"
        ),
        pytest.param(said({"type": "text", "text": '{"type": "image"}'}), False, id="in words"),
        pytest.param(said({"type": "tool_use", "input": {"type": "image"}}), False, id="in a tool's input"),
        pytest.param(body(tools=[{"name": "image", "type": "image"}]), False, id="among tools"),
        pytest.param(said({"type": "tool_result", "content": "image"}), False, id="in a text result"),
        pytest.param(said(IMAGE, "\ud83d"), True, id="beside half a character"),
        pytest.param(b'["image"]', False, id="no object"),
        pytest.param(b'{"messages":{"image":"image"}}', False, id="no messages"),
        pytest.param(b'{"messages":[{"content":"image"},"image",{"content":[7,"image"]}]', False, id="no JSON"),
        pytest.param(b'"image"' * 3, False, id="nothing of the kind"),
    ],
)
def test_images_are_found_wherever_they_are(sent: bytes, expected: bool) -> None:
    assert make_call(body=sent).has_images is expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (body(thinking={"type": "enabled", "budget_tokens": 1024}), True),
        (body(thinking={"type": "adaptive"}), True),
        (body(thinking={"type": "disabled"}), False),
        (body(thinking=None), False),
        (body(thinking="enabled"), False),
        (body(thinking={"type": ["enabled"]}), False),
        (body(), False),
        (said({"type": "thinking", "thinking": "enabled"}), False),
        (body(thinking={"type": "enabled"}, max_tokens=10**400), True),
        (b'{"thinking":', False),
    ],
)
def test_thinking_is_on_when_it_is_asked_for(sent: bytes, expected: bool) -> None:
    assert make_call(body=sent).thinking is expected


def test_the_input_is_estimated_by_its_size() -> None:
    assert make_call(body=b"x" * 403).input_tokens == 100


def test_the_models_name_is_without_the_mark_of_the_large_context() -> None:
    assert make_call(requested_model="claude-opus-5-5[1m]").model_name == "claude-opus-5-5"


def test_tools_are_there_when_some_are_offered() -> None:
    assert make_call(tools_offered=1).has_tools and not make_call(tools_offered=0).has_tools
