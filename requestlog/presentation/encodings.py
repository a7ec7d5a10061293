"""Undoing an HTTP content encoding, for display: never more than asked for, whatever the data pretends to hold."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import brotli  # type: ignore[import-untyped]
import zstandard

_GZIP_OR_ZLIB = 47
_RAW_DEFLATE = -15


@dataclass(frozen=True, slots=True)
class Decoded:
    """`content` is what could be decoded; `problem` says why that is not all, `cut` that the limit was reached."""

    content: bytes
    cut: bool = False
    problem: str = ""


def decode_content(content: bytes, content_encoding: str, limit: int) -> Decoded:
    """The first `limit` bytes behind `content_encoding`, a header's value: a comma list, applied from left to right."""
    names = [name.strip().lower() for name in content_encoding.split(",") if name.strip()]
    for name in reversed(names):
        if name == "identity" or not content:
            continue
        if name not in _DECODERS:
            return Decoded(content, problem=f"The content encoding “{name}” is not known here, so these are its bytes.")
        try:
            # One byte more than asked for tells whether there is more.
            content = _DECODERS[name](content, limit + 1)
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            return Decoded(b"", problem=f"The body cannot be decoded as {name}: {error}.")
        if not content:
            return Decoded(b"", problem=f"Nothing could be decoded as {name}: the body is empty or ends too early.")
    return Decoded(content[:limit], cut=len(content) > limit)


def _decode_gzip(content: bytes, limit: int) -> bytes:
    return zlib.decompressobj(_GZIP_OR_ZLIB).decompress(content, limit)


def _decode_deflate(content: bytes, limit: int) -> bytes:
    try:
        return _decode_gzip(content, limit)
    except zlib.error:  # some servers send deflate without the zlib frame that the standard asks for
        return zlib.decompressobj(_RAW_DEFLATE).decompress(content, limit)


def _decode_brotli(content: bytes, limit: int) -> bytes:
    return bytes(brotli.Decompressor().process(content, output_buffer_limit=limit))


def _decode_zstd(content: bytes, limit: int) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content), read_across_frames=True) as reader:
        return reader.read(limit)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _decode_gzip,
    "x-gzip": _decode_gzip,
    "deflate": _decode_deflate,
    "br": _decode_brotli,
    "zstd": _decode_zstd,
}
