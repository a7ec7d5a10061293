"""Decodes HTTP content encodings for those who look at a body; what is relayed stays encoded."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import brotli
import zstandard

MAX_DECODED_BYTES = 64 << 20


class UndecodableContent(ValueError):
    """The bytes are not of the encoding that their header names, or decode to more than the limit."""


Decode = Callable[[bytes], bytes]


def _decode_deflate() -> Decode:
    """RFC 9110 means zlib's format by "deflate"; some servers send it without zlib's head."""
    decompressor = None

    def decode(data: bytes) -> bytes:
        nonlocal decompressor
        if decompressor is None and data:
            decompressor = zlib.decompressobj() if data[0] & 0x0F == 8 else zlib.decompressobj(-zlib.MAX_WBITS)
        return decompressor.decompress(data) if decompressor else b""

    return decode


DECODERS: dict[str, Callable[[], Decode]] = {
    "gzip": lambda: zlib.decompressobj(16 + zlib.MAX_WBITS).decompress,
    "x-gzip": lambda: zlib.decompressobj(16 + zlib.MAX_WBITS).decompress,
    "deflate": _decode_deflate,
    "br": lambda: brotli.Decompressor().process,
    "zstd": lambda: zstandard.ZstdDecompressor().decompressobj().decompress,
}


class ContentDecoder:
    """Decodes one body, chunk by chunk. `encoding` is the header's value: several are undone from the last to the
    first."""

    def __init__(self, encoding: str = "", max_bytes: int = MAX_DECODED_BYTES) -> None:
        names = [name.strip().lower() for name in encoding.split(",")]
        self._names = [name for name in reversed(names) if name not in ("", "identity")]
        unknown = [name for name in self._names if name not in DECODERS]
        if unknown:
            raise UndecodableContent(f"unknown content encoding {', '.join(unknown)}")
        self._decoders = [DECODERS[name]() for name in self._names]
        self._left = max_bytes

    def feed(self, data: bytes) -> bytes:
        """What `data` decodes to. Raises `UndecodableContent`."""
        try:
            for decode in self._decoders:
                data = decode(data)
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise UndecodableContent(f"not valid {', '.join(self._names)}: {error}") from error
        self._left -= len(data)
        if self._left < 0:
            raise UndecodableContent("decodes to more than the limit")
        return data
