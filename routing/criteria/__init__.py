"""What a rule can ask of a call: one small class each. Pure; a new one is a class and a line in `CRITERIA`."""

from __future__ import annotations

from collections.abc import Mapping

from routing.criteria.base import Criterion
from routing.criteria.call_kind import Kind
from routing.criteria.flags import HasImages, HasTools, Thinking
from routing.criteria.globs import ClientKeyName, RequestedModel, Session, Subagent
from routing.criteria.header import Header
from routing.criteria.input_size import InputOver
from routing.criteria.time_of_day import TimeOfDay

__all__ = ["CRITERIA", "Criterion", "parse_criterion"]

_CLASSES: tuple[type[Criterion], ...] = (
    Subagent,
    RequestedModel,
    Kind,
    Session,
    ClientKeyName,
    Header,
    InputOver,
    HasImages,
    HasTools,
    Thinking,
    TimeOfDay,
)

CRITERIA: Mapping[str, type[Criterion]] = {criterion.key: criterion for criterion in _CLASSES}
"""By the name under which each is stored."""


def parse_criterion(kind: str, value: object) -> Criterion:
    """Raises `ValueError`, which says what to enter instead."""
    if kind not in CRITERIA:
        raise ValueError(f"there is no criterion “{kind}”: there are {', '.join(CRITERIA)}")
    return CRITERIA[kind].parse(value)
