"""Brings back the configuration of a revision, as a new revision."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.configuration.applying import apply
from gateway.configuration.comparing import Hunk, compare
from gateway.configuration.document import read_configuration
from gateway.models import Revision


class StateNotKept(Exception):
    """The revision has no state: it is past the limit, or older than the keeping of states."""


def restore(revision: Revision) -> Sequence[str]:
    """Raises `StateNotKept`, and `ConfigurationError` where what was valid then is not valid now.

    A secret stays where its provider is still there, on the same host. Returns the names of the other providers, whose
    credentials have to be entered again. Client keys stay as they are.
    """
    return apply(_state(revision), f"restored revision {revision.pk}", is_restoring=True)


def what_restoring_changes(revision: Revision) -> tuple[Hunk, ...]:
    """Raises `StateNotKept`."""
    return compare(read_configuration(), _state(revision))


def _state(revision: Revision) -> dict[str, object]:
    state = revision.read_state()
    if state is None:
        raise StateNotKept(f"The configuration of {revision} is not kept any more.")
    return state
