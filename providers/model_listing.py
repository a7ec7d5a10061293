"""A provider's own list of models, in any of the shapes that providers give it.

All have `{"data": [{"id": …}]}`, or the list alone (Together). Names and limits are extras of some: `display_name`,
`max_input_tokens` and `max_tokens` of Anthropic; `name`, `context_length` and `top_provider.max_completion_tokens` of
OpenRouter; `context_window` and `max_completion_tokens` of Groq; `max_context_length` of Mistral; `max_model_len` of
vLLM. Gemini puts `models/` before its ids, and takes them without.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

_PREFIX = "models/"
_DISPLAY_NAMES = ("display_name", "name")
_CONTEXT_WINDOWS = ("max_input_tokens", "context_length", "context_window", "max_context_length", "max_model_len")
_MOST_TOKENS = 2**31 - 1
"""What the column holds."""


class NoModelList(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class ListedModel:
    """Limits in tokens, None where the list does not say them."""

    name: str
    display_name: str = ""
    context_window: int | None = None
    max_output_tokens: int | None = None


def read_model_list(body: bytes) -> list[ListedModel]:
    """The models by name. Raises `NoModelList`."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NoModelList("it is not JSON") from error
    listed = answer.get("data") if isinstance(answer, dict) else answer
    if not isinstance(listed, list):
        raise NoModelList("there is no list in “data”")
    by_name = {model.name: model for model in _models(listed)}
    return [by_name[name] for name in sorted(by_name)]


def _models(listed: list[Any]) -> Iterator[ListedModel]:
    for one in listed:
        if isinstance(one, dict) and isinstance(one.get("id"), str) and one["id"]:
            yield _model(one)


def _model(one: dict[str, Any]) -> ListedModel:
    name = one["id"].removeprefix(_PREFIX)
    display_name = next((one[key] for key in _DISPLAY_NAMES if isinstance(one.get(key), str)), "")
    top_provider = one.get("top_provider")
    most = _tokens(one.get("max_completion_tokens")) or _tokens(one.get("max_tokens"))
    if most is None and isinstance(top_provider, dict):
        most = _tokens(top_provider.get("max_completion_tokens"))
    context_window = next((tokens for key in _CONTEXT_WINDOWS if (tokens := _tokens(one.get(key)))), None)
    return ListedModel(name, "" if display_name == name else display_name, context_window, most)


def _tokens(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_TOKENS else None
