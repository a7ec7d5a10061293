"""A YAML text as plain data that remember their lines.

PyYAML's nodes are turned into data here and not by its own constructor, which forgets lines and lets a second key
of the same name win silently. Aliases and merge keys work; an alias within itself is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from gateway.configuration.problems import ConfigurationError, Path, Problem

MAX_NODES = 200_000
"""Aliases can make a short text as large as one likes."""


@dataclass(frozen=True, slots=True)
class Source:
    """`data` are of JSON's types, dates and the like left as text.

    `origins` are the places in the file of what was moved since (see `go_proxy`).
    """

    data: dict[str, Any]
    lines: Mapping[Path, int] = field(default_factory=dict)
    origins: Mapping[Path, Path] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of a key, or of the nearest one around it; 0 in what was no file."""
        return next((self.lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.lines), 0)

    def located(self, problem: Problem) -> Problem:
        """The problem as the file has it: its line, and the key that people wrote."""
        path = self.origins.get(problem.path, problem.path)
        return Problem(path, problem.text, problem.line or self.line(path))


def parse_yaml(text: str) -> Source:
    """Raises `ConfigurationError`."""
    try:
        reader = _Reader(text)
        root = reader.get_single_node()
        data = reader.read(root, ()) if root is not None else {}
    except yaml.MarkedYAMLError as error:
        raise ConfigurationError([_syntax_problem(error)]) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigurationError([Problem((), f"this cannot be read as YAML: {error}")]) from error
    if not isinstance(data, dict):
        reader.problems.append(Problem((), "a configuration is a mapping, such as “providers: …”.", 1))
    if reader.problems:
        raise ConfigurationError(reader.problems)
    return Source(data, reader.lines)


class _Reader(yaml.SafeLoader):
    """Reads the whole text and notes what it does not like of it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._open: set[int] = set()
        self._own_keys: dict[int, set[int]] = {}
        self._nodes = 0

    def read(self, node: yaml.Node, path: Path) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ValueError(f"it has more than {MAX_NODES} values.")
        if id(node) in self._open:
            self.problems.append(Problem(path, "this alias stands within what it refers to.", _line(node)))
            return None
        self._open.add(id(node))
        try:
            return self._value(node, path)
        finally:
            self._open.remove(id(node))

    def _value(self, node: yaml.Node, path: Path) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, (*path, index)) for index, item in enumerate(node.value)]
        value = self.construct_object(node)
        return value if isinstance(value, str | int | float | None) else node.value

    def _item(self, node: yaml.Node, path: Path) -> Any:
        self.lines[path] = _line(node)
        return self.read(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        # What is merged in comes to stand before the mapping's own keys, at the first look: an alias brings a second.
        own = self._own_keys.setdefault(id(node), {id(key) for key, _ in node.value})
        self.flatten_mapping(node)
        data: dict[str, Any] = {}
        lines_of_own: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = _line(key_node)
            key = self.construct_object(key_node) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                self.problems.append(Problem(path, "a key is not text: put it in quotes.", line))
                continue
            if key in lines_of_own:
                self.problems.append(Problem((*path, key), f"it is in line {lines_of_own[key]} already.", line))
            if id(key_node) in own:
                lines_of_own[key] = line
            self.lines[(*path, key)] = line
            data[key] = self.read(value_node, (*path, key))
        return data


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    words = ", ".join(filter(None, [error.context, error.problem]))
    return Problem((), f"this is not valid YAML: {words}.", mark.line + 1 if mark else 0)
