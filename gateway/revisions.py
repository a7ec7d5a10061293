"""Writes a `Revision` for what changes in the configuration, in the transaction that makes the change.

What one admin request, one loaded file or one restored state changes is one revision, as far as one transaction makes
the changes: what was committed together was never in force in parts. Everything else makes one revision a change. A
revision that was committed gets nothing added, since other processes notice a change by its higher number.

With each revision the configuration as it then stands is kept, without secrets (`configuration.document`). It is read
again after every change; where many changes are made at once, `one_revision()` does so only once, at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction

from gateway.configuration.document import read_configuration
from gateway.models import Revision
from providers.config import Changes, ConfigAction, ConfigModel

NOBODY = "command line"
"""Who changed it, when no signed-in user did."""


class _Occasion:
    """Something that changes are made by: a request, or a file that is loaded."""

    def __init__(self, who: Callable[[], str], note: str = "", keeps_states: bool = True) -> None:
        self.who, self.note, self.keeps_states = who, note, keeps_states
        self._revision: Revision | None = None

    def revision(self) -> Revision:
        """The revision of the transaction that is under way."""
        revision = self.open_revision()
        if revision is None:
            revision = Revision.objects.create(changed_by=(self.who() or NOBODY)[:200], note=self.note[:200])
            self._revision = revision
            transaction.on_commit(self._close)
        return revision

    def open_revision(self) -> Revision | None:
        """The revision that the transaction has made so far.

        One that was rolled back is not there any more. Its number is no sign of it: the next one gets it again.
        """
        made = self._revision
        if made is None or not Revision.objects.filter(pk=made.pk, created_at=made.created_at).exists():
            return None
        return made

    def _close(self) -> None:
        self._revision = None


_occasion: ContextVar[_Occasion | None] = ContextVar("occasion", default=None)


@contextmanager
def changes_made_by(who: Callable[[], str]) -> Iterator[None]:
    """Changes made inside are recorded under the name that `who` returns. It is asked only when there is a change."""
    with _on(_Occasion(who)):
        yield


@contextmanager
def one_revision(note: str = "") -> Iterator[None]:
    """A transaction whose changes make one revision, or none where nothing changes. `note` says where they are from."""
    outer = _occasion.get()
    occasion = _Occasion(outer.who if outer else str, note, keeps_states=False)
    with transaction.atomic(), _on(occasion):
        yield
        if revision := occasion.open_revision():
            revision.keep_state(read_configuration())


@contextmanager
def _on(occasion: _Occasion) -> Iterator[None]:
    token = _occasion.set(occasion)
    try:
        yield
    finally:
        _occasion.reset(token)


def record_revision(
    sender: type[ConfigModel], instance: ConfigModel, action: ConfigAction, changes: Changes, **_: Any
) -> None:
    _wait_for_other_changes()
    occasion = _occasion.get() or _Occasion(str)
    revision = occasion.revision()
    revision.changes.create(
        action=action.value, model=sender._meta.label_lower, object_name=str(instance)[:200], fields=changes
    )
    if occasion.keeps_states:
        revision.keep_state(read_configuration())


def keep_first_state() -> None:
    """Keep the configuration as it is found at a start, where the newest revision has none or there is no revision.

    Without it the first change had nothing to be compared with, and no way back.
    """
    newest = Revision.objects.first()
    if newest is not None and newest.state is not None:
        return
    with transaction.atomic():
        _wait_for_other_changes()
        revision = newest or Revision.objects.create(changed_by=NOBODY, note="the configuration at the first start")
        revision.keep_state(read_configuration())


def _wait_for_other_changes() -> None:
    """Let one transaction at a time make revisions, so that a higher number is never visible before a lower one.

    Otherwise a process could see 5, rebuild its snapshot, and never learn that 4 was committed afterwards. The oldest
    row serves as the lock, since revisions are never deleted. SQLite has one writer anyway.
    """
    Revision.objects.select_for_update().only("id").order_by("id").first()
