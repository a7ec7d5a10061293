"""What a provider's models take, all in all: its preset, overridden by the provider, overridden by the model.

Each layer is one more set of rules behind those before it, since later rules win: first what the preset says of all
models and of some, then what is stored with the provider, then what is stored with the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from providers.presets import preset_rules
from providers.protocol.chat.capabilities import CapabilityRules, Overrides, read_value

_EVERY_MODEL = "*"
_WILDCARD = re.compile(r"[*?\[]")


def combined_rules(preset: str, of_provider: object, of_models: Iterable[tuple[str, object]]) -> CapabilityRules:
    """The rules of one provider. Overrides are stored JSON, `of_models` pairs them with the models' names.

    Raises `ValueError` that says what is wrong with them.
    """
    rules = preset_rules(preset)
    layers = [(_EVERY_MODEL, read_overrides(of_provider))]
    for name, overrides in of_models:
        try:
            layers.append((pattern_for(name), read_overrides(overrides)))
        except ValueError as error:
            raise ValueError(f"model {name}: {error}") from error
    return CapabilityRules(rules.base, rules.by_model + tuple(layer for layer in layers if layer[1]))


def read_overrides(stored: object) -> Overrides:
    """Capabilities and their values out of JSON. Raises `ValueError`."""
    if not isinstance(stored, dict):
        raise ValueError(f"the capabilities must be a JSON object, not {stored!r}")
    return tuple((name, read_value(name, value)) for name, value in stored.items())


def pattern_for(model: str) -> str:
    """The pattern that fits exactly this model: names may hold what means something in a pattern."""
    return _WILDCARD.sub(r"[\g<0>]", model.lower())
