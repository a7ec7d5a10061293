from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

from providers import pdf
from providers.pdf import count_pages, read_pdf
from tests.support.pdf import pdf_of


def encrypted(data: bytes, user_password: str) -> bytes:
    writer, out = PdfWriter(clone_from=BytesIO(data)), BytesIO()
    writer.encrypt(user_password, "owner", algorithm="AES-256")
    writer.write(out)
    return out.getvalue()


def test_the_text_of_all_pages_is_read_in_their_order() -> None:
    assert read_pdf(pdf_of("first page", "second page")) == "first page\n\nsecond page"


def test_a_page_without_text_leaves_no_trace() -> None:
    assert read_pdf(pdf_of("first", "", "third")) == "first\n\nthird"


def test_pages_are_counted() -> None:
    assert count_pages(pdf_of("a", "", "c")) == 3


def test_a_file_that_only_forbids_printing_can_be_read() -> None:
    assert read_pdf(encrypted(pdf_of("not secret"), "")) == "not secret"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "the file cannot be read", id="nothing"),
        pytest.param(b"hello", "the file cannot be read", id="no PDF"),
        pytest.param(pdf_of("a")[:100], "the file cannot be read", id="cut off"),
        pytest.param(pdf_of(""), "holds no text", id="scanned"),
        pytest.param(encrypted(pdf_of("secret"), "password"), "protected by a password", id="encrypted"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(data: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_pdf(data)


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [("MAX_BYTES", 10, "larger than"), ("MAX_PAGES", 1, "2 pages"), ("MAX_CHARACTERS", 5, "longer than 5 characters")],
)
def test_what_is_too_large_is_refused(limit: str, value: int, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, limit, value)
    with pytest.raises(ValueError, match=words):
        read_pdf(pdf_of("some", "text"))


@settings(max_examples=200)
@given(st.data())
def test_a_damaged_file_gives_a_text_or_a_value_error(data: st.DataObject) -> None:
    damaged = bytearray(pdf_of("some text", "and more"))
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert isinstance(read_pdf(bytes(damaged)), str)
    except ValueError as error:
        assert str(error)
