"""A header of the client's request."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from routing.call import Call
from routing.criteria.base import Criterion, text_of
from routing.criteria.globs import compile_glob

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CREDENTIALS = {"authorization", "cookie", "proxy-authorization", "x-api-key", "x-gateway-key"}


@dataclass(frozen=True)
class Header(Criterion):
    """What a header holds is not repeated in any text: it may be nobody's business."""

    key = "header"
    label = "header"
    help_text = "A header and its value, or a pattern for the value; name: * means that the header is there."
    example = "x-team: search-*"

    name: str
    pattern: str
    is_met_by: Callable[[str], object] = field(repr=False, compare=False)

    @classmethod
    def parse(cls, value: object) -> Self:
        name, colon, pattern = text_of(value).partition(":")
        name, pattern = name.strip().lower(), pattern.strip()
        if not colon or not pattern or not _NAME.fullmatch(name):
            raise ValueError(f"enter the header's name, a colon and its value or a pattern, such as {cls.example}")
        if name in _CREDENTIALS:
            raise ValueError(f"{name} carries a credential: use the name of a client key instead")
        return cls(name, pattern, compile_glob(pattern))

    @property
    def value(self) -> str:
        return f"{self.name}: {self.pattern}"

    @property
    def family(self) -> str:
        return f"{self.key} {self.name}"

    def fact(self, call: Call) -> str | None:
        return call.headers.get(self.name)

    def fits(self, fact: str | None) -> bool:
        return fact is not None and bool(self.is_met_by(fact))

    def why_not(self, call: Call) -> str:
        return f"header {self.name} is not {self.pattern}" if self.name in call.headers else f"no header {self.name}"
