"""Documents: PDFs, texts, and documents of blocks."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from providers.protocol.chat.capabilities import Capabilities, DocumentForm
from tests.providers.protocol.chat.requests.converting import (
    assistant,
    chat_messages,
    image,
    image_part,
    refusal,
    text,
    tool_message,
    tool_result,
    tool_use,
    user,
)

PDF = base64.b64encode(b"%PDF-1.7 stub").decode()


def content(*blocks: Any, capabilities: Capabilities | None = None, **fields: Any) -> Any:
    """The content of the user message that these blocks become."""
    return chat_messages([user(*blocks)], capabilities, **fields)[0]["content"]


def document(source: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "document", "source": source, **fields}


def pdf(**fields: Any) -> dict[str, Any]:
    return document({"type": "base64", "media_type": "application/pdf", "data": PDF}, **fields)


def test_a_pdf_is_a_file_where_the_provider_takes_files() -> None:
    files = Capabilities(documents=DocumentForm.FILE)
    file = {"filename": "report.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}
    assert content(pdf(title="report"), capabilities=files) == [{"type": "file", "file": file}]
    assert content(pdf(context="from 2026"), capabilities=files) == [
        text("from 2026"),
        {"type": "file", "file": file | {"filename": "document.pdf"}},
    ]


def test_a_pdf_is_its_text_where_the_provider_takes_text() -> None:
    read: list[bytes] = []

    def read_pdf(data: bytes) -> str:
        read.append(data)
        return "page one \ud83d"

    assert content(pdf(title="report", context="from 2026"), read_pdf=read_pdf) == (
        "<document>\n<title>report</title>\n<context>from 2026</context>\npage one ?\n</document>"
    )
    assert read == [b"%PDF-1.7 stub"]


def unreadable(data: bytes) -> str:
    raise ValueError("it is encrypted")


ADVICE = "send the document's text, or choose a model that takes PDFs"


@pytest.mark.parametrize(
    ("form", "read_pdf", "words"),
    [
        (DocumentForm.TEXT, None, f"this model takes no PDFs and nothing here can read their text; {ADVICE}"),
        (
            DocumentForm.TEXT,
            unreadable,
            f"this model takes no PDFs, and the text of this one cannot be read (it is encrypted); {ADVICE}",
        ),
        (
            DocumentForm.TEXT,
            lambda data: " \n",
            f"this model takes no PDFs, and this one holds no text (it may be scanned); {ADVICE}",
        ),
        (
            DocumentForm.NONE,
            lambda data: "text",
            "this model takes no PDFs; send the document's text, or choose a model that does",
        ),
    ],
)
def test_a_pdf_that_the_model_cannot_get_to_read_is_refused_with_its_place(
    form: DocumentForm, read_pdf: Any, words: str
) -> None:
    messages = [user("Read this:", pdf())]
    refused = refusal(Capabilities(documents=form), messages=messages, read_pdf=read_pdf)
    assert refused == f"messages.0.content.1: {words}"


def test_text_documents_are_texts_with_title_and_context() -> None:
    source = {"type": "text", "media_type": "text/plain", "data": "the text"}
    assert content(document(source, title="notes")) == "<document>\n<title>notes</title>\nthe text\n</document>"
    assert content(document(source)) == "<document>\nthe text\n</document>"
    assert content("x", document(source | {"data": ""})) == "x"


def test_documents_of_blocks_keep_their_texts_and_images_in_order() -> None:
    whole = document({"type": "content", "content": "all of it"})
    assert content(whole) == "<document>\nall of it\n</document>"
    blocks = [text("one"), image(), text("two")]
    assert content(document({"type": "content", "content": blocks}, title="mixed")) == [
        text("<document>\n<title>mixed</title>"),
        text("one"),
        image_part(),
        text("two"),
        text("</document>"),
    ]


def test_documents_in_a_result_stay_in_it_as_text_and_follow_it_as_files() -> None:
    notes_file = document({"type": "text", "media_type": "text/plain", "data": "the text"})
    messages = [user("Go."), assistant(tool_use("t1")), user(tool_result("t1", notes_file, pdf()))]
    sent = chat_messages(messages, Capabilities(documents=DocumentForm.FILE))
    assert sent[2] == tool_message("t1", "<document>\nthe text\n</document>")
    assert [part["type"] for part in sent[3]["content"]] == ["text", "file"]


@pytest.mark.parametrize("data", ["§§", "JVBER"])
def test_data_of_a_pdf_that_is_no_base64_is_named(data: str) -> None:
    block = document({"type": "base64", "media_type": "application/pdf", "data": data})
    assert refusal(messages=[user(block)], read_pdf=lambda data: "x") == (
        "messages.0.content.0.source.data: the data is not valid base64"
    )
