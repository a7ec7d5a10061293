"""Two documents side by side: what to show of them."""

from __future__ import annotations

import difflib
import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.configuration.dumping import as_yaml

_CONTEXT = 2
_KEY = re.compile(r"(?P<indent> *)(?P<item>- )?(?P<key>[^\s#].*?):(?: |$)")


class Mark(enum.StrEnum):
    SAME = " "
    REMOVED = "-"
    ADDED = "+"


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that belong together. `place` are the keys around the first that differs, from the top down."""

    place: str
    lines: tuple[tuple[Mark, str], ...]


def compare(before: Any, after: Any) -> tuple[Hunk, ...]:
    """What is different in the documents' YAML; empty where nothing is."""
    old, new = as_yaml(before).splitlines(), as_yaml(after).splitlines()
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_CONTEXT)
    return tuple(_hunk(old, new, group) for group in groups)


def as_text(hunks: Sequence[Hunk]) -> str:
    """For a terminal."""
    return "\n".join(
        "\n".join([f"@@ {hunk.place}", *(f"{mark.value}{line}" for mark, line in hunk.lines)]) for hunk in hunks
    )


def _hunk(old: list[str], new: list[str], group: list[tuple[str, int, int, int, int]]) -> Hunk:
    lines: list[tuple[Mark, str]] = []
    places: list[Iterator[str]] = []
    for operation, old_start, old_end, new_start, new_end in group:
        if operation == "equal":
            lines += [(Mark.SAME, line) for line in old[old_start:old_end]]
            continue
        lines += [(Mark.REMOVED, line) for line in old[old_start:old_end]]
        lines += [(Mark.ADDED, line) for line in new[new_start:new_end]]
        places.append(_keys_above(old, old_start) if old_start < old_end else _keys_above(new, new_start))
    return Hunk(" › ".join(reversed(list(places[0]))), tuple(lines))


def _keys_above(lines: list[str], index: int) -> Iterator[str]:
    """The keys that a line stands below, the innermost first."""
    indent = _indent(lines[index])
    for line in reversed(lines[:index]):
        if _indent(line) < indent and (match := _KEY.match(line)):
            indent = _indent(line)
            yield match["key"]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
