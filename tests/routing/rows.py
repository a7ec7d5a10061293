"""Rows for tests of what is stored."""

from __future__ import annotations

from typing import Any

from providers.models import Provider, ProviderModel
from routing.models import RoutingRule, RuleCriterion, SubagentMapping


def make_provider(name: str, *models: str, **fields: Any) -> Provider:
    row = Provider(**{"name": name, "base_url": "https://llm.example", "credential_source": "none", **fields})
    row.save()
    for model in models:
        ProviderModel(provider=row, name=model).save()
    return row


def make_rule(name: str, provider: Provider, *criteria: tuple[str, str], **fields: Any) -> RoutingRule:
    row = RoutingRule(**{"name": name, "provider": provider, "model": "m", **fields})
    row.save()
    for kind, value in criteria:
        RuleCriterion(rule=row, kind=kind, value=value).save()
    return row


def make_mapping(subagent: str, provider: Provider, **fields: Any) -> SubagentMapping:
    row = SubagentMapping(**{"subagent": subagent, "provider": provider, "model": "m", **fields})
    row.save()
    return row
