"""What there is to route to, and the rules for it: frozen values, built from the configuration. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from routing.call import Call
from routing.criteria import Criterion
from routing.rule_index import RuleIndex


@dataclass(frozen=True, slots=True)
class Target:
    """A provider, and the name of a model as that provider calls it; empty for the model that the client asks for."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}"

    def for_model(self, requested: str) -> Target:
        return self if self.model else Target(self.provider, requested)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a rule or a mapping leads: the first choice, then the fallbacks in their order.

    `targets` are those whose provider is enabled, `disabled_providers` are the names of the others.
    """

    targets: tuple[Target, ...] = ()
    disabled_providers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """Matches a call when all its criteria do, and so every call where it has none."""

    name: str
    route: Route
    criteria: tuple[Criterion, ...] = ()

    def __str__(self) -> str:
        return f"rule ‘{self.name}’"

    def matches(self, call: Call) -> bool:
        return all(criterion.matches(call) for criterion in self.criteria)


@dataclass(frozen=True)
class Routes:
    """Only what is enabled is in `aliases`, `models` and `providers`; rules and mappings know what is not.

    The rest says why a name leads nowhere: providers that are not enabled, and the aliases that lead to them.
    """

    aliases: Mapping[str, Target] = field(default_factory=dict)
    models: Mapping[str, Target] = field(default_factory=dict)
    providers: frozenset[str] = frozenset()
    default_provider: str = ""
    mappings: Mapping[str, Route] = field(default_factory=dict)
    """By the subagent's name."""
    rules: tuple[Rule, ...] = ()
    """In the order in which they are tried."""
    disabled_providers: frozenset[str] = frozenset()
    disabled_aliases: Mapping[str, str] = field(default_factory=dict)
    """Name of the alias -> name of its provider."""
    problems: tuple[str, ...] = ()
    """What was left out because it cannot be used, in words for people."""

    def rules_for(self, call: Call) -> Iterator[Rule]:
        """The rules that match, in their order."""
        return (self.rules[position] for position in self._index.matching(call))

    @cached_property
    def _index(self) -> RuleIndex:
        return RuleIndex([rule.criteria for rule in self.rules])
