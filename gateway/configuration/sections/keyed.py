"""Sections that are a mapping of names to rows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from typing import Any, ClassVar

from gateway.configuration.problems import Path
from gateway.configuration.sections.base import Section
from gateway.configuration.work import Work
from providers.config import ConfigModel


class KeyedSection(Section):
    model: ClassVar[type[ConfigModel]]
    key: ClassVar[str]
    """The field that holds the name."""
    path: ClassVar[Path]

    def rows(self) -> Any:
        return self.model._default_manager.order_by(self.key)

    def read(self) -> Any:
        return {getattr(row, self.key): self.as_data(row) for row in self.rows()}

    def names(self, data: Any) -> Collection[str]:
        return data if isinstance(data, dict) else ()

    def write(self, data: Any, work: Work) -> None:
        for name, entry in work.mapping(data, self.path).items():
            row = self.model._default_manager.filter(**{self.key: name}).first() or self.model(**{self.key: name})
            self.write_row(row, entry, (*self.path, name), work)

    def delete_others(self, names: Collection[str], work: Work) -> None:
        for row in self.rows().exclude(**{f"{self.key}__in": names}):
            row.delete()

    @abstractmethod
    def as_data(self, row: Any) -> Any: ...

    @abstractmethod
    def write_row(self, row: Any, data: Any, path: Path, work: Work) -> None: ...
