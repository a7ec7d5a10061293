"""Content blocks of user messages and tool results."""

from __future__ import annotations

from typing import Any

import pytest

from providers.protocol.chat.capabilities import Capabilities
from tests.providers.protocol.chat.requests.converting import (
    chat_messages,
    image,
    image_part,
    notes,
    refusal,
    text,
    tool_result,
    user,
)

NO_IMAGES = Capabilities(images=False)


def content(*blocks: Any, capabilities: Capabilities | None = None, **fields: Any) -> Any:
    """The content of the user message that these blocks become."""
    return chat_messages([user(*blocks)], capabilities, **fields)[0]["content"]


def linked_image(url: str = "https://example.org/a.png") -> dict[str, Any]:
    return {"type": "image", "source": {"type": "url", "url": url}}


def document(source: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "document", "source": source, **fields}


def test_an_image_is_sent_as_a_data_url_or_as_its_url() -> None:
    assert content(image("QQ==")) == [image_part("QQ==")]
    assert content(linked_image()) == [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]


@pytest.mark.parametrize(
    ("block", "capabilities", "words"),
    [
        (image(), NO_IMAGES, "[an image could not be shown to this model: it takes no images]"),
        (
            linked_image(),
            NO_IMAGES,
            "[the image https://example.org/a.png could not be shown to this model: it takes no images]",
        ),
        (
            linked_image(),
            Capabilities(image_urls=False),
            "[the image https://example.org/a.png could not be shown to this model: only images sent as data can]",
        ),
    ],
)
def test_an_image_that_cannot_be_sent_leaves_a_text(block: Any, capabilities: Capabilities, words: str) -> None:
    assert content("See:", block, capabilities=capabilities) == f"See:\n\n{words}"
    (note,) = notes(capabilities, messages=[user(block, block)])
    assert "a text stands in their place" in note


def test_a_search_result_is_a_text_with_its_source() -> None:
    block = {"type": "search_result", "title": "T", "source": "https://example.org", "content": [text("a"), text("b")]}
    assert content(block) == (
        "<search_result>\n<title>T</title>\n<source>https://example.org</source>\na\n\nb\n</search_result>"
    )


@pytest.mark.parametrize(
    "block",
    [
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a"}},
        {"type": "search_result", "title": "T", "source": "https://example.org", "content": [text("a")]},
    ],
)
def test_citations_that_are_asked_for_are_told_to_be_missing(block: dict[str, Any]) -> None:
    assert notes(messages=[user(block | {"citations": {"enabled": True}})]) == (
        "citations are not supported by this provider: the answer has none",
    )
    assert notes(messages=[user(block | {"citations": {"enabled": False}})]) == ()


def test_an_unknown_block_gives_its_text_or_is_named() -> None:
    assert content({"type": "novel", "text": "words"}) == "words"
    messages = [user("x", {"type": "novel", "data": "ZA=="}, {"type": "novel"}, {"type": "other"})]
    assert notes(messages=messages) == (
        "blocks of the type `novel` left out, the first at messages.0.content.1",
        "blocks of the type `other` left out, the first at messages.0.content.3",
    )


def test_what_belongs_elsewhere_is_left_out_with_its_place() -> None:
    messages = [user("x", {"type": "thinking", "thinking": "hm"}, {"type": "tool_addition", "tool": {"type": "novel"}})]
    assert chat_messages(messages) == [{"role": "user", "content": "x"}]
    assert notes(messages=messages) == (
        "messages.0.content.1: thinking outside of an assistant message left out",
        "blocks of the type `tool_addition` left out, the first at messages.0.content.2",
    )


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"text": "x"}, "messages.0.content.0.type: Field required"),
        ({"type": 5}, "messages.0.content.0.type: Input should be a valid string"),
        ({"type": "text"}, "messages.0.content.0.text: Field required"),
        ({"type": "text", "text": ["x"]}, "messages.0.content.0.text: Input should be a valid string"),
        ({"type": "image"}, "messages.0.content.0.source: Field required"),
        ({"type": "image", "source": "x"}, "messages.0.content.0.source: Input should be a valid dictionary"),
        (
            {"type": "image", "source": {}},
            "messages.0.content.0.source.type: Input should be 'base64', 'url' or 'file'",
        ),
        ({"type": "document"}, "messages.0.content.0.source: Field required"),
        (
            document({"type": "file", "file_id": "f"}),
            "messages.0.content.0.source: a file id means nothing to this provider; send the document itself as base64",
        ),
        (
            {"type": "image", "source": {"type": "file", "file_id": "f"}},
            "messages.0.content.0.source: a file id means nothing to this provider; send the image itself as base64",
        ),
        (
            {"type": "image", "source": {"type": "base64", "data": "x"}},
            "messages.0.content.0.source.media_type: Field required",
        ),
        (
            document({"type": "url", "url": "https://example.org/a.pdf"}),
            "messages.0.content.0.source: this provider takes no document by its URL; send the PDF itself as base64",
        ),
        (
            document({"type": "base64", "media_type": "text/csv", "data": "x"}),
            "messages.0.content.0.source.media_type: Input should be 'application/pdf'",
        ),
        (document({"type": "tape"}), "messages.0.content.0.source.type: Input should be 'base64', 'text', 'content', "),
        (
            tool_result("t", {"type": "image"}),
            "messages.0.content.0.content.0.source: Field required",
        ),
        (tool_result("t") | {"content": 5}, "messages.0.content.0.content: Input should be a valid string or list"),
        (
            tool_result("t") | {"content": ["x"]},
            "messages.0.content.0.content.0: Input should be a valid dictionary",
        ),
    ],
)
def test_a_malformed_block_is_refused_with_its_place(block: dict[str, Any], words: str) -> None:
    assert refusal(messages=[user(block)]).startswith(words)
