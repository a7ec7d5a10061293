"""Writes a `Revision` for every change of the configuration, in the transaction that makes the change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from gateway.models import Revision
from providers.config import Changes, ConfigAction, ConfigModel

NOBODY = "command line"
"""Who changed it, when no signed-in user did."""

_who: ContextVar[Callable[[], str]] = ContextVar("who", default=str)


@contextmanager
def changes_made_by(who: Callable[[], str]) -> Iterator[None]:
    """Changes made inside are recorded under the name that `who` returns. It is asked only when there is a change."""
    token = _who.set(who)
    try:
        yield
    finally:
        _who.reset(token)


def record_revision(
    sender: type[ConfigModel], instance: ConfigModel, action: ConfigAction, changes: Changes, **_: Any
) -> None:
    _wait_for_other_changes()
    Revision.objects.create(
        changed_by=(_who.get()() or NOBODY)[:200],
        action=action.value,
        model=sender._meta.label_lower,
        object_name=str(instance)[:200],
        changes=changes,
    )


def _wait_for_other_changes() -> None:
    """Let one transaction at a time make revisions, so that a higher number is never visible before a lower one.

    Otherwise a process could see 5, rebuild its snapshot, and never learn that 4 was committed afterwards. The oldest
    row serves as the lock, since revisions are never deleted. SQLite has one writer anyway.
    """
    Revision.objects.select_for_update().order_by("id").first()
