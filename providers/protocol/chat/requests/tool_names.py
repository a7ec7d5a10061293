"""The names of tools as a provider takes them.

The Messages API allows 128 letters, digits, `_` and `-` (tools of MCP servers use them), OpenAI 64. A longer name keeps
its beginning and gets a hash of the whole as its end: the same name is the same in every request, so that a provider's
prompt cache still matches, and the answer's conversion can map it back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

_SHORTEST = 16
"""A limit below this leaves too little of a name to tell tools apart."""
_HASH_LENGTH = 8
_OTHER_CHARACTER = re.compile(r"[^a-zA-Z0-9_-]")


class ToolNames:
    """The names of one request's tools. Fixed once made, so that requests with the same tools can share it."""

    def __init__(self, declared: Iterable[str] = (), limit: int = 64) -> None:
        self._limit = max(limit, _SHORTEST)
        self._sent: dict[str, str] = {}
        taken: set[str] = set()
        for name in sorted(declared, key=lambda name: not self._fits(name)):
            self._sent[name] = self._free(name, taken)
            taken.add(self._sent[name])

    @property
    def declared(self) -> Mapping[str, str]:
        """The declared names by the names that are sent."""
        return MappingProxyType({sent: name for name, sent in self._sent.items()})

    def sent(self, declared: str) -> str:
        """The name to send; also for tools of earlier turns that are not offered any more."""
        return self._sent.get(declared) or self._shortened(declared, 0)

    def _fits(self, name: str) -> bool:
        return 0 < len(name) <= self._limit and not _OTHER_CHARACTER.search(name)

    def _free(self, name: str, taken: set[str]) -> str:
        """Names that fit are placed first and stay as they are; a shortened one must not be one of them."""
        attempt = 0
        while (sent := self._shortened(name, attempt)) in taken:
            attempt += 1
        return sent

    def _shortened(self, name: str, attempt: int) -> str:
        if self._fits(name):
            return name
        digest = hashlib.sha256(f"{name}{attempt or ''}".encode()).hexdigest()[:_HASH_LENGTH]
        return f"{_OTHER_CHARACTER.sub('_', name)[: self._limit - _HASH_LENGTH - 1]}_{digest}"
