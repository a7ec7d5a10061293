"""Content blocks of the Messages format, as a page shows them.

Every block becomes one `Part`. A type that is not known here, or a known one of another shape, becomes a part with the
block's JSON: nothing is left out because it is new.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from requestlog.presentation.text import Budget, Excerpt, first_text, one_line, visible

TEXT_LIMIT = 24_000
JSON_LIMIT = 16_000
IMAGE_LIMIT = 150_000
PARTS_LIMIT = 60
_PART_COST = 800
"""Bytes of HTML around a part's text: without a price, many empty blocks would make a page of any size."""
_NESTING_LIMIT = 3
_SUMMARY_CHARACTERS = 110
_RASTER_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@dataclass(frozen=True, slots=True)
class Image:
    """`data_url` is empty where the picture itself is not shown; `size` is in bytes, None for a picture elsewhere."""

    media_type: str
    size: int | None
    data_url: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One content block. `kind` is its type as a word of ours, safe as a CSS class; `label` is the type as sent."""

    kind: str
    label: str
    name: str = ""
    id: str = ""
    failed: bool = False
    cached: bool = False
    text: Excerpt | None = None
    json: Excerpt | None = None
    image: Image | None = None
    parts: tuple[Part, ...] = ()
    left_out: int = 0
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """The blocks of one message. `left_out` counts those past the limit or the page's budget."""

    parts: tuple[Part, ...]
    left_out: int = 0


def read_content(content: Any, budget: Budget, nesting: int = 0) -> Content:
    """A message's `content`: a text, a list of blocks, or anything else."""
    blocks = content if isinstance(content, list) else [content]
    parts: list[Part] = []
    for block in blocks[:PARTS_LIMIT]:
        if not budget.spend(_PART_COST):
            break
        parts.append(_read_block(block, budget, nesting))
    return Content(tuple(parts), len(blocks) - len(parts))


def _read_block(block: Any, budget: Budget, nesting: int) -> Part:
    if isinstance(block, str):
        return Part("text", "text", text=budget.take(block, TEXT_LIMIT), summary=one_line(block, _SUMMARY_CHARACTERS))
    if not isinstance(block, dict):
        return _unknown("value", block, budget)
    label = one_line(first_text([block.get("type")]) or "no type", 60)
    part = _READERS.get(label, _read_other)(block, label, budget, nesting)
    return part or _unknown(label, block, budget)


def _unknown(label: str, block: Any, budget: Budget) -> Part:
    return Part("other", label, json=budget.take_json(block, JSON_LIMIT), summary=label, cached=_is_cached(block))


def _read_text(block: dict[str, Any], label: str, budget: Budget, nesting: int) -> Part | None:
    text = block.get("thinking" if label == "thinking" else "text")
    if not isinstance(text, str):
        return None
    return Part(
        "thinking" if label == "thinking" else "text",
        label,
        text=budget.take(text, TEXT_LIMIT),
        cached=_is_cached(block),
        summary=one_line(text, _SUMMARY_CHARACTERS),
    )


def _read_redacted_thinking(block: dict[str, Any], label: str, budget: Budget, nesting: int) -> Part | None:
    data = block.get("data")
    if not isinstance(data, str):
        return None
    return Part("thinking", label, text=budget.take(data, 500), summary="encrypted by the provider")


def _read_tool_use(block: dict[str, Any], label: str, budget: Budget, nesting: int) -> Part:
    name = one_line(first_text([block.get("name")]) or "no name", 100)
    return Part(
        "tool-use",
        label,
        name=name,
        id=_identifier(block.get("id")),
        json=budget.take_json(block.get("input"), JSON_LIMIT),
        cached=_is_cached(block),
        summary=f"calls {name}",
    )


def _read_tool_result(block: dict[str, Any], label: str, budget: Budget, nesting: int) -> Part | None:
    if nesting >= _NESTING_LIMIT:
        return None
    content = read_content(block.get("content", ""), budget, nesting + 1)
    return Part(
        "tool-result",
        label,
        id=_identifier(block.get("tool_use_id")),
        failed=block.get("is_error") is True,
        cached=_is_cached(block),
        parts=content.parts,
        left_out=content.left_out,
        summary="tool result: " + "; ".join(part.summary for part in content.parts[:1]),
    )


def _read_image(block: dict[str, Any], label: str, budget: Budget, nesting: int) -> Part | None:
    source = block.get("source")
    if not isinstance(source, dict):
        return None
    image = _image_of(source, budget)
    return Part("image", label, image=image, cached=_is_cached(block), summary=f"{label}: {image.media_type}")


def _read_other(block: dict[str, Any], label: str, budget: Budget, nesting: int) -> Part | None:
    if label.endswith("_tool_use"):
        return _read_tool_use(block, label, budget, nesting)
    if label.endswith("_tool_result"):
        return _read_tool_result(block, label, budget, nesting)
    return None


def _image_of(source: dict[str, Any], budget: Budget) -> Image:
    media_type = one_line(first_text([source.get("media_type"), source.get("type")]) or "unknown type", 60)
    data = source.get("data")
    if not isinstance(data, str):
        address = first_text([source.get("url"), source.get("file_id")])
        return Image(media_type, None, address=visible(address[:500]))
    size = len(data) * 3 // 4
    is_picture = media_type in _RASTER_TYPES and len(data) <= IMAGE_LIMIT and _is_base64(data)
    if not is_picture or not budget.spend(len(data)):
        return Image(media_type, size)
    return Image(media_type, size, data_url=f"data:{media_type};base64,{data}")


def _is_base64(data: str) -> bool:
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):  # ValueError: a text that is not ASCII
        return False
    return True


def _identifier(value: Any) -> str:
    return one_line(first_text([value]), 80)


def _is_cached(block: Any) -> bool:
    return isinstance(block, dict) and isinstance(block.get("cache_control"), dict)


_Reader = Callable[[dict[str, Any], str, Budget, int], Part | None]
_READERS: dict[str, _Reader] = {
    "text": _read_text,
    "thinking": _read_text,
    "redacted_thinking": _read_redacted_thinking,
    "tool_use": _read_tool_use,
    "tool_result": _read_tool_result,
    "image": _read_image,
    "document": _read_image,
}
