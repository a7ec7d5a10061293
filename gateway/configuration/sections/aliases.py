"""`aliases`: names of our own for models, each with its target."""

from __future__ import annotations

from typing import Any

from gateway.configuration.fields import as_data, fields_of, fill
from gateway.configuration.problems import Path
from gateway.configuration.sections.keyed import KeyedSection
from gateway.configuration.sections.targets import KEYS, expanded, set_target, target_text
from gateway.configuration.work import Work
from routing.models import ModelAlias

_FIELDS = fields_of(ModelAlias, without=("name", "model"))


class Aliases(KeyedSection):
    name = "aliases"
    path = (name,)
    model = ModelAlias
    key = "name"

    def rows(self) -> Any:
        return super().rows().select_related("provider")

    def as_data(self, row: ModelAlias) -> dict[str, Any]:
        return {"target": target_text(row), **as_data(row, _FIELDS)}

    def write_row(self, row: ModelAlias, data: Any, path: Path, work: Work) -> None:
        data = work.mapping(expanded(data), path, ("target", *_FIELDS))
        fill(row, data, _FIELDS, path, work)
        if set_target(row, data, path, work):
            work.save(row, path, {"name": "", **KEYS})
