"""Counts the tokens of a request for providers that have no endpoint for it.

The vocabulary is o200k, that of OpenAI's models since GPT-4o, which comes with a package: nothing is downloaded. For
models with another vocabulary the number is an estimate, and so is what tools, images and documents add to it.

Images count by their size in pixels, by the rule of the model's maker where one is known: OpenAI's tiles of 512 pixels
for its own models, and one token for 750 pixels, as Anthropic documents it, for all others (Qwen's rule, one for 784,
is almost the same). Sources: OpenAI's guide "Images and vision", Anthropic's "Vision" and "PDF support".
"""

from __future__ import annotations

import base64
import math
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from threading import Lock
from typing import Protocol

import imagesize

from providers.pdf import count_pages
from providers.protocol.countable import read_countable

_O200K = re.compile(r"(?:.*/)?(?:gpt-4o|gpt-4\.1|gpt-4\.5|gpt-[5-9]|gpt-oss|chatgpt-|o[1-9])")
"""OpenAI's models with this vocabulary, with or without the maker before the name (`openai/gpt-5`)."""
_DOCUMENTED_FRAMING = re.compile(r"(?:.*/)?(?:gpt-4o|gpt-4\.1)")

_PIECE_CHARACTERS = 50_000
"""The tokenizer takes 200 000 tokens at a time, and a character can be four of them. Between the pieces other threads
get their turn, which it does not give them by itself."""

_TOKENS_OF_A_PAGE = 2250
"""Anthropic: 1 500 to 3 000 for each page of a PDF."""
_HEAD_CHARACTERS = 1 << 16
"""Of an image in base64: its size is near its beginning, unless it has a preview in front."""

_PIXELS_OF_A_TOKEN, _LONGEST_EDGE, _MOST_TOKENS_BY_AREA = 750, 1568, 1600
_TILE, _SQUARE, _SHORTER_EDGE = 512, 2048, 768
_TOKENS_OF_A_TILE, _TOKENS_OF_AN_IMAGE = 170, 85
_LARGEST_IMAGE = (1568, 1568)

_loading = Lock()


@dataclass(frozen=True, slots=True)
class TokenCount:
    """`exact` says that nothing in it is an estimate."""

    input_tokens: int
    exact: bool


class _Tokenizer(Protocol):
    def encode_ordinary(self, text: str) -> list[int]: ...


def count_tokens(body: bytes, model: str) -> TokenCount:
    """The input tokens of a Messages or count_tokens request. It raises nothing; what is no request counts as empty.

    `model` is what the provider calls the model. The first call takes a second, because it loads the vocabulary, and a
    later one a millisecond for each ten kilobytes: call it in a thread. Threads may call it at once.
    """
    countable = read_countable(body)
    is_openai = _O200K.match(model.lower()) is not None
    tokens_of_image = _tokens_in_tiles if is_openai else _tokens_by_area
    tokens = countable.framing + count_texts(countable.texts)
    tokens += sum(tokens_of_image(*_size(data)) for data in countable.images)
    tokens += sum(_tokens_of_pdf(data) for data in countable.pdfs)
    return TokenCount(tokens, exact=countable.is_plain and _DOCUMENTED_FRAMING.match(model.lower()) is not None)


def count_texts(texts: Iterable[str]) -> int:
    """The tokens of `texts` in o200k."""
    tokenizer = _tokenizer()
    return sum(len(tokenizer.encode_ordinary(piece)) for text in texts for piece in _pieces(text))


def _tokenizer() -> _Tokenizer:
    with _loading:  # so that threads that come together do not load it twice
        return _load_tokenizer()


@cache
def _load_tokenizer() -> _Tokenizer:
    with warnings.catch_warnings():
        # It opens its own data in a way that Python 3.11 and 3.12 advise against.
        warnings.simplefilter("ignore", DeprecationWarning)
        import bpe_openai  # not before it is needed: it takes a second, and a hundred megabytes for good

        tokenizer: _Tokenizer = bpe_openai.get_encoding("o200k_base")
    return tokenizer


def _pieces(text: str) -> Iterator[str]:
    """`text` in pieces that the tokenizer takes; words that are cut in two cost a token each."""
    for start in range(0, len(text), _PIECE_CHARACTERS):
        yield text[start : start + _PIECE_CHARACTERS]


def _size(data: str) -> tuple[int, int]:
    """Width and height in pixels; what is not known counts as the largest image."""
    for part in (data[:_HEAD_CHARACTERS], data):
        try:
            width, height = imagesize.get(BytesIO(base64.b64decode(part)))
        except ValueError:
            continue
        if width > 0 and height > 0:
            return int(width), int(height)
    return _LARGEST_IMAGE


def _tokens_by_area(width: int, height: int) -> int:
    """Anthropic's rule, by which an image is first made to fit into both limits."""
    scale = min(1.0, _LONGEST_EDGE / max(width, height))
    area = width * height * scale**2
    return min(math.ceil(area / _PIXELS_OF_A_TOKEN), _MOST_TOKENS_BY_AREA)


def _tokens_in_tiles(width: int, height: int) -> int:
    """OpenAI's rule of GPT-4o: made to fit into a square, then by the shorter edge, then cut into tiles."""
    scale = min(1.0, _SQUARE / max(width, height))
    scale = min(scale, _SHORTER_EDGE / min(width, height))
    across, down = (math.ceil(max(round(edge * scale), 1) / _TILE) for edge in (width, height))
    return _TOKENS_OF_AN_IMAGE + across * down * _TOKENS_OF_A_TILE


def _tokens_of_pdf(data: str) -> int:
    """What cannot be read counts as one page."""
    try:
        return count_pages(base64.b64decode(data)) * _TOKENS_OF_A_PAGE
    except ValueError:
        return _TOKENS_OF_A_PAGE
