"""`$NAME` and `${NAME}` in a file: the values of environment variables.

They are put in wherever text stands, but for two kinds of places: a credential, where the name itself is kept and the
value never stored, and texts that people write, in which a `$` is a `$`. Elsewhere `$$` stands for one `$`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gateway.configuration.problems import ConfigurationError, Path, Problem
from gateway.configuration.source import Source

_VERBATIM_SECTIONS = frozenset({"agent_definitions"})
_VERBATIM_TEXTS = frozenset({"credential", "api_key", "note", "description"})

_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|(?P<bare>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)\})", re.ASCII)


def with_environment(source: Source, environment: Mapping[str, str] = os.environ) -> Source:
    """The document with the variables' values. Raises `ConfigurationError` that names all that are not set."""
    problems: list[Problem] = []

    def substitute(text: str, path: Path) -> str:
        names = [match["bare"] or match["braced"] for match in _REFERENCE.finditer(text) if not match["dollar"]]
        problems.extend(_not_set(name, path, source) for name in names if name not in environment)
        return _REFERENCE.sub(
            lambda match: "$" if match["dollar"] else environment.get(match["bare"] or match["braced"], ""), text
        )

    data = _mapped(source.data, substitute, ())
    if problems:
        raise ConfigurationError(problems)
    return replace(source, data=data)


def escaped(data: Any) -> Any:
    """The data as `with_environment` leaves them as they are."""
    return _mapped(data, lambda text, _: text.replace("$", "$$"), ())


def _not_set(name: str, path: Path, source: Source) -> Problem:
    text = f"the environment variable {name} is not set. Set it, or write $$ for a $."
    return Problem(path, text, source.line(path))


def _mapped(data: Any, change: Callable[[str, Path], str], path: Path) -> Any:
    if _is_verbatim(data, path):
        return data
    if isinstance(data, dict):
        return {key: _mapped(value, change, (*path, key)) for key, value in data.items()}
    if isinstance(data, list):
        return [_mapped(item, change, (*path, index)) for index, item in enumerate(data)]
    return change(data, path) if isinstance(data, str) else data


def _is_verbatim(data: Any, path: Path) -> bool:
    if len(path) == 1 and path[0] in _VERBATIM_SECTIONS:
        return True
    return bool(path) and isinstance(data, str) and path[-1] in _VERBATIM_TEXTS
