from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requestlog.presentation.blocks import IMAGE_LIMIT, PARTS_LIMIT, Part, read_content
from requestlog.presentation.text import Budget
from tests.support.log_entries import PIXEL

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
KNOWN_TYPES = ["text", "thinking", "redacted_thinking", "tool_use", "tool_result", "image", "document", "mcp_tool_use"]
KEYS = [
    "text",
    "thinking",
    "data",
    "name",
    "id",
    "input",
    "content",
    "source",
    "is_error",
    "cache_control",
    "media_type",
]


def _part(block: Any) -> Part:
    return read_content([block], Budget(1_000_000)).parts[0]


@given(st.lists(st.dictionaries(st.sampled_from(["type", *KEYS]), JSON | st.sampled_from(KNOWN_TYPES)) | JSON))
def test_no_shape_of_content_raises(content: Any) -> None:
    shown = read_content(content, Budget(100_000))
    assert len(shown.parts) + shown.left_out == len(content)


def test_a_text_alone_is_one_text_block() -> None:
    (part,) = read_content("Sow the beans.", Budget(10_000)).parts
    assert (part.kind, part.text.text if part.text else "") == ("text", "Sow the beans.")


def test_a_tool_call_shows_its_name_its_id_and_its_input_as_json() -> None:
    part = _part({"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}})
    assert (part.kind, part.name, part.id) == ("tool-use", "Bash", "toolu_1")
    assert part.json
    assert part.json.text == '{\n  "command": "ls"\n}'


def test_a_failed_tool_result_is_marked_and_holds_its_blocks() -> None:
    part = _part(
        {"type": "tool_result", "tool_use_id": "toolu_1", "is_error": True, "content": [{"type": "text", "text": "no"}]}
    )
    assert (part.kind, part.failed, part.id) == ("tool-result", True, "toolu_1")
    assert [inner.kind for inner in part.parts] == ["text"]


@pytest.mark.parametrize("kind", ["server_tool_use", "mcp_tool_use"])
def test_other_kinds_of_tool_calls_are_read_alike(kind: str) -> None:
    part = _part({"type": kind, "name": "web_search", "input": {}})
    assert (part.kind, part.label, part.name) == ("tool-use", kind, "web_search")


@pytest.mark.parametrize(
    "block",
    [
        {"type": "hologram", "depth": 3},
        {"type": "text", "text": 5},
        {"type": "image", "source": "x"},
        {"no": "type"},
        7,
        None,
    ],
)
def test_an_unknown_shape_is_shown_as_json(block: Any) -> None:
    part = _part(block)
    assert part.kind == "other"
    assert part.json
    assert part.json.text


def test_a_small_raster_picture_is_shown() -> None:
    part = _part({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}})
    assert part.image
    assert part.image.data_url == f"data:image/png;base64,{PIXEL}"


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("image/svg+xml", "PHN2Zy8+"),
        ("text/html", "PGI+"),
        ("image/png", "not base64!"),
        ("image/png", "é" * 4),
        ("image/png", "A" * (IMAGE_LIMIT + 4)),
    ],
)
def test_any_other_picture_is_a_placeholder_with_its_size(media_type: str, data: str) -> None:
    part = _part({"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}})
    assert part.image
    assert part.image.data_url == ""
    assert part.image.size == len(data) * 3 // 4


def test_a_picture_elsewhere_is_named_and_not_loaded() -> None:
    part = _part({"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}})
    assert part.image
    assert (part.image.data_url, part.image.address) == ("", "https://example.org/a.png")


def test_blocks_past_the_limit_are_counted() -> None:
    content = read_content(["x"] * (PARTS_LIMIT + 5), Budget(1_000_000))
    assert (len(content.parts), content.left_out) == (PARTS_LIMIT, 5)


def test_blocks_without_text_spend_the_budget_too() -> None:
    nested = {"type": "tool_result", "content": [{"type": "tool_result", "content": [""] * 60}] * 60}
    content = read_content([nested] * 60, Budget(80_000))
    inner = sum(len(part.parts) + sum(len(deeper.parts) for deeper in part.parts) for part in content.parts)
    assert len(content.parts) + inner <= 100
    assert content.left_out > 0


def test_results_in_results_are_not_followed_for_ever() -> None:
    block: dict[str, Any] = {"type": "text", "text": "the end"}
    for _ in range(50):
        block = {"type": "tool_result", "content": [block]}
    part, depth = _part(block), 0
    while part.parts:
        part, depth = part.parts[0], depth + 1
    assert depth == 3
    assert part.kind == "other"
