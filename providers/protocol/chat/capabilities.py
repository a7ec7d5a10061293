"""What an OpenAI-format provider takes, as data: the converter asks these values and never who the provider is.

Each field is one observed difference between providers. The defaults are what OpenAI's own Chat Completions API
documents for a model without reasoning; `providers.presets` holds what is known of others, the admin overrides both.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any


class MaxTokensField(enum.StrEnum):
    """Under which name the limit of the answer is sent."""

    MAX_TOKENS = "max_tokens"
    MAX_COMPLETION_TOKENS = "max_completion_tokens"


class SystemRole(enum.StrEnum):
    """The role of the message with the system prompt."""

    SYSTEM = "system"
    DEVELOPER = "developer"


class ReasoningSwitch(enum.StrEnum):
    """How reasoning is asked for, and turned off."""

    NONE = "none"
    """It cannot be asked for."""
    EFFORT = "reasoning_effort"
    """`"reasoning_effort": "low"` (OpenAI, Gemini, Groq, Ollama)."""
    REASONING = "reasoning"
    """`"reasoning": {"effort": "low"}`, `{"max_tokens": N}` or `{"enabled": false}` (OpenRouter)."""
    THINKING = "thinking"
    """`"thinking": {"type": "enabled"}` (DeepSeek, GLM)."""
    ENABLE_THINKING = "enable_thinking"
    """`"enable_thinking": true, "thinking_budget": N` (Qwen)."""
    TEMPLATE = "chat_template_kwargs"
    """`"chat_template_kwargs": {"enable_thinking": true}` (vLLM, llama.cpp)."""


class ReasoningHistory(enum.StrEnum):
    """What becomes of the reasoning of earlier turns, where it was this format's own."""

    DROP = "drop"
    REASONING_CONTENT = "reasoning_content"
    REASONING = "reasoning"


class SchemaDialect(enum.StrEnum):
    """How much of JSON Schema a tool's parameters may use."""

    FULL = "full"
    GEMINI = "gemini"
    """The OpenAPI 3.0 subset of Google's `Schema` type: a recursive allow-list."""


class ResponseFormat(enum.StrEnum):
    """How a structured answer is asked for; what is weaker than a schema is completed by words in the prompt."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    NONE = "none"


class DocumentForm(enum.StrEnum):
    """How a PDF is sent."""

    FILE = "file"
    TEXT = "text"
    """The text that can be extracted from it."""
    NONE = "none"
    """Not at all: the request is refused."""


class UserField(enum.StrEnum):
    """Where the hash of `metadata.user_id` goes."""

    NONE = "none"
    USER = "user"
    SAFETY_IDENTIFIER = "safety_identifier"


@dataclass(frozen=True)
class Capabilities:
    """The capability set of one model at one provider."""

    max_output_tokens: int | None = None
    """The largest answer that may be asked for, in tokens; None where no limit is known."""
    max_tokens_field: MaxTokensField = MaxTokensField.MAX_TOKENS
    system_role: SystemRole = SystemRole.SYSTEM
    mid_conversation_system: bool = False
    """Whether a system message may stand among the others; otherwise it becomes a reminder in a user message."""
    user_after_tool: bool = True
    """Whether a user message may follow a tool's result; otherwise an assistant message is put in between."""
    temperature: bool = True
    top_p: bool = True
    top_k: bool = False
    max_stop_sequences: int = 4
    user_field: UserField = UserField.NONE
    prompt_cache_key: bool = False
    """Whether `prompt_cache_key` (derived from the session) is taken."""
    stream_usage: bool = True
    """Whether `stream_options.include_usage` is taken."""

    tools: bool = True
    tool_choice_required: bool = True
    """Whether `tool_choice` may be "required" or name a function; otherwise it is "auto"."""
    parallel_tool_calls: bool = True
    """Whether the parameter `parallel_tool_calls` is taken."""
    tool_name_length: int = 64
    strict_tools: bool = False
    schema_dialect: SchemaDialect = SchemaDialect.FULL
    thought_signatures: bool = False
    """Whether tool calls carry signatures that must come back with them (Gemini)."""

    images: bool = True
    image_urls: bool = True
    """Whether an image may be a URL to fetch; otherwise only one that is sent along."""
    documents: DocumentForm = DocumentForm.TEXT

    reasoning: ReasoningSwitch = ReasoningSwitch.NONE
    reasoning_efforts: tuple[str, ...] = ("low", "medium", "high")
    """The efforts that the model takes, from the lowest to the highest; "none" among them turns reasoning off."""
    reasoning_history: ReasoningHistory = ReasoningHistory.DROP
    thinking_in_tags: bool = False
    """Whether an answer may begin with its thinking as text between `<think>` and `</think>`."""
    response_format: ResponseFormat = ResponseFormat.JSON_SCHEMA

    def overridden(self, overrides: dict[str, Any]) -> Capabilities:
        """These capabilities with the values of `overrides`, JSON values by field name. Raises `ValueError`."""
        return replace(self, **{name: read_value(name, value) for name, value in overrides.items()})


CAPABILITY_NAMES = tuple(field.name for field in fields(Capabilities))


def read_value(name: str, value: Any) -> Any:
    """A capability's value from its JSON form. Raises `ValueError` with what is wrong."""
    if name not in CAPABILITY_NAMES:
        raise ValueError(f"there is no capability “{name}”")
    default = getattr(Capabilities(), name)
    if isinstance(default, enum.StrEnum):
        return type(default)(value)
    if isinstance(default, bool):
        return _checked(name, value, isinstance(value, bool), "true or false")
    if isinstance(default, tuple):
        is_list = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
        return tuple(_checked(name, value, is_list, "a list of texts"))
    if value is None and default is None:
        return None
    return _checked(name, value, type(value) is int and value >= 0, "a whole number")


def _checked(name: str, value: Any, fits: bool, expected: str) -> Any:
    if not fits:
        raise ValueError(f"{name} must be {expected}, not {value!r}")
    return value


Overrides = tuple[tuple[str, Any], ...]
"""Field names and values."""


@dataclass(frozen=True)
class CapabilityRules:
    """The capabilities of a provider's models: those of all, and what differs for some by the pattern of their name.

    All patterns that match apply, later ones over earlier ones. Patterns are globs over the lower-case name.
    """

    base: Capabilities = Capabilities()
    by_model: tuple[tuple[str, Overrides], ...] = ()

    def of(self, model: str) -> Capabilities:
        return _capabilities_of(self, model)


@lru_cache(maxsize=512)
def _capabilities_of(rules: CapabilityRules, model: str) -> Capabilities:
    found = rules.base
    for pattern, overrides in rules.by_model:
        if fnmatchcase(model.lower(), pattern):
            found = found.overridden(dict(overrides))
    return found
