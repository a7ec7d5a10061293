"""`subagents.mappings`: where the calls of each subagent go."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from gateway.configuration.fields import as_data, fields_of, fill
from gateway.configuration.problems import Path
from gateway.configuration.sections.base import Section
from gateway.configuration.sections.keyed import KeyedSection
from gateway.configuration.sections.targets import (
    KEYS,
    expanded,
    fallback_texts,
    read_fallbacks,
    set_fallbacks,
    set_target,
    target_text,
)
from gateway.configuration.work import Work
from routing.models import SubagentMapping

_FIELDS = fields_of(SubagentMapping, without=("subagent", "model"))


class Mappings(KeyedSection):
    name = "mappings"
    path = ("subagents", name)
    model = SubagentMapping
    key = "subagent"

    def rows(self) -> Any:
        return super().rows().select_related("provider").prefetch_related("fallbacks__provider")

    def as_data(self, row: SubagentMapping) -> dict[str, Any]:
        fallbacks = fallback_texts(row)
        data = {"target": target_text(row), **as_data(row, _FIELDS)}
        return {**data, "fallbacks": fallbacks} if fallbacks else data

    def write_row(self, row: SubagentMapping, data: Any, path: Path, work: Work) -> None:
        data = work.mapping(expanded(data), path, ("target", "fallbacks", *_FIELDS))
        fill(row, data, _FIELDS, path, work)
        fallbacks = read_fallbacks(data.get("fallbacks"), (*path, "fallbacks"), work)
        if set_target(row, data, path, work) and work.save(row, path, {"subagent": "", **KEYS}):
            set_fallbacks(row, fallbacks, (*path, "fallbacks"), work)


class Subagents(Section):
    """The level around the mappings, which leaves room for more of subagents."""

    name = "subagents"
    _mappings = Mappings()

    def read(self) -> dict[str, Any]:
        return {"mappings": self._mappings.read()}

    def names(self, data: Any) -> Collection[str]:
        return self._mappings.names(data.get("mappings")) if isinstance(data, dict) else ()

    def write(self, data: Any, work: Work) -> None:
        subagents = work.mapping(data, (self.name,), (Mappings.name,))
        self._mappings.write(subagents.get("mappings"), work)

    def delete_others(self, names: Collection[str], work: Work) -> None:
        self._mappings.delete_others(names, work)
