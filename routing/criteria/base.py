"""What every criterion has.

A criterion looks at one fact of the call and says whether it fits. That the two are apart is what makes it cheap to ask
hundreds of rules: criteria of one family look at the same fact, so that its value decides for all of them at once (see
`routing.rule_index`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from typing import Any, ClassVar, Self

from routing.call import Call


class Criterion(ABC):
    """One condition of a rule: frozen, made by `parse`, asked in every request.

    `label` and `help_text` are for the person who fills in the value, `example` is a value that is valid.
    """

    key: ClassVar[str]
    """As it is stored."""
    label: ClassVar[str]
    help_text: ClassVar[str]
    example: ClassVar[str]
    reads_body: ClassVar[bool] = False
    """Whether it may have to look into the body, which costs more than all other criteria together."""

    @classmethod
    @abstractmethod
    def parse(cls, value: object) -> Self:
        """The criterion of a value as people or JSON write it. Raises `ValueError` with what to enter instead."""

    @property
    @abstractmethod
    def value(self) -> str:
        """What `parse` makes the same criterion of."""

    @property
    def family(self) -> str:
        """Criteria with the same family look at the same fact."""
        return self.key

    @abstractmethod
    def fact(self, call: Call) -> Hashable: ...

    @abstractmethod
    def fits(self, fact: Any) -> bool:
        """`fact` is what `fact()` gives."""

    @abstractmethod
    def why_not(self, call: Call) -> str:
        """In words, for a call that does not match."""

    def matches(self, call: Call) -> bool:
        return self.fits(self.fact(call))

    def describe(self) -> str:
        return f"{self.label} {self.value}"


def text_of(value: object) -> str:
    """Raises `ValueError` for what is neither a text nor a number that was meant as one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("write it as a text")
    return str(value).strip()
