"""What is known of OpenAI-format providers, as data: their addresses, and what their models take.

Every value has its source beside it. What a provider's documents leave open stays at the cautious default: a parameter
that is left out changes an answer a little, one that is refused ends the request. The admin overrides each value.

The first look-up of all sources was in November 2026; where a source is a conversation, its date is given.
"""

from __future__ import annotations

from providers.presets.base import Preset
from providers.presets.hosts import HOSTS
from providers.presets.openai import OPENAI
from providers.presets.servers import SERVERS
from providers.protocol.chat.capabilities import CapabilityRules

GENERIC = ""
PRESETS: dict[str, Preset] = {**OPENAI, **HOSTS, **SERVERS}


def preset_rules(name: str) -> CapabilityRules:
    """The rules of a preset, those of any OpenAI-format provider for `GENERIC`. Raises `ValueError`."""
    if name == GENERIC:
        return CapabilityRules()
    if name not in PRESETS:
        raise ValueError(f"this version of the gateway has no preset “{name}”")
    return PRESETS[name].rules
