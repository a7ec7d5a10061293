"""How much a call sends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from routing.call import BYTES_PER_TOKEN, Call
from routing.criteria.base import Criterion, text_of

_NUMBER = re.compile(r"\d{1,12}")


@dataclass(frozen=True)
class InputOver(Criterion):
    key = "input_over"
    label = "input over"
    help_text = f"A number of tokens. The input's are an estimate: one for {BYTES_PER_TOKEN} bytes of the request."
    example = "100000"

    tokens: int

    @classmethod
    def parse(cls, value: object) -> Self:
        digits = re.sub(r"[ ,_]", "", text_of(value))
        if not _NUMBER.fullmatch(digits):
            raise ValueError(f"enter a number of tokens, such as {cls.example}")
        return cls(int(digits))

    @property
    def value(self) -> str:
        return str(self.tokens)

    def describe(self) -> str:
        return f"input over {self.tokens:,} tokens"

    def fact(self, call: Call) -> int:
        return call.input_tokens

    def fits(self, fact: int) -> bool:
        return fact > self.tokens

    def why_not(self, call: Call) -> str:
        return f"the input of about {call.input_tokens:,} tokens is not over {self.tokens:,}"
