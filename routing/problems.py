"""What of the stored rules and mappings cannot be used: for the admin's pages and the system checks."""

from __future__ import annotations

from providers.models import Provider
from routing.models import ModelAlias, RoutingRule, SubagentMapping
from routing.tables import build_routes


def route_problems() -> list[str]:
    """A sentence for each; empty when all is well."""
    aliases = ModelAlias.objects.filter(enabled=True).select_related("provider")
    providers = list(Provider.objects.prefetch_related("models"))
    routes = build_routes(providers, aliases, SubagentMapping.in_force(), RoutingRule.in_force())
    return list(routes.problems)
