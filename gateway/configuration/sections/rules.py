"""`rules`: a list in the order in which they are tried.

Their numbers are 10, 20, … and stand in the document only where they differ from that. What is listed later must have
the higher number: an order that says something else than the list would be a trap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from gateway.configuration.fields import as_data, fields_of, fill
from gateway.configuration.problems import Path
from gateway.configuration.sections.base import Section
from gateway.configuration.sections.targets import (
    KEYS,
    fallback_texts,
    read_fallbacks,
    set_fallbacks,
    set_target,
    target_text,
)
from gateway.configuration.work import Work
from routing.criteria import parse_criterion
from routing.models import RoutingRule, RuleCriterion

_STEP = 10
_FIELDS = fields_of(RoutingRule, without=("name", "model", "order"))
_KEYS = ("name", "order", "criteria", "target", "fallbacks", *_FIELDS)


class Rules(Section):
    name = "rules"

    def read(self) -> list[dict[str, Any]]:
        rows = RoutingRule.objects.select_related("provider").prefetch_related("criteria", "fallbacks__provider")
        rules = sorted(rows, key=lambda rule: (rule.order, rule.name))  # a database may sort names in other ways
        numbers = [0, *(rule.order for rule in rules)]
        return [_as_data(rule, before) for rule, before in zip(rules, numbers, strict=False)]

    def names(self, data: Any) -> Collection[str]:
        rules = data if isinstance(data, list) else []
        return [rule["name"] for rule in rules if isinstance(rule, dict) and isinstance(rule.get("name"), str)]

    def write(self, data: Any, work: Work) -> None:
        rules = [
            (work.mapping(rule, (self.name, index), _KEYS), (self.name, index))
            for index, rule in enumerate(work.items(data, (self.name,)))
        ]
        names = Counter(self.names(data))
        for (rule, path), order in zip(rules, _orders(rules, work), strict=True):
            name = rule.get("name")
            if not isinstance(name, str):
                work.note((*path, "name"), "every rule needs a name: add name: …")
            elif names[name] > 1:
                work.note((*path, "name"), f"there are {names[name]} rules “{name}”.")
            else:
                _write_rule(name, order, rule, path, work)

    def delete_others(self, names: Collection[str], work: Work) -> None:
        for rule in RoutingRule.objects.exclude(name__in=names):
            rule.delete()


def _as_data(rule: RoutingRule, order_before: int) -> dict[str, Any]:
    parts = {
        "name": rule.name,
        "order": None if rule.order == order_before + _STEP else rule.order,
        "criteria": [{criterion.kind: criterion.value} for criterion in _criteria(rule)],
        "target": target_text(rule),
        "fallbacks": fallback_texts(rule),
        **as_data(rule, _FIELDS),
    }
    return {key: value for key, value in parts.items() if value not in (None, [])}


def _criteria(rule: RoutingRule) -> list[RuleCriterion]:
    return sorted(rule.criteria.all(), key=lambda criterion: (criterion.kind, criterion.value)) if rule.pk else []


def _orders(rules: Sequence[tuple[dict[str, Any], Path]], work: Work) -> Iterator[int]:
    before = (0, "")
    for rule, path in rules:
        order = rule.get("order", before[0] + _STEP)
        if isinstance(order, bool) or not isinstance(order, int) or order < 0:
            work.note((*path, "order"), "this should be a number, 0 or more.")
            order = before[0]
        elif (order, str(rule.get("name"))) < before:
            text = (
                f"{order} is tried before the rule that is listed before it: put the rules in order, or leave it out."
            )
            work.note((*path, "order"), text)
        yield order
        before = (order, str(rule.get("name")))


def _write_rule(name: str, order: int, data: dict[str, Any], path: Path, work: Work) -> None:
    rule = RoutingRule.objects.filter(name=name).first() or RoutingRule(name=name)
    rule.order = order
    fill(rule, data, _FIELDS, path, work)
    criteria = _read_criteria(data.get("criteria"), (*path, "criteria"), work)
    fallbacks = read_fallbacks(data.get("fallbacks"), (*path, "fallbacks"), work)
    if set_target(rule, data, path, work) and work.save(rule, path, KEYS):
        _set_criteria(rule, criteria, (*path, "criteria"), work)
        set_fallbacks(rule, fallbacks, (*path, "fallbacks"), work)


def _read_criteria(data: Any, path: Path, work: Work) -> list[tuple[str, str]]:
    """Kinds and values, as the rows have them."""
    criteria = [_read_criterion(item, (*path, index), work) for index, item in enumerate(work.items(data, path))]
    return [criterion for criterion in criteria if criterion is not None]


def _read_criterion(data: Any, path: Path, work: Work) -> tuple[str, str] | None:
    if not isinstance(data, dict) or len(data) != 1:
        work.note(path, "write one criterion and its value, such as subagent: planner.")
        return None
    [(kind, value)] = data.items()
    try:
        return kind, parse_criterion(kind, value).value
    except ValueError as error:
        work.note((*path, kind), f"{error}.")
        return None


def _set_criteria(rule: RoutingRule, wanted: list[tuple[str, str]], path: Path, work: Work) -> None:
    known = _criteria(rule)
    for index, (kind, value) in enumerate(wanted):
        same = next((criterion for criterion in known if (criterion.kind, criterion.value) == (kind, value)), None)
        if same:
            known.remove(same)
        else:
            work.save(RuleCriterion(rule=rule, kind=kind, value=value), (*path, index))
    for criterion in known:
        criterion.delete()
