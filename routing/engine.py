"""Decides where a request goes. Pure and deterministic: the same routes and the same call give the same decision.

Order of precedence; the first that fits decides:

1. the mapping of the subagent that calls;
2. the rules, in their order;
3. an alias of the requested name;
4. `provider:model`, where an enabled provider has the name before the first colon. Everything after it is the model,
   further colons included (`ollama:qwen3:8b`);
5. a model of this name that an enabled provider offers. Where several do, the default provider comes first, then the
   order of their names: `Routes.models` holds the one that it is;
6. the default provider serves every request that nothing else claims, under the model name that the client sent.

What leads to no enabled provider is passed over, and the reason says so; a fallback that is enabled takes the place of
a first choice that is not. Targets are a provider and a model of its own, never an alias: so nothing leads in circles.

The suffix `[1m]`, by which Claude Code asks itself for a larger context, counts for no comparison; a request whose
model is not changed keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from providers.protocol.model_names import without_context_suffix
from routing.call import Call
from routing.routes import Route, Routes, Rule, Target

__all__ = [
    "Decision",
    "Explanation",
    "Route",
    "Routes",
    "Rule",
    "Step",
    "Target",
    "decide",
    "decide_by_name",
    "explain",
]


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a request goes, and why, in words for the log.

    `targets` are the first choice and then the fallbacks, each with its model; empty when nothing can serve the
    request.
    """

    targets: tuple[Target, ...]
    reason: str

    @property
    def provider(self) -> str:
        """The first choice; empty when there is none."""
        return self.targets[0].provider if self.targets else ""

    @property
    def model(self) -> str:
        return self.targets[0].model if self.targets else ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried. `why` is the reason of the decision, or what was not as it should have been."""

    name: str
    matched: bool
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision, and all that was tried until it was made, in that order."""

    decision: Decision
    steps: tuple[Step, ...]


def decide(call: Call, routes: Routes) -> Decision:
    claims = chain(_by_mapping(call, routes), _by_rules(call, routes), _by_name(call.model_name, routes))
    return _first_that_serves(claims, call.requested_model, routes)


def decide_by_name(requested_model: str, routes: Routes) -> Decision:
    """Where the name of a model leads by itself, whoever asks."""
    claims = _by_name(without_context_suffix(requested_model), routes)
    return _first_that_serves(claims, requested_model, routes)


def _first_that_serves(claims: Iterator[Decision], requested_model: str, routes: Routes) -> Decision:
    """A claim without targets fits the call, and leads to no enabled provider."""
    passed_over: list[str] = []
    for claim in claims:
        if claim.targets:
            return Decision(claim.targets, "; ".join([*passed_over, claim.reason])) if passed_over else claim
        passed_over.append(claim.reason)
    why = "; ".join(passed_over) or "no rule matches"
    if not routes.default_provider:
        return Decision((), f"{why}, no default provider")
    target = Target(routes.default_provider, requested_model)
    return Decision((target,), f"{why} → default provider {target.provider}")


def _by_mapping(call: Call, routes: Routes) -> Iterator[Decision]:
    if call.subagent and (route := routes.mappings.get(call.subagent)):
        yield _along(route, call, f"subagent {call.subagent} → mapping")


def _by_rules(call: Call, routes: Routes) -> Iterator[Decision]:
    for rule in routes.rules_for(call):
        yield _along(rule.route, call, str(rule))


def _along(route: Route, call: Call, claim: str) -> Decision:
    targets = tuple(target.for_model(call.requested_model) for target in route.targets)
    reason = f"{claim} → {targets[0]}" if targets else f"{claim} leads nowhere"
    if route.disabled_providers:
        are_not = "is not enabled" if len(route.disabled_providers) == 1 else "are not enabled"
        reason += f" ({', '.join(route.disabled_providers)} {are_not})"
    return Decision(targets, reason)


def _by_name(name: str, routes: Routes) -> Iterator[Decision]:
    return chain.from_iterable(step.claims(name, routes) for step in _BY_NAME)


def _by_alias(name: str, routes: Routes) -> Iterator[Decision]:
    if target := routes.aliases.get(name):
        yield Decision((target,), f"alias {name} → {target}")
    elif provider := routes.disabled_aliases.get(name):
        yield Decision((), f"alias {name} leads to provider {provider}, which is not enabled")


def _by_provider(name: str, routes: Routes) -> Iterator[Decision]:
    provider, colon, model = name.partition(":")
    if model and provider in routes.providers:
        yield Decision((Target(provider, model),), f"{name} names provider {provider}")
    elif colon and provider in routes.disabled_providers:
        yield Decision((), f"{name} names provider {provider}, which is not enabled")


def _by_model(name: str, routes: Routes) -> Iterator[Decision]:
    if target := routes.models.get(name):
        yield Decision((target,), f"model {name} → {target}")


@dataclass(frozen=True, slots=True)
class _NameStep:
    """One way in which a model's name says where a request goes. `why_not` goes between "no" and the name."""

    name: str
    claims: Callable[[str, Routes], Iterator[Decision]]
    why_not: str


_BY_NAME = (
    _NameStep("alias", _by_alias, "enabled alias is called"),
    _NameStep("provider:model", _by_provider, "provider is named at the beginning of"),
    _NameStep("model of a provider", _by_model, "enabled provider offers a model"),
)


def explain(call: Call, routes: Routes) -> Explanation:
    """The same decision as `decide`, with everything that was tried before it."""
    decision = decide(call, routes)
    steps = []
    for step in _tried(call, routes):
        steps.append(step)
        if step.matched:
            return Explanation(decision, tuple(steps))
    return Explanation(decision, (*steps, Step("default provider", bool(decision.targets), decision.reason)))


def _tried(call: Call, routes: Routes) -> Iterator[Step]:
    """All steps but the last, the default provider, whether or not one before has matched."""
    yield _step("subagent mapping", _by_mapping(call, routes), _why_no_mapping(call))
    for number, rule in enumerate(routes.rules, start=1):
        claims = [_along(rule.route, call, str(rule))] if rule.matches(call) else []
        yield _step(f"rule {number} ‘{rule.name}’", iter(claims), _why_not(rule, call))
    for step in _BY_NAME:
        yield _step(step.name, step.claims(call.model_name, routes), f"no {step.why_not} {call.model_name}")


def _step(name: str, claims: Iterator[Decision], why_not: str) -> Step:
    claim = next(claims, None)
    return Step(name, bool(claim and claim.targets), claim.reason if claim else why_not)


def _why_no_mapping(call: Call) -> str:
    if not call.subagent:
        return "the caller is no subagent whose name is known"
    return f"subagent {call.subagent} has no mapping that is enabled"


def _why_not(rule: Rule, call: Call) -> str:
    return "; ".join(criterion.why_not(call) for criterion in rule.criteria if not criterion.matches(call))
