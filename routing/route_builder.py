"""Rows of rules and mappings as the engine takes them. A row that cannot be used is left out, with a word why.

Nothing is read from here on but a row that was not read along. That forms refuse broken rows does not help against
what went past them into the database, or was stored by a version of the gateway that knew more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from providers.models import Provider
from routing.criteria import Criterion
from routing.models import RoutingRule, RuleCriterion, SubagentMapping
from routing.models.targets import Fallback, WithTarget
from routing.routes import Route, Rule, Target


class BrokenRow(ValueError):
    """What is stored cannot be used; the text says why."""


class RouteBuilder:
    """`providers` are all there are. What was left out is told in `problems`."""

    def __init__(self, providers: Iterable[Provider]) -> None:
        self._providers = {provider.pk: provider for provider in providers}
        self.problems: list[str] = []

    def mappings(self, mappings: Iterable[SubagentMapping]) -> dict[str, Route]:
        found: dict[str, Route] = {}
        for row in mappings:
            try:
                found[row.subagent] = self.route(row, list(row.fallbacks.all()))
            except BrokenRow as error:
                self.problems.append(f"The mapping of the subagent ‘{row.subagent}’ is left out: {error}.")
        return found

    def rules(self, rules: Iterable[RoutingRule]) -> tuple[Rule, ...]:
        """In the order in which they are tried, whatever the order of the rows."""
        found = []
        for row in sorted(rules, key=RoutingRule.sort_key):
            try:
                found.append(self.rule(row, list(row.criteria.all()), list(row.fallbacks.all())))
            except BrokenRow as error:
                self.problems.append(f"The rule ‘{row.name}’ is left out: {error}.")
        return tuple(found)

    def rule(self, row: RoutingRule, criteria: Sequence[RuleCriterion], fallbacks: Sequence[Fallback]) -> Rule:
        """Rows that are not saved yet will do as well. Raises `BrokenRow`."""
        return Rule(row.name, self.route(row, fallbacks), tuple(_read_criterion(criterion) for criterion in criteria))

    def route(self, row: WithTarget, fallbacks: Sequence[Fallback]) -> Route:
        """Raises `BrokenRow`."""
        choices = [(self._provider(choice), choice.model) for choice in (row, *sorted(fallbacks, key=self._sort_key))]
        targets = [Target(provider.name, model) for provider, model in choices if provider.enabled]
        disabled = [provider.name for provider, _ in choices if not provider.enabled]
        return Route(tuple(dict.fromkeys(targets)), tuple(dict.fromkeys(disabled)))

    def _sort_key(self, fallback: Fallback) -> tuple[int, str, str]:
        """Never by when a row was made. Raises `BrokenRow`."""
        return fallback.order, self._provider(fallback).name, fallback.model

    def _provider(self, row: WithTarget) -> Provider:
        """Raises `BrokenRow`."""
        provider = self._providers.get(row.provider_id)
        if provider is None:
            raise BrokenRow("the provider that it leads to is gone; choose another one")
        return provider


def _read_criterion(row: RuleCriterion) -> Criterion:
    """Raises `BrokenRow`."""
    try:
        return row.parsed()
    except ValueError as error:
        raise BrokenRow(f"its criterion “{row.kind} {row.value}” cannot be read: {error}") from error
