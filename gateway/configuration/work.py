"""What the sections share while a configuration is applied: the problems found so far, and the providers by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from gateway.configuration.problems import Path, Problem, one_of
from providers.config import ConfigModel
from providers.models import Provider


class Work:
    """`is_restoring`: a secret that cannot be kept is left out and noted in `lost_secrets`, and is no problem."""

    def __init__(self, is_restoring: bool = False) -> None:
        self.is_restoring = is_restoring
        self.problems: list[Problem] = []
        self.lost_secrets: list[str] = []
        self._refused: set[str] = set()
        self._saved: list[tuple[ConfigModel, Path, Mapping[str, str]]] = []

    def note(self, path: Path, text: str) -> None:
        self.problems.append(Problem(path, text))

    def mapping(self, data: Any, path: Path, known: Iterable[str] | None = None) -> dict[str, Any]:
        """The data, where they are a mapping; its keys are checked where those are given that there can be."""
        if data is None:
            return {}
        if not isinstance(data, dict):
            self.note(path, "this should be a mapping of keys to values.")
            return {}
        for key in data if known is not None else ():
            if key not in set(known or ()):
                self.note((*path, key), one_of(key, known or (), "key"))
        return data

    def items(self, data: Any, path: Path) -> list[Any]:
        if data is None or isinstance(data, list):
            return data or []
        self.note(path, "this should be a list.")
        return []

    def target(self, text: Any, path: Path) -> tuple[Provider, str] | None:
        """The provider and the model of "provider:model"; everything after the first colon is the model."""
        if not isinstance(text, str) or ":" not in text:
            self.note(path, f"“{text}” does not name a provider and a model: write provider:model, with a colon.")
            return None
        name, _, model = text.partition(":")
        provider = Provider.objects.filter(name=name).first()
        if provider is None and name not in self._refused:
            names = Provider.objects.values_list("name", flat=True)
            self.note(path, one_of(name, {*names, *self._refused}, "provider"))
        return (provider, model) if provider else None

    def save(self, row: ConfigModel, path: Path, keys: Mapping[str, str] | None = None) -> bool:
        """Whether the row is in order, and saved. `keys` are the names in the document of the row's fields."""
        keys = keys or {}
        if not self._passes(row, row.full_clean, path, keys):
            self.refuse(row)
            return False
        row.save()
        self._saved.append((row, path, keys))
        return True

    def check_again(self) -> None:
        """What a row may be can depend on rows that were saved after it."""
        for row, path, keys in self._saved:
            self._passes(row, row.clean, path, keys)

    def _passes(self, row: ConfigModel, check: Callable[[], None], path: Path, keys: Mapping[str, str]) -> bool:
        try:
            check()
        except ValidationError as error:
            found = {field: " ".join(texts) for field, texts in error.message_dict.items()}
            if self.is_restoring and isinstance(row, Provider):
                found.pop("credential", None)  # `lost_secrets` has it
            for field, text in found.items():
                key = "" if field == NON_FIELD_ERRORS else keys.get(field, field)
                self.note((*path, key) if key else path, text)
            return not found
        return True

    def refuse(self, row: ConfigModel) -> None:
        """What leads to a provider that is refused is not to be blamed for it."""
        if isinstance(row, Provider):
            self._refused.add(row.name)
