"""Undoes HTTP content encodings for those who look at a body; what is relayed or stored stays encoded.

`ContentDecoder` takes a body chunk by chunk. `decode_content` takes a whole one and gives out no more than asked for,
whatever the data pretends to hold: it feeds small slices and stops at the limit.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import brotli
import zstandard

_SLICE_BYTES = 16 * 1024

Decode = Callable[[bytes], bytes]


class UndecodableContent(ValueError):
    """The encoding is not known, or the bytes are not of it. The text completes the sentence “the body is …”."""


def _gzip() -> Decode:
    return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress


def _deflate() -> Decode:
    """RFC 9110 means zlib's format by "deflate"; some servers send it without zlib's head."""
    decompress: Decode | None = None

    def decode(data: bytes) -> bytes:
        nonlocal decompress
        if decompress is None and data:
            window = zlib.MAX_WBITS if data[0] & 0x0F == 8 else -zlib.MAX_WBITS
            decompress = zlib.decompressobj(window).decompress
        return decompress(data) if decompress else b""

    return decode


def _brotli() -> Decode:
    decompressor = brotli.Decompressor()
    return lambda data: bytes(decompressor.process(data))


def _zstd() -> Decode:
    return zstandard.ZstdDecompressor().decompressobj(read_across_frames=True).decompress


_DECODERS: dict[str, Callable[[], Decode]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}


class ContentDecoder:
    """`encoding` is the header's value: a comma list in the order in which the encodings were applied.

    Raises `UndecodableContent` for one that is not known.
    """

    def __init__(self, encoding: str) -> None:
        names = [name.strip().lower() for name in encoding.split(",")]
        self._names = [name for name in reversed(names) if name not in ("", "identity")]
        if unknown := [name for name in self._names if name not in _DECODERS]:
            raise UndecodableContent(f"encoded as “{', '.join(unknown)}”, which is not known here")
        self._decoders = [_DECODERS[name]() for name in self._names]

    def feed(self, data: bytes) -> bytes:
        """What `data` decodes to. Raises `UndecodableContent`."""
        try:
            for decode in self._decoders:
                data = decode(data)
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise UndecodableContent(f"not valid {', '.join(self._names)}: {error}") from error
        return data


@dataclass(frozen=True, slots=True)
class Decoded:
    """`content` is what could be decoded; `problem` says why that is not all, `cut` that the limit was reached."""

    content: bytes
    cut: bool = False
    problem: str = ""


def decode_content(content: bytes, encoding: str, limit: int) -> Decoded:
    """The first `limit` bytes of what is behind `encoding`."""
    try:
        decoder = ContentDecoder(encoding)
    except UndecodableContent as error:
        return Decoded(content[:limit], len(content) > limit, f"The body is {error}; these are its bytes.")
    decoded = bytearray()
    for start in range(0, len(content), _SLICE_BYTES):
        try:
            decoded += decoder.feed(content[start : start + _SLICE_BYTES])
        except UndecodableContent as error:
            return Decoded(bytes(decoded[:limit]), problem=f"The body is {error}.")
        if len(decoded) > limit:
            return Decoded(bytes(decoded[:limit]), cut=True)
    if content and not decoded:
        return Decoded(b"", problem=f"Nothing could be decoded as {encoding}: the body is empty or ends too early.")
    return Decoded(bytes(decoded))
