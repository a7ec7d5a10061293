"""What an upstream's error says, whatever shape it has.

    {"error": {"message", "type", "code"}}, {"error": "text"}          OpenAI and most; Ollama, TGI
    [{"error": {…, "status": "UNAVAILABLE", "details": […]}}]           Gemini
    {"error": {"message", "code", "metadata": {"raw": "…"}}}            OpenRouter: `raw` is the error of its provider
    {"detail": "text" or [{"loc", "msg"}]}                              FastAPI
    {"object": "error", "message", "type", "code"}                      vLLM, Mistral (where `message` may be an object)
    {"message": …}, {"errors": [{"message"}]}, plain text, HTML         others, and proxies on the way

Strategy: an error is one or more objects inside one another, some of them as JSON inside a text. All of them are looked
at: the words of the innermost one are the cause, those of the others come before them where they say something else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from providers.protocol.chat.answers import lenient_json
from providers.protocol.sse import SSEDecoder

_MAX_DEPTH = 6
_MAX_BYTES = 64 << 10
_MAX_CHARACTERS = 4_000
_MAX_PAGE_CHARACTERS = 500
_ERROR_STATUSES = range(400, 600)
_INNER = ("error", "message", "detail", "details", "errors")
_OWN_WORDS = ("message", "msg", "error", "detail", "error_msg", "error_message", "reason")
_ERROR_FIELDS = {"detail", "message", "errors", "error_msg", "error_message", "msg"}


@dataclass(frozen=True, slots=True)
class ErrorReading:
    """`message` is the upstream's own words, empty where it has none. `names` are its types and codes in lower case.

    `status` is what the body says instead of the status line, `retry_delay` is Gemini's, as "34s"; the token counts
    are llama.cpp's.
    """

    message: str = ""
    names: frozenset[str] = frozenset()
    status: int | None = None
    retry_delay: str = ""
    prompt_tokens: int | None = None
    context_size: int | None = None


def read_error_body(body: bytes) -> ErrorReading:
    try:
        document = lenient_json.load(_first_event(body))
    except lenient_json.NotJson:
        return ErrorReading(message=readable_text(body))
    nested = list(_layers(document))
    layers = [layer for _, layer in nested]
    return ErrorReading(
        message=_message(nested) or _whole(document),
        names=frozenset(name.lower() for layer in layers for name in _texts_of(layer, ("type", "code", "status"))),
        status=next((status for layer in layers if (status := _status_of(layer))), None),
        retry_delay=next((delay for layer in layers for delay in _texts_of(layer, ("retryDelay",))), ""),
        prompt_tokens=_count_of(layers, "n_prompt_tokens"),
        context_size=_count_of(layers, "n_ctx"),
    )


def is_error(data: bytes) -> bool:
    """Whether something that has neither choices nor an `error` tells of an error all the same."""
    try:
        document = lenient_json.load(data)
    except lenient_json.NotJson:
        return False
    if not isinstance(document, dict):
        return False
    return "error" in (document.get("object"), document.get("type")) or not _ERROR_FIELDS.isdisjoint(document)


def readable_text(body: bytes) -> str:
    """Plain text, or the text of an HTML page, in one line and not too long."""
    text = body[:_MAX_BYTES].decode("utf-8", "replace")
    if not text.lstrip("\ufeff \t\r\n").startswith("<"):
        return _cut(" ".join(text.split()), _MAX_CHARACTERS)
    page = _PageText()
    page.feed(text)
    page.close()
    return _cut(" ".join(" ".join(page.texts).split()), _MAX_PAGE_CHARACTERS)


def _first_event(body: bytes) -> bytes:
    """An upstream that was asked for a stream may send its error as an event, with an error status."""
    if not body.lstrip().startswith((b"data:", b"event:")):
        return body
    events = SSEDecoder().feed(body[:_MAX_BYTES] + b"\n\n")
    return events[0].data if events else body


def _layers(value: Any, depth: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of an error and how deep they are, from the outermost to the innermost."""
    if depth > _MAX_DEPTH:
        return
    value = _parsed(value)
    if isinstance(value, list):
        for item in value:
            yield from _layers(item, depth + 1) if isinstance(item, dict) else ()
    elif isinstance(value, dict):
        yield depth, value
        for inner in (*map(value.get, _INNER), _raw(value)):
            yield from _layers(inner, depth + 1)


def _parsed(value: Any) -> Any:
    """The value of JSON inside a text; anything else as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return lenient_json.load(value.encode())
    except lenient_json.NotJson:
        return value


def _raw(layer: dict[str, Any]) -> Any:
    """OpenRouter's copy of its provider's error, as an object."""
    metadata = layer.get("metadata")
    raw = _parsed(metadata.get("raw")) if isinstance(metadata, dict) else None
    return {"message": readable_text(raw.encode())} if isinstance(raw, str) else raw


def _message(nested: list[tuple[int, dict[str, Any]]]) -> str:
    """A cause comes after a colon; what is wrong beside it, after a semicolon."""
    message, last_depth = "", 0
    for depth, layer in nested:
        words = _words_of(layer)
        if words in message:
            continue
        separator = "; " if depth == last_depth else ": "
        message = words if message in words else f"{message}{separator}{words}"
        last_depth = depth
    return _cut(message, _MAX_CHARACTERS)


def _words_of(layer: dict[str, Any]) -> str:
    own = next((text for text in _texts_of(layer, _OWN_WORDS) if isinstance(_parsed(text), str)), "").strip()
    place = _place_of(layer)
    return f"{place}: {own}" if own and place else own


def _place_of(layer: dict[str, Any]) -> str:
    """FastAPI names the field that is wrong by its path."""
    path = layer.get("loc")
    return ".".join(map(str, path)) if isinstance(path, list) else ""


def _texts_of(layer: dict[str, Any], fields: tuple[str, ...]) -> Iterator[str]:
    return (value for field in fields if isinstance(value := layer.get(field), str) and value)


def _status_of(layer: dict[str, Any]) -> int | None:
    for value in map(layer.get, ("code", "status", "status_code", "http_status", "http_code")):
        if isinstance(value, str) and value.isdecimal() and len(value) == 3:
            value = int(value)
        if type(value) is int and value in _ERROR_STATUSES:
            return value
    return None


def _count_of(layers: list[dict[str, Any]], field: str) -> int | None:
    return next((layer[field] for layer in layers if type(layer.get(field)) is int), None)


def _whole(document: Any) -> str:
    """An error without words in it, as it is."""
    return _cut(json.dumps(document, ensure_ascii=False), _MAX_CHARACTERS) if document else ""


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


class _PageText(HTMLParser):
    """Collects what a reader of the page would see."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style") and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)
