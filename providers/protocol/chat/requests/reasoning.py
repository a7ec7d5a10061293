"""How much a model is to think: `thinking` and `output_config.effort` in the terms of the provider.

The Messages API has two controls. `thinking` is a mode: `disabled`, `enabled` with a budget in tokens, or `adaptive`
(as the model sees fit). `effort` is a level. Providers have one of the switches of `ReasoningSwitch`, some with levels.

- A level goes to the nearest one that the model takes, by the share of tokens that OpenRouter's documentation gives for
  each; of two as near, the higher.
- A budget becomes a level by its size where only levels are taken: up to 4 096 tokens low, up to 16 384 medium, above
  that high (Claude Code's own steps were 4 000, 10 000 and 31 999). Where budgets are taken they stay below
  `max_tokens`.
- Without a word about it nothing is sent: the model's default is as good as any.
- `disabled` turns it off where that can be said and drops the level, which DeepSeek refuses beside it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from providers.protocol.chat.capabilities import Capabilities, ReasoningSwitch
from providers.protocol.chat.requests.notes import Notes
from providers.protocol.chat.requests.reading import Fields, refuse

_SHARES = {"minimal": 10, "low": 20, "medium": 50, "high": 80, "xhigh": 95, "max": 100}
_OFF = "none"
_EFFORT_OF_BUDGET = ((4096, "low"), (16384, "medium"))
_EFFORT_OF_LARGER_BUDGETS = "high"


class Mode(enum.Enum):
    UNSAID = "unsaid"
    DISABLED = "disabled"
    ADAPTIVE = "adaptive"
    ENABLED = "enabled"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the client asks for. `budget` is in tokens; `effort` is a level, empty where none is given."""

    mode: Mode = Mode.UNSAID
    budget: int | None = None
    effort: str = ""

    @property
    def is_on(self) -> bool:
        return self.mode in (Mode.ADAPTIVE, Mode.ENABLED)

    @property
    def level(self) -> str:
        """The level asked for, or the one that stands for the budget."""
        if self.effort or self.budget is None:
            return self.effort
        sized = (effort for limit, effort in _EFFORT_OF_BUDGET if self.budget <= limit)
        return next(sized, _EFFORT_OF_LARGER_BUDGETS)


class _Thinking(msgspec.Struct):
    type: str
    budget_tokens: int | None = None


_decode_thinking = msgspec.json.Decoder(_Thinking)
_decode_text = msgspec.json.Decoder(str)
_MODES = {mode.value: mode for mode in (Mode.DISABLED, Mode.ADAPTIVE, Mode.ENABLED)}


def read_wish(fields: Fields, output_config: Fields) -> Wish:
    """What the request says about thinking. Raises `InvalidRequest`."""
    thinking = fields.read("thinking", _decode_thinking)
    effort = output_config.read("effort", _decode_text) or ""
    if thinking is None:
        return Wish(effort=effort)
    if thinking.type not in _MODES:
        refuse("thinking.type", "Input should be 'adaptive', 'disabled' or 'enabled'")
    mode = _MODES[thinking.type]
    if mode is Mode.DISABLED:
        return Wish(mode)
    return Wish(mode, thinking.budget_tokens if mode is Mode.ENABLED else None, effort)


def convert_reasoning(wish: Wish, capabilities: Capabilities, max_tokens: int | None, notes: Notes) -> dict[str, Any]:
    """The parameters that ask for it. `max_tokens` is the limit that is sent, None where there is none."""
    wish = Wish(wish.mode, _below(wish.budget, max_tokens), wish.effort)
    return _SWITCHES[capabilities.reasoning](wish, capabilities, notes)


def _below(budget: int | None, max_tokens: int | None) -> int | None:
    """The budget is part of what `max_tokens` limits; a limit that leaves no room for one leaves none."""
    if budget is None or max_tokens is None:
        return budget
    return min(budget, max_tokens - 1) or None


def _nothing(wish: Wish, capabilities: Capabilities, notes: Notes) -> dict[str, Any]:
    if wish.is_on:
        notes.add("`thinking` is not supported by this model: left out")
    if wish.effort:
        notes.add("`output_config.effort` is not supported by this model: left out")
    return {}


def _by_effort(wish: Wish, capabilities: Capabilities, notes: Notes) -> dict[str, Any]:
    if capabilities.reasoning_efforts == (_OFF,):  # as OpenAI's latest models beside tools; they refuse silence too
        _nothing(wish, capabilities, notes)
        return {"reasoning_effort": _OFF}
    if wish.mode is Mode.DISABLED:
        return _least_effort(capabilities, notes)
    return _effort(wish.level, capabilities, notes)


def _least_effort(capabilities: Capabilities, notes: Notes) -> dict[str, Any]:
    efforts = capabilities.reasoning_efforts
    if _OFF in efforts:
        return {"reasoning_effort": _OFF}
    notes.add("thinking cannot be turned off for this model: the least effort is asked for")
    return {"reasoning_effort": efforts[0]} if efforts else {}


def _by_reasoning(wish: Wish, capabilities: Capabilities, notes: Notes) -> dict[str, Any]:
    if wish.mode is Mode.DISABLED:
        return {"reasoning": {"enabled": False}}
    if wish.effort and (effort := _nearest(wish.effort, capabilities, notes)):
        return {"reasoning": {"effort": effort}}
    if wish.budget is not None:
        return {"reasoning": {"max_tokens": wish.budget}}
    return {"reasoning": {"enabled": True}} if wish.is_on else {}


def _by_thinking(wish: Wish, capabilities: Capabilities, notes: Notes) -> dict[str, Any]:
    if wish.mode is Mode.DISABLED:
        return {"thinking": {"type": "disabled"}}
    on = {"thinking": {"type": "enabled"}} if wish.is_on else {}
    return on | _effort(wish.level, capabilities, notes)


def _by_enable_thinking(wish: Wish, capabilities: Capabilities, notes: Notes) -> dict[str, Any]:
    _note_unused_effort(wish, notes)
    if wish.mode is Mode.UNSAID:
        return {}
    budget = {"thinking_budget": wish.budget} if wish.budget is not None else {}
    return {"enable_thinking": wish.is_on, **budget}


def _by_template(wish: Wish, capabilities: Capabilities, notes: Notes) -> dict[str, Any]:
    _note_unused_effort(wish, notes)
    if wish.budget is not None:
        notes.add("`thinking.budget_tokens` is not supported by this provider: left out")
    return {} if wish.mode is Mode.UNSAID else {"chat_template_kwargs": {"enable_thinking": wish.is_on}}


def _note_unused_effort(wish: Wish, notes: Notes) -> None:
    if wish.effort:
        notes.add("`output_config.effort` is not supported by this provider: left out")


def _effort(level: str, capabilities: Capabilities, notes: Notes) -> dict[str, Any]:
    effort = _nearest(level, capabilities, notes) if level else ""
    return {"reasoning_effort": effort} if effort else {}


def _nearest(level: str, capabilities: Capabilities, notes: Notes) -> str:
    """The level nearest to `level` that the model takes; empty where it takes none."""
    taken = [effort for effort in capabilities.reasoning_efforts if effort != _OFF]
    if level in taken:
        return level
    share = _SHARES.get(level)
    known = [effort for effort in taken if effort in _SHARES]
    if share is None or not taken:
        notes.add(f"`output_config.effort` {level} is not supported by this model: left out")
        return ""
    # a model whose levels have names of its own gets the highest of them
    nearest = min(known, key=lambda effort: (abs(_SHARES[effort] - share), -_SHARES[effort])) if known else taken[-1]
    notes.add(f"effort {level} → {nearest}, which is what this model takes")
    return nearest


_SWITCHES: dict[ReasoningSwitch, Callable[[Wish, Capabilities, Notes], dict[str, Any]]] = {
    ReasoningSwitch.NONE: _nothing,
    ReasoningSwitch.EFFORT: _by_effort,
    ReasoningSwitch.REASONING: _by_reasoning,
    ReasoningSwitch.THINKING: _by_thinking,
    ReasoningSwitch.ENABLE_THINKING: _by_enable_thinking,
    ReasoningSwitch.TEMPLATE: _by_template,
}
