"""Rows of the database as the engine's routes, and as what clients are told of. Nothing is read from here on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from providers.models import Provider, ProviderModel
from routing.models import ModelAlias, RoutingRule, SubagentMapping
from routing.route_builder import RouteBuilder
from routing.routes import Routes, Target


@dataclass(frozen=True, slots=True)
class Offer:
    """An alias or a model that clients may ask for. `context_window` is in tokens, None where it is not known.

    `name` is the alias's own, or the model's as its provider calls it.
    """

    name: str
    target: Target
    display_name: str
    context_window: int | None
    is_alias: bool


def build_routes(
    providers: Sequence[Provider],
    aliases: Iterable[ModelAlias],
    mappings: Iterable[SubagentMapping] = (),
    rules: Iterable[RoutingRule] = (),
) -> Routes:
    """`providers` are all there are, the others those that are enabled. What is broken is left out and told."""
    enabled = [provider for provider in providers if provider.enabled]
    aliases = list(aliases)
    builder = RouteBuilder(providers)
    return Routes(
        aliases={alias.name: alias.target for alias in aliases if alias.provider.enabled},
        models={model.name: Target(provider.name, model.name) for provider, model in _models_by_claim(enabled)},
        providers=frozenset(provider.name for provider in enabled),
        default_provider=next((provider.name for provider in enabled if provider.is_default), ""),
        mappings=builder.mappings(mappings),
        rules=builder.rules(rules),
        disabled_providers=frozenset(provider.name for provider in providers if not provider.enabled),
        disabled_aliases={alias.name: alias.provider.name for alias in aliases if not alias.provider.enabled},
        problems=tuple(builder.problems),
    )


def build_offers(providers: Iterable[Provider], aliases: Iterable[ModelAlias]) -> tuple[Offer, ...]:
    """Arguments as for `build_routes`."""
    offered = {
        Target(provider.name, model.name): model
        for provider in sorted(providers, key=lambda provider: provider.name)
        if provider.enabled
        for model in _enabled_models(provider)
    }
    by_alias = [_alias_offer(alias, offered.get(alias.target)) for alias in aliases if alias.provider.enabled]
    by_model = [
        Offer(model.name, target, model.display_name or model.name, model.context_window, is_alias=False)
        for target, model in offered.items()
    ]
    return (*sorted(by_alias, key=lambda offer: offer.name), *by_model)


def _models_by_claim(providers: Iterable[Provider]) -> Iterator[tuple[Provider, ProviderModel]]:
    """All models. Of those with one name, the last is the one that requests for this name go to."""
    by_claim = sorted(providers, key=lambda provider: provider.name, reverse=True)
    for provider in sorted(by_claim, key=lambda provider: provider.is_default):
        yield from ((provider, model) for model in _enabled_models(provider))


def _enabled_models(provider: Provider) -> list[ProviderModel]:
    # Not by a query: the models were read together with the providers.
    return sorted((model for model in provider.models.all() if model.enabled), key=lambda model: model.name)


def _alias_offer(alias: ModelAlias, model: ProviderModel | None) -> Offer:
    context_window = model.context_window if model else None
    return Offer(alias.name, alias.target, alias.display_name or alias.name, context_window, is_alias=True)
