"""Which callers the list shows: all, those of one kind, or one subagent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from requestlog.models import EntryQuerySet


@dataclass(frozen=True, slots=True)
class Callers:
    """`query` is the filter in a URL, to be followed by other parameters; `subagent` is the one that is shown."""

    label: str
    select: Callable[[EntryQuerySet], EntryQuerySet]
    query: str = ""
    subagent: str = ""

    @property
    def kinds(self) -> tuple[Callers, ...]:
        """Every kind there is, for the links above the list."""
        return tuple(_KINDS.values())


_KINDS = {
    "": Callers("All", lambda entries: entries),
    "main": Callers("Main loop", lambda entries: entries.filter(call_kind="main loop"), "caller=main"),
    "subagents": Callers("Subagents", lambda entries: entries.filter(call_kind="subagent"), "caller=subagents"),
    "unnamed": Callers("Name unknown", lambda entries: entries.of_unnamed_subagents(), "caller=unnamed"),
    "side": Callers("Side calls", lambda entries: entries.filter(call_kind="side call"), "caller=side"),
}


def read_callers(query: Mapping[str, str]) -> Callers:
    """The filter that a query string asks for; all callers where it asks for none that there is."""
    if name := query.get("subagent", ""):
        return Callers(name, lambda entries: entries.of_subagent(name), urlencode({"subagent": name}), name)
    return _KINDS.get(query.get("caller", ""), _KINDS[""])
