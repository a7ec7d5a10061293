from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Any, ClassVar

from gateway.configuration.work import Work


class Section(ABC):
    """One part of the configuration. `write` and `delete_others` note problems in `work` and raise none."""

    name: ClassVar[str]
    """Its key in the document."""
    others_lead_to_it: ClassVar[bool] = False

    @abstractmethod
    def read(self) -> Any:
        """The rows as data, in an order that depends on their contents alone."""

    @abstractmethod
    def names(self, data: Any) -> Collection[str]:
        """What the data name; `delete_others` spares it."""

    @abstractmethod
    def write(self, data: Any, work: Work) -> None:
        """Make and change rows as the data say."""

    @abstractmethod
    def delete_others(self, names: Collection[str], work: Work) -> None: ...
