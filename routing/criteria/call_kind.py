"""Which part of the client makes the call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from routing.call import Call
from routing.criteria.base import Criterion, text_of
from routing.identification.callers import CallKind

_CHOICES = ", ".join(kind.value for kind in CallKind)


@dataclass(frozen=True)
class Kind(Criterion):
    key = "kind"
    label = "kind of call"
    help_text = f"One of: {_CHOICES}. Side calls are those without tools, such as the one for a session's title."
    example = CallKind.SIDE_CALL.value

    kind: CallKind

    @classmethod
    def parse(cls, value: object) -> Self:
        text = text_of(value).lower().replace("_", " ").replace("-", " ")
        try:
            return cls(CallKind(text))
        except ValueError:
            raise ValueError(f"enter one of: {_CHOICES}") from None

    @property
    def value(self) -> str:
        return self.kind.value

    def describe(self) -> str:
        return self.value

    def fact(self, call: Call) -> CallKind:
        return call.kind

    def fits(self, fact: CallKind) -> bool:
        return fact is self.kind

    def why_not(self, call: Call) -> str:
        return f"this is a call of the kind {call.kind.value}, not {self.kind.value}"
