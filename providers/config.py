"""The base of every config model: a change and the announcement of it stand or fall together.

`config_changed` is sent inside the transaction that changes the row. Whoever listens may write to the database; when
a listener raises, the change is rolled back with it. `QuerySet.update()` and the `bulk_…` methods go past all this:
change config rows by `save()` and `delete()`. A queryset's `delete()` is fine, it announces every row.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models.signals import post_delete
from django.dispatch import Signal

Changes = dict[str, list[str]]
"""Field name to `[old, new]`, both as text and empty for "nothing". A secret's values are never in it."""

config_changed = Signal()
"""Arguments: `sender` (the model class), `instance`, `action` (a `ConfigAction`), `changes` (`Changes`)."""


class ConfigAction(enum.StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"


class ConfigModel(models.Model):
    """A row that the gateway's behaviour depends on. A save that changes nothing announces nothing."""

    secret_fields: ClassVar[frozenset[str]] = frozenset()
    """Fields that are announced as "set", "changed" or "removed", without any part of their value."""

    class Meta:
        abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # By class, not for all senders: a listener for all would cost the log's bulk deletes their one-statement path.
        post_delete.connect(_announce_deletion, sender=cls)

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            before = self._stored_values()
            super().save(*args, **kwargs)
            changes = self._changes(before, self._stored_values())
            if changes:
                self._announce(ConfigAction.CHANGED if before else ConfigAction.ADDED, changes)

    def _announce(self, action: ConfigAction, changes: Changes) -> None:
        config_changed.send(type(self), instance=self, action=action, changes=changes)

    def _stored_values(self) -> dict[str, object]:
        """The row as the database holds it; empty when there is none."""
        names = [field.name for field in self._meta.concrete_fields if not field.primary_key]
        return type(self)._base_manager.filter(pk=self.pk).values(*names).first() or {}

    def _current_values(self) -> dict[str, object]:
        return {
            field.name: field.value_from_object(self) for field in self._meta.concrete_fields if not field.primary_key
        }

    def _changes(self, before: Mapping[str, object], after: Mapping[str, object]) -> Changes:
        pairs = {name: (_as_text(before.get(name)), _as_text(after.get(name))) for name in before or after}
        return {
            name: _hidden(old, new) if name in self.secret_fields else [old, new]
            for name, (old, new) in pairs.items()
            if old != new
        }


def _announce_deletion(sender: type[ConfigModel], instance: ConfigModel, **_: Any) -> None:
    # Django deletes and sends `post_delete` in one transaction, for one row, a queryset and a cascade alike.
    instance._announce(ConfigAction.DELETED, instance._changes(instance._current_values(), {}))


def _as_text(value: object) -> str:
    if value is None or value == {} or value == []:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


def _hidden(old: str, new: str) -> list[str]:
    if not old:
        return ["", "set"]
    return ["set", "changed" if new else "removed"]
