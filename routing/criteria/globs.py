"""Criteria that compare one text of the call with a name or a pattern."""

from __future__ import annotations

import fnmatch
import re
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from routing.call import Call
from routing.criteria.base import Criterion, text_of


def compile_glob(pattern: str) -> Callable[[str], object]:
    """A test of a whole text, by case: `*` stands for any characters, `?` for one. Brackets stand for themselves."""
    if "*" not in pattern and "?" not in pattern:
        return pattern.__eq__
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]"))).match


@dataclass(frozen=True)
class GlobCriterion(Criterion):
    pattern: str
    is_met_by: Callable[[str], object] = field(repr=False, compare=False)

    @classmethod
    def parse(cls, value: object) -> Self:
        pattern = text_of(value)
        if not pattern:
            raise ValueError(f"enter a name or a pattern such as {cls.example}")
        return cls(pattern, compile_glob(pattern))

    @property
    def value(self) -> str:
        return self.pattern

    @abstractmethod
    def fact(self, call: Call) -> str: ...

    def fits(self, fact: str) -> bool:
        return bool(fact and self.is_met_by(fact))

    def why_not(self, call: Call) -> str:
        text = self.fact(call)
        return f"{self.label} {text} is not {self.pattern}" if text else f"there is no {self.label}"


class Subagent(GlobCriterion):
    key = "subagent"
    label = "subagent"
    help_text = "The subagent's name, or a pattern: * stands for any characters, ? for one."
    example = "code-*"

    def fact(self, call: Call) -> str:
        return call.subagent


class RequestedModel(GlobCriterion):
    key = "model"
    label = "requested model"
    help_text = "The model that the client asks for, or a pattern. Claude Code's [1m] at the end does not count."
    example = "claude-haiku-*"

    @classmethod
    def parse(cls, value: object) -> Self:
        if text_of(value).lower().endswith("[1m]"):
            raise ValueError("leave out [1m]: it is Claude Code's own mark, and does not count")
        return super().parse(value)

    def fact(self, call: Call) -> str:
        return call.model_name


class Session(GlobCriterion):
    key = "session"
    label = "session"
    help_text = "The id of one session, as the request log shows it."
    example = "0b5fba6c-7c4e-4a4b-9d55-6a2f0d6c1e11"

    def fact(self, call: Call) -> str:
        return call.session_id


class ClientKeyName(GlobCriterion):
    key = "client_key"
    label = "client key"
    help_text = "The name of the key by which the client was let in, or a pattern."
    example = "laptop-*"

    def fact(self, call: Call) -> str:
        return call.client_key
