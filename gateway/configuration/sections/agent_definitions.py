"""`agent_definitions`: the texts of definition files, each by the name that it gives itself."""

from __future__ import annotations

from typing import Any

from gateway.configuration.problems import Path
from gateway.configuration.sections.keyed import KeyedSection
from gateway.configuration.work import Work
from routing.models import AgentDefinition


class AgentDefinitions(KeyedSection):
    name = "agent_definitions"
    path = (name,)
    model = AgentDefinition
    key = "name"

    def as_data(self, row: AgentDefinition) -> str:
        return row.text

    def write_row(self, row: AgentDefinition, data: Any, path: Path, work: Work) -> None:
        if not isinstance(data, str):
            work.note(path, "this should be the text of a definition file.")
            return
        name, row.text = row.name, data
        if work.save(row, path, {"name": "", "text": ""}) and row.name != name:
            work.note(path, f"the text is a definition of {row.name}: use that name.")
