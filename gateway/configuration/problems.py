"""What is wrong with a configuration.

ConfigurationError    holds every `Problem` that was found; nothing was changed
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys and list indexes from the top of the document."""


def shown(path: Path) -> str:
    """Such as `rules[0].target`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


@dataclass(frozen=True, slots=True)
class Problem:
    """`line` counts from 1; 0 where the configuration comes from no file."""

    path: Path
    text: str
    line: int = 0

    def __str__(self) -> str:
        place = ", ".join(filter(None, [f"line {self.line}" if self.line else "", shown(self.path)]))
        return f"{place}: {self.text}" if place else self.text


class ConfigurationError(Exception):
    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def one_of(name: str, known: Iterable[str], what: str) -> str:
    """The words for a name that is not one of those that are known, with the one that may have been meant."""
    names = sorted(known)
    nearest = difflib.get_close_matches(name, names, n=1)
    meant = f" Did you mean “{nearest[0]}”?" if nearest else ""
    return f"there is no {what} “{name}”.{meant} Known: {', '.join(names) or 'none'}."
