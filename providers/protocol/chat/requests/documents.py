"""Document blocks: PDFs as file parts or as their text, texts as texts with their title.

Sources of the shapes: the Messages API's reference (`base64`, `text`, `content`, `url`, `file`) and OpenAI's guide to
file inputs, by which a chat message takes PDFs only, as data, and no file by its URL.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from providers.protocol.chat.capabilities import DocumentForm
from providers.protocol.chat.requests.conversion import (
    BETWEEN_TEXTS,
    Block,
    Conversion,
    Part,
    inner_blocks,
    is_blank,
    optional_text,
    text_field,
)
from providers.protocol.chat.requests.reading import refuse

PDF = "application/pdf"
BlockConverter = Callable[[Conversion, list[Block], str], list[Part]]


def convert_document(conversion: Conversion, block: Block, path: str, convert_blocks: BlockConverter) -> list[Part]:
    """The document's parts. Raises `InvalidRequest` naming the block where the model could not get to read it."""
    source = block.get("source")
    if not isinstance(source, dict):
        refuse(f"{path}.source", "Field required" if source is None else "Input should be a valid dictionary")
    kind = source.get("type")
    if kind == "base64":
        return _convert_pdf(conversion, block, source, path)
    if kind == "text":
        text = text_field(source, "data", f"{path}.source")
        return [] if is_blank(text) else [_as_text(block, text)]
    if kind == "content":
        return _convert_content(conversion, block, source, path, convert_blocks)
    if kind == "url":
        refuse(f"{path}.source", "this provider takes no document by its URL; send the PDF itself as base64")
    if kind == "file":
        refuse(f"{path}.source", "a file id means nothing to this provider; send the document itself as base64")
    refuse(f"{path}.source.type", "Input should be 'base64', 'text', 'content', 'url' or 'file'")


def enclosed(tag: str, heading: Mapping[str, str], text: str) -> str:
    """A text with what is known about it, so that the model sees where it begins and ends."""
    lines = [f"<{name}>{value}</{name}>" for name, value in heading.items() if value]
    return "\n".join([f"<{tag}>", *lines, *([text] if text else []), f"</{tag}>"])


def _as_text(block: Block, text: str) -> str:
    return enclosed("document", _heading(block), text)


def _heading(block: Block) -> dict[str, str]:
    return {"title": optional_text(block, "title"), "context": optional_text(block, "context")}


def _convert_content(
    conversion: Conversion, block: Block, source: dict[str, Any], path: str, convert_blocks: BlockConverter
) -> list[Part]:
    place = f"{path}.source.content"
    parts = convert_blocks(conversion, inner_blocks(source.get("content"), place), place)
    if all(isinstance(part, str) for part in parts):
        return [_as_text(block, BETWEEN_TEXTS.join(map(str, parts)))] if parts else []
    heading = enclosed("document", _heading(block), "").removesuffix("\n</document>")
    return [heading, *parts, "</document>"]


def _convert_pdf(conversion: Conversion, block: Block, source: dict[str, Any], path: str) -> list[Part]:
    media_type, data = text_field(source, "media_type", f"{path}.source"), text_field(source, "data", f"{path}.source")
    if media_type != PDF:
        refuse(f"{path}.source.media_type", f"Input should be '{PDF}'")
    form = conversion.capabilities.documents
    if form is DocumentForm.NONE:
        refuse(path, "this model takes no PDFs; send the document's text, or choose a model that does")
    if form is DocumentForm.TEXT:
        return [_as_text(block, _text_of_pdf(conversion, data, path))]
    return _file_parts(conversion, block, data)


def _file_parts(conversion: Conversion, block: Block, data: str) -> list[Part]:
    title = optional_text(block, "title") or "document"
    name = title if title.lower().endswith(".pdf") else f"{title}.pdf"
    file = {"type": "file", "file": {"filename": name, "file_data": f"data:{PDF};base64,{data}"}}
    context = optional_text(block, "context")
    return [*([context] if context else []), conversion.attach(file, data)]


def _text_of_pdf(conversion: Conversion, data: str, path: str) -> str:
    advice = "send the document's text, or choose a model that takes PDFs"
    if conversion.read_pdf is None:
        refuse(path, f"this model takes no PDFs and nothing here can read their text; {advice}")
    pdf = _decoded(data, f"{path}.source.data")
    try:
        text = conversion.read_pdf(pdf)
    except ValueError as error:
        refuse(path, f"this model takes no PDFs, and the text of this one cannot be read ({error}); {advice}")
    if is_blank(text):
        refuse(path, f"this model takes no PDFs, and this one holds no text (it may be scanned); {advice}")
    conversion.notes.add("PDFs are sent as their text: pictures and layout are lost")
    return text.encode(errors="replace").decode()  # readers of PDFs give halves of surrogate pairs


def _decoded(data: str, path: str) -> bytes:
    try:
        return base64.b64decode(data)
    except ValueError:
        refuse(path, "the data is not valid base64")
