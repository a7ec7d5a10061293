"""A document as YAML."""

from __future__ import annotations

import re
from typing import Any

import yaml

from gateway.configuration.environment import escaped

_OTHER_LINE_BREAKS = re.compile("[\r\x85\u2028\u2029]")
"""Only double quotes keep these as they are."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True  # two equal values are two values

    def text(self, value: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", value, style=_style(value))


def _style(value: str) -> str | None:
    if _OTHER_LINE_BREAKS.search(value):
        return '"'
    return "|" if "\n" in value else None


_Dumper.add_representer(str, _Dumper.text)


def as_yaml(data: Any) -> str:
    """For reading and comparing."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110) if data else ""


def as_file(document: dict[str, Any]) -> str:
    """What `loading` makes the same document of: a `$` in it stands for itself."""
    return as_yaml(escaped(document))
