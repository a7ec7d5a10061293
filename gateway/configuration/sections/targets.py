"""What has a target and fallbacks: `{target: "provider:model", fallbacks: ["provider:model"]}`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.configuration.problems import Path
from gateway.configuration.work import Work
from providers.models import Provider
from routing.models import MappingFallback, ModelAlias, RoutingRule, RuleFallback, SubagentMapping

KEYS = {"provider": "target", "model": "target"}
"""Fields of the rows -> keys of the document."""
_STEP = 10

Place = tuple[Provider, str]
"""A provider, and a model as it calls it."""
_WithTarget = ModelAlias | SubagentMapping | RoutingRule


def target_text(row: _WithTarget | MappingFallback | RuleFallback) -> str:
    return f"{row.provider.name}:{row.model}"


def expanded(data: Any) -> Any:
    """The data of something that has nothing but a target may be the target alone."""
    return {"target": data} if isinstance(data, str) else data


def set_target(row: _WithTarget, data: dict[str, Any], path: Path, work: Work) -> bool:
    """Whether there is a target, and the row has it."""
    if "target" not in data:
        work.note(path, "there is no target: add one, such as target: provider:model.")
        return False
    found = work.target(data["target"], (*path, "target"))
    if found is None:
        return False
    row.provider, row.model = found
    return True


def fallback_texts(row: SubagentMapping | RoutingRule) -> list[str]:
    return [target_text(fallback) for fallback in _in_order(row)]


def read_fallbacks(data: Any, path: Path, work: Work) -> list[Place]:
    targets = [work.target(text, (*path, index)) for index, text in enumerate(work.items(data, path))]
    return [target for target in targets if target is not None]


def set_fallbacks(row: SubagentMapping | RoutingRule, wanted: list[Place], path: Path, work: Work) -> None:
    """Make the fallbacks be those that are wanted. Where they are so already, the rows keep their numbers."""
    known = _in_order(row)
    if [(fallback.provider, fallback.model) for fallback in known] == wanted:
        return
    for old in known:
        old.delete()
    for index, (provider, model) in enumerate(wanted):
        fallback = _new_fallback(row)
        fallback.provider, fallback.model, fallback.order = provider, model, (index + 1) * _STEP
        work.save(fallback, (*path, index), dict.fromkeys(KEYS, ""))


def _new_fallback(row: SubagentMapping | RoutingRule) -> MappingFallback | RuleFallback:
    return MappingFallback(mapping=row) if isinstance(row, SubagentMapping) else RuleFallback(rule=row)


def _in_order(row: SubagentMapping | RoutingRule) -> Sequence[MappingFallback | RuleFallback]:
    """As they are tried, whatever the language that the database sorts by."""
    fallbacks = row.fallbacks.all() if row.pk else ()
    return sorted(fallbacks, key=lambda fallback: (fallback.order, fallback.provider.name, fallback.model))
