from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from providers.protocol.chat.capabilities import CapabilityRules, Overrides


@dataclass(frozen=True)
class Preset:
    """A known provider. `base_url` is empty where it is another for everybody."""

    label: str
    base_url: str
    needs_key: bool = True
    rules: CapabilityRules = field(default_factory=CapabilityRules)


def models(pattern: str, **overrides: Any) -> tuple[str, Overrides]:
    """What differs for the models whose lower-case names match the glob `pattern`."""
    return pattern, tuple(overrides.items())
