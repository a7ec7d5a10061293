"""The admin's pages of routes, and of what traffic has shown."""

from __future__ import annotations

from routing.admin.alias import ModelAliasAdmin
from routing.admin.definitions import AgentDefinitionAdmin
from routing.admin.mappings import SubagentMappingAdmin
from routing.admin.rules import RoutingRuleAdmin
from routing.admin.subagents import SubagentAdmin, SubagentFingerprintAdmin

__all__ = [
    "AgentDefinitionAdmin",
    "ModelAliasAdmin",
    "RoutingRuleAdmin",
    "SubagentAdmin",
    "SubagentFingerprintAdmin",
    "SubagentMappingAdmin",
]
