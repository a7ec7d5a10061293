"""What to tell Claude Code so that it uses this gateway, in the forms in which it takes it. Pure.

Source: the client's public documentation of gateways and environment variables, 2026-08, and for the two limits of the
context what others found out with 2.1.303: `CLAUDE_CODE_MAX_CONTEXT_TOKENS` counts only for names that do not begin
with "claude-", and `CLAUDE_CODE_AUTO_COMPACT_WINDOW` can only lower what Claude Code takes for the window.
"""

from __future__ import annotations

import enum
import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


class Access(enum.StrEnum):
    """What the client shows to the gateway."""

    KEY = "key"
    OWN_LOGIN = "own login"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class ModelVariable:
    """One of the models that Claude Code asks for: `key` names it here, `variable` there."""

    key: str
    variable: str
    label: str
    why: str


MODEL_VARIABLES = (
    ModelVariable("main", "ANTHROPIC_MODEL", "Main model", "The model of the main loop."),
    ModelVariable("opus", "ANTHROPIC_DEFAULT_OPUS_MODEL", "“opus”", "What the name opus stands for."),
    ModelVariable("sonnet", "ANTHROPIC_DEFAULT_SONNET_MODEL", "“sonnet”", "What the name sonnet stands for."),
    ModelVariable(
        "haiku", "ANTHROPIC_DEFAULT_HAIKU_MODEL", "“haiku”", "What the name haiku stands for, side calls included."
    ),
    ModelVariable("fable", "ANTHROPIC_DEFAULT_FABLE_MODEL", "“fable”", "What the name fable stands for."),
)


@dataclass(frozen=True, slots=True)
class Connection:
    """`models` are names by `ModelVariable.key`; `context_window` is the main model's, in tokens."""

    base_url: str
    access: Access
    key: str = ""
    models: Mapping[str, str] = field(default_factory=dict)
    context_window: int | None = None
    discovers_models: bool = True
    has_all_features: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    value: str
    why: str


def variables(connection: Connection) -> tuple[Variable, ...]:
    return (
        Variable("ANTHROPIC_BASE_URL", connection.base_url, "Claude Code sends everything to this gateway."),
        *_of_access(connection),
        *_of_models(connection),
        *_of_features(connection),
    )


def as_shell(chosen: Iterable[Variable]) -> str:
    """For bash, zsh and the like."""
    return "\n".join(f"export {variable.name}={shlex.quote(variable.value)}" for variable in chosen)


def as_settings(chosen: Iterable[Variable]) -> str:
    """For `~/.claude/settings.json`, or a project's `.claude/settings.json`."""
    return _json({"env": {variable.name: variable.value for variable in chosen}})


def as_vs_code_settings(chosen: Iterable[Variable], access: Access) -> str:
    pairs = [{"name": variable.name, "value": variable.value} for variable in chosen]
    settings: dict[str, object] = {"claudeCode.environmentVariables": pairs}
    if access is Access.KEY:
        settings["claudeCode.disableLoginPrompt"] = True
    return _json(settings)


def _of_access(connection: Connection) -> Iterable[Variable]:
    if connection.access is Access.KEY:
        why = "The gateway's key. The gateway takes it off and sends the provider's own credential instead."
        yield Variable("ANTHROPIC_AUTH_TOKEN", connection.key, why)
    elif connection.access is Access.OWN_LOGIN:
        why = "The gateway's key, beside Claude Code's own login or API key, which goes on to Anthropic."
        yield Variable("ANTHROPIC_CUSTOM_HEADERS", f"x-gateway-key: {connection.key}", why)


def _of_models(connection: Connection) -> Iterable[Variable]:
    for model in MODEL_VARIABLES:
        if name := connection.models.get(model.key):
            yield Variable(model.variable, name, model.why)
    main, window = connection.models.get("main"), connection.context_window
    if not main or not window:
        return
    yield Variable(
        "CLAUDE_CODE_AUTO_COMPACT_WINDOW", str(window), "The conversation is compacted before it outgrows this."
    )
    if not main.startswith("claude-"):
        why = "The main model's context, which Claude Code cannot know."
        yield Variable("CLAUDE_CODE_MAX_CONTEXT_TOKENS", str(window), why)


def _of_features(connection: Connection) -> Iterable[Variable]:
    if connection.discovers_models:
        why = "/model lists the gateway's models whose names contain “claude” or “anthropic”."
        yield Variable("CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY", "1", why)
    if connection.has_all_features:
        yield Variable("ENABLE_TOOL_SEARCH", "true", "Tools are looked up as needed; turned off for other addresses.")
        why = "Long tool inputs arrive in pieces; turned off for other addresses."
        yield Variable("CLAUDE_CODE_ENABLE_FINE_GRAINED_TOOL_STREAMING", "1", why)


def _json(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)
