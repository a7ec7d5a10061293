"""The text of a PDF, for models that take none. Other people's files: whatever is wrong with one ends in `ValueError`.

Strategy: page after page, within bounds. What a file may cost is bounded by its size, by the number of its pages, by
the length of its text and by pypdf's own limits on what compressed streams may grow to.
"""

from __future__ import annotations

import logging
import struct
import zlib
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError

MAX_BYTES = 32 * 1024 * 1024
"""The Messages API's limit on a request."""
MAX_PAGES = 600
"""The Messages API's limit on the pages of a request."""
MAX_CHARACTERS = 4_000_000
"""More than the largest context holds."""
BETWEEN_PAGES = "\n\n"

_TEXTS_KEPT = 16
_texts_read: dict[bytes, str] = {}
"""The SHA-256 of a file -> its text, the oldest first."""

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells at length what it repairs in other people's files

# What pypdf lets through from the depths of a broken file, besides its own errors.
_BROKEN = (
    PyPdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    struct.error,
    zlib.error,
)


def read_pdf(data: bytes) -> str:
    """The text of all pages. Raises `ValueError` with what is wrong with the file.

    It takes seconds for a long document, for the first time: call it in a thread. A conversation sends the same
    document in every turn, so the last texts are kept.
    """
    digest = sha256(data).digest()
    if digest not in _texts_read:
        _texts_read[digest] = _read(data)
        while len(_texts_read) > _TEXTS_KEPT:
            _texts_read.pop(next(iter(_texts_read)), None)
    return _texts_read[digest]


def _read(data: bytes) -> str:
    text = BETWEEN_PAGES.join(_texts(_pages(data)))
    if not text:
        raise ValueError("it holds no text, as a scanned document does")
    return text


def count_pages(data: bytes) -> int:
    """How many pages the PDF has. Raises `ValueError` with what is wrong with the file."""
    return len(_pages(data))


def _pages(data: bytes) -> list[PageObject]:
    if len(data) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES >> 20} MiB")
    try:
        reader = PdfReader(BytesIO(data))
        # Many PDFs are encrypted with an empty password, only to forbid printing.
        if reader.is_encrypted and not reader.decrypt(""):
            raise ValueError("it is protected by a password")
        pages = list(reader.pages)
    except _BROKEN as error:
        raise _unreadable("the file", error) from error
    if len(pages) > MAX_PAGES:
        raise ValueError(f"it has {len(pages)} pages, which is more than {MAX_PAGES}")
    return pages


def _texts(pages: list[PageObject]) -> Iterator[str]:
    """The texts of the pages that have any."""
    characters = 0
    for number, page in enumerate(pages, 1):
        try:
            text = page.extract_text().strip()
        except _BROKEN as error:
            raise _unreadable(f"page {number}", error) from error
        characters += len(text)
        if characters > MAX_CHARACTERS:
            raise ValueError(f"its text is longer than {MAX_CHARACTERS} characters")
        if text:
            yield text


def _unreadable(what: str, error: Exception) -> ValueError:
    return ValueError(f"{what} cannot be read: {str(error) or type(error).__name__}")
