from __future__ import annotations

import gzip
import random
import zlib

import brotli
import pytest
import zstandard

from requestlog.content_encoding import decode_content

TEXT = b"data: beans and peas\n\n" * 500


def _raw_deflate(content: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(content) + compressor.flush()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", _raw_deflate(TEXT)),
        ("br", brotli.compress(TEXT)),
        ("zstd", zstandard.compress(TEXT)),
        ("GZIP ,  br", brotli.compress(gzip.compress(TEXT))),
        ("identity", TEXT),
        ("", TEXT),
    ],
)
def test_every_encoding_is_undone(name: str, content: bytes) -> None:
    decoded = decode_content(content, name, limit=1_000_000)
    assert (decoded.content, decoded.cut, decoded.problem) == (TEXT, False, "")


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress, brotli.compress, zstandard.compress])
def test_a_bomb_is_decoded_up_to_the_limit_only(compress) -> None:  # type: ignore[no-untyped-def]
    names = {gzip.compress: "gzip", zlib.compress: "deflate", brotli.compress: "br", zstandard.compress: "zstd"}
    decoded = decode_content(compress(bytes(20_000_000)), names[compress], limit=1000)
    assert (decoded.content, decoded.cut) == (bytes(1000), True)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_bytes_that_are_not_of_the_encoding_are_said_in_words(name: str) -> None:
    decoded = decode_content(b"\xffthis is not compressed at all", name, limit=1000)
    assert decoded.content == b""
    assert f"not valid {name}" in decoded.problem


def test_an_unknown_encoding_shows_the_bytes_as_they_are() -> None:
    decoded = decode_content(b"abc", "rot13", limit=10)
    assert decoded.content == b"abc"
    assert "“rot13”, which is not known" in decoded.problem


def test_a_stream_that_was_cut_off_shows_what_came() -> None:
    content = gzip.compress(random.Random(1).randbytes(100_000))
    decoded = decode_content(content[:60_000], "gzip", limit=1_000_000)
    assert len(decoded.content) > 50_000
    assert decode_content(content[:12], "gzip", limit=10).problem == (
        "Nothing could be decoded as gzip: the body is empty or ends too early."
    )


def test_an_empty_body_is_empty_in_every_encoding() -> None:
    assert decode_content(b"", "gzip", limit=10).problem == ""
