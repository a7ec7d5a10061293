from __future__ import annotations

import base64
import json
import struct
import threading
import time
import zlib
from typing import Any

import pytest

from providers import token_counting
from providers.token_counting import TokenCount, count_texts, count_tokens
from tests.support.pdf import pdf_of


def body(*content: Any, **fields: Any) -> bytes:
    return json.dumps({"messages": [{"role": "user", "content": list(content)}], **fields}).encode()


def text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def image(width: int, height: int) -> dict[str, Any]:
    """A PNG whose head says that it is of this size."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": encoded(png)}}


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def tokens_of(block: dict[str, Any], model: str = "any") -> int:
    """What a block adds to a request."""
    return count_tokens(body(block), model).input_tokens - count_tokens(body(), model).input_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        # from OpenAI's cookbook, "How to count tokens with tiktoken", for o200k_base
        pytest.param("antidisestablishmentarianism", 6, id="one long word"),
        pytest.param("2 + 2 = 4", 7, id="a sum"),
        pytest.param("お誕生日おめでとう", 8, id="Japanese"),
        # from the documentation of o200k's ids
        pytest.param("hello world", 2, id="two words"),
        pytest.param("", 0, id="nothing"),
        pytest.param("<|endoftext|>", 7, id="a mark that means nothing in a text"),
    ],
)
def test_known_texts_have_their_known_number_of_tokens(text: str, tokens: int) -> None:
    assert count_texts([text]) == tokens


def test_a_message_costs_what_openai_says_it_does() -> None:
    assert count_tokens(b'{"messages":[{"role":"user","content":"hello world"}]}', "gpt-4o") == TokenCount(
        9, exact=True
    )
    assert count_tokens(b'{"system":"hello world","messages":[]}', "gpt-4o") == TokenCount(9, exact=True)


@pytest.mark.parametrize(
    ("model", "exact"),
    [("gpt-4o-mini", True), ("openai/gpt-4.1", True), ("gpt-5", False), ("qwen3:8b", False), ("my-gpt-4o", False)],
)
def test_a_count_is_exact_where_vocabulary_and_framing_are_known(model: str, exact: bool) -> None:
    assert count_tokens(body(text("a")), model).exact is exact


@pytest.mark.parametrize("extra", [{"tools": [{"name": "Read"}]}, {"messages": [{"content": [image(9, 9)]}]}])
def test_a_count_with_tools_or_images_is_an_estimate(extra: dict[str, Any]) -> None:
    assert not count_tokens(body(text("a"), **extra), "gpt-4o").exact


def test_b77_everything_adds_to_the_count() -> None:
    plain = count_tokens(body(text("a")), "m").input_tokens
    schema = {"type": "object", "properties": {"path": {"type": "string", "description": "where the file is"}}}
    larger = [
        body(text("a"), system="You are a careful assistant."),
        body(text("a"), tools=[{"name": "Read", "description": "Reads a file.", "input_schema": schema}]),
        body(text("a"), {"type": "tool_use", "id": "1", "name": "Read", "input": {"path": "a/b/c.txt"}}),
        body(text("a"), {"type": "tool_result", "tool_use_id": "1", "content": "what the file says"}),
        body(text("a"), {"type": "thinking", "thinking": "what would a file say", "signature": ""}),
        body(text("a"), image(100, 100)),
        body(text("a"), {"type": "document", "source": {"type": "text", "data": "what the document says"}}),
    ]
    assert [count_tokens(request, "m").input_tokens - plain >= 4 for request in larger] == [True] * len(larger)


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [
        # from Anthropic's documentation, "Vision": about 54, 1 334 and 1 590
        pytest.param(200, 200, 54, id="small"),
        pytest.param(1000, 1000, 1334, id="as large as it should be"),
        pytest.param(1092, 1092, 1590, id="the largest square"),
        pytest.param(8000, 8000, 1600, id="made smaller"),
        pytest.param(1, 1, 1, id="one pixel"),
        pytest.param(60000, 1, 1, id="a line"),
    ],
)
def test_an_image_counts_by_its_area(width: int, height: int, tokens: int) -> None:
    assert tokens_of(image(width, height)) == tokens


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [
        # from OpenAI's guide "Images and vision", high detail
        pytest.param(1024, 1024, 765, id="765"),
        pytest.param(2048, 4096, 1105, id="1105"),
        pytest.param(512, 512, 255, id="one tile"),
        pytest.param(10000, 1, 85 + 4 * 170, id="a line"),
    ],
)
def test_an_image_for_a_model_of_openai_counts_by_its_tiles(width: int, height: int, tokens: int) -> None:
    assert tokens_of(image(width, height), "gpt-4o") == tokens


@pytest.mark.parametrize("data", ["", "%%%", "aGVsbG8=", encoded(b"\xff\xd8\xff\xe0" + bytes(50))])
def test_an_image_of_unknown_size_counts_as_a_large_one(data: str) -> None:
    assert tokens_of({"type": "image", "source": {"type": "base64", "data": data}}) == 1600


def test_an_image_whose_size_comes_late_is_read_to_its_end() -> None:
    preview = b"\xff\xe1" + struct.pack(">H", 60_000) + bytes(59_998)
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, 300, 500, 3) + bytes(9)
    jpeg = encoded(b"\xff\xd8" + preview + frame)
    assert tokens_of({"type": "image", "source": {"type": "base64", "data": jpeg}}) == 200


def test_a_pdf_counts_by_its_pages() -> None:
    def document(data: str) -> dict[str, Any]:
        return {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": data}}

    assert tokens_of(document(encoded(pdf_of("a", "b")))) == 4500
    assert tokens_of(document("no pdf")) == tokens_of(document("")) == 2250


def test_a_text_that_is_too_long_for_the_tokenizer_is_counted_in_pieces() -> None:
    assert count_texts(["word " * 300_000]) == pytest.approx(300_000, rel=0.01)
    assert count_texts(["\U000130b8" * 120_000]) > 120_000


@pytest.mark.parametrize("repeated", ["a", " ", "\n", "字", "aB1 ", "=", "\u0301"])
def test_no_text_is_slow_to_count(repeated: str) -> None:
    count_texts(["load the vocabulary"])
    started = time.perf_counter()
    count_texts([repeated * (400_000 // len(repeated))])
    assert time.perf_counter() - started < 2


def test_threads_that_come_together_load_the_vocabulary_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import bpe_openai

    loads, counts, asked = [], [], threading.Semaphore(0)

    def load(name: str) -> Any:
        loads.append(name)
        assert all(asked.acquire(timeout=5) for _ in range(8)), "not all threads have come"
        return encoding

    def count() -> None:
        asked.release()
        counts.append(count_texts(["hello world"]))

    encoding = bpe_openai.get_encoding("o200k_base")
    monkeypatch.setattr(bpe_openai, "get_encoding", load)
    token_counting._load_tokenizer.cache_clear()
    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (loads, counts) == (["o200k_base"], [2] * 8)


@pytest.mark.parametrize("request_", [b"", b"[]", b"\xff", b'{"messages":{"role":"user"}}'])
def test_what_is_no_request_counts_for_little_and_raises_nothing(request_: bytes) -> None:
    assert 3 <= count_tokens(request_, "m").input_tokens < 20
