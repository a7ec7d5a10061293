"""The parts of a configuration, in the order in which they are made: a part leads only to those before it."""

from __future__ import annotations

from gateway.configuration.sections.agent_definitions import AgentDefinitions
from gateway.configuration.sections.aliases import Aliases
from gateway.configuration.sections.base import Section
from gateway.configuration.sections.mappings import Subagents
from gateway.configuration.sections.providers import Providers
from gateway.configuration.sections.rules import Rules

__all__ = ["SECTIONS", "Section"]

SECTIONS: tuple[Section, ...] = (Providers(), Aliases(), Subagents(), Rules(), AgentDefinitions())
