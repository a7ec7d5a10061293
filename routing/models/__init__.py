"""What an admin can say about where requests go, and what traffic has shown of those who make them."""

from __future__ import annotations

from routing.models.alias import ModelAlias
from routing.models.definitions import AgentDefinition
from routing.models.mappings import MappingFallback, SubagentMapping
from routing.models.rules import RoutingRule, RuleCriterion, RuleFallback
from routing.models.subagents import SAMPLE_CHARACTERS, AgentLaunch, KnownBy, Subagent, SubagentFingerprint

__all__ = [
    "SAMPLE_CHARACTERS",
    "AgentDefinition",
    "AgentLaunch",
    "KnownBy",
    "MappingFallback",
    "ModelAlias",
    "RoutingRule",
    "RuleCriterion",
    "RuleFallback",
    "Subagent",
    "SubagentFingerprint",
    "SubagentMapping",
]
