"""What a call has or has not."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Self

from routing.call import Call
from routing.criteria.base import Criterion

_WORDS = {"": True, "yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


@dataclass(frozen=True)
class Flag(Criterion):
    example = "yes"
    thing: ClassVar[str]

    wanted: bool

    @classmethod
    def parse(cls, value: object) -> Self:
        wanted = value if isinstance(value, bool) else _WORDS.get(str(value).strip().lower())
        if wanted is None:
            raise ValueError("enter yes or no")
        return cls(wanted)

    @property
    def value(self) -> str:
        return "yes" if self.wanted else "no"

    @abstractmethod
    def fact(self, call: Call) -> bool: ...

    def fits(self, fact: bool) -> bool:
        return fact is self.wanted

    def describe(self) -> str:
        return f"{'with' if self.wanted else 'without'} {self.thing}"

    def why_not(self, call: Call) -> str:
        return f"the call is {'without' if self.wanted else 'with'} {self.thing}"


class HasImages(Flag):
    key = "images"
    label = "has images"
    help_text = "yes or no: whether a message or a tool's result holds an image, anywhere in the conversation."
    reads_body = True
    thing = "images"

    def fact(self, call: Call) -> bool:
        return call.has_images


class HasTools(Flag):
    key = "tools"
    label = "has tools"
    help_text = "yes or no: whether the call offers tools."
    thing = "tools"

    def fact(self, call: Call) -> bool:
        return call.has_tools


class Thinking(Flag):
    key = "thinking"
    label = "thinking on"
    help_text = "yes or no: whether the call asks for thinking, enabled or adaptive."
    reads_body = True
    thing = "thinking"

    def fact(self, call: Call) -> bool:
        return call.thinking
