"""The names of tools as the client declared them.

A request's names are shortened where a provider takes no longer ones, and models write names as they please: `bash` for
`Bash`, `default_api:Bash`, `functions.Bash`. The client knows its own names only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

_PREFIX = re.compile(r".*[:.]", re.DOTALL)


class DeclaredNames:
    """Finds the declared name for one that a model wrote. `declared` maps names as sent to names as declared."""

    def __init__(self, declared: Mapping[str, str]) -> None:
        self._declared = declared

    def __contains__(self, name: str) -> bool:
        return name in self._exact

    def restore(self, name: str) -> str:
        """The declared name; `name` as it is where it fits none of them."""
        return self._find(name) or self._find(_PREFIX.sub("", name)) or name

    @cached_property
    def _exact(self) -> dict[str, str]:
        return {name: name for name in self._declared.values()} | dict(self._declared)

    @cached_property
    def _folded(self) -> dict[str, str]:
        return _unique_folded(self._exact.items())

    def _find(self, name: str) -> str | None:
        return self._exact.get(name) or self._folded.get(name.casefold())


def _unique_folded(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Declared names by their folded form, without those that two declared names share."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for written, declared in names:
        folded = written.casefold()
        if found.setdefault(folded, declared) != declared:
            shared.add(folded)
    return {folded: declared for folded, declared in found.items() if folded not in shared}
