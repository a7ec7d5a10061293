"""Image blocks: data URLs, URLs, and a text in the place of an image that the provider does not take."""

from __future__ import annotations

from typing import Any

from providers.protocol.chat.requests.conversion import Block, Conversion, Part, text_field
from providers.protocol.chat.requests.reading import refuse


def convert_image(conversion: Conversion, block: Block, path: str) -> list[Part]:
    """The image as one part. Raises `InvalidRequest` for a source that only Anthropic's Files API has."""
    source = block.get("source")
    if not isinstance(source, dict):
        refuse(f"{path}.source", "Field required" if source is None else "Input should be a valid dictionary")
    kind = source.get("type")
    if kind == "base64":
        return [_data_image(conversion, source, f"{path}.source")]
    if kind == "url":
        return [_linked_image(conversion, source, f"{path}.source")]
    if kind == "file":
        refuse(f"{path}.source", "a file id means nothing to this provider; send the image itself as base64")
    refuse(f"{path}.source.type", "Input should be 'base64', 'url' or 'file'")


def _data_image(conversion: Conversion, source: dict[str, Any], path: str) -> Part:
    media_type, data = text_field(source, "media_type", path), text_field(source, "data", path)
    if not conversion.capabilities.images:
        return _left_out(conversion, "an image")
    return conversion.attach(_image_part(f"data:{media_type};base64,{data}"), data)


def _linked_image(conversion: Conversion, source: dict[str, Any], path: str) -> Part:
    url = text_field(source, "url", path)
    if not conversion.capabilities.images:
        return _left_out(conversion, f"the image {url}")
    if not conversion.capabilities.image_urls:
        conversion.notes.add("images by URL are not supported by this provider: a text stands in their place")
        return f"[the image {url} could not be shown to this model: only images sent as data can]"
    return conversion.attach(_image_part(url), "")


def _image_part(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def _left_out(conversion: Conversion, what: str) -> str:
    conversion.notes.add("images are not supported by this model: a text stands in their place")
    return f"[{what} could not be shown to this model: it takes no images]"
