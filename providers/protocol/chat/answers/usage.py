"""Token usage as Chat Completions upstreams report it, in the Messages API's terms.

`prompt_tokens` counts the whole input; the Messages API counts what was read from or written to the cache apart.
`completion_tokens` is the output; some leave out the thinking, which only the total then has. A count that is null
says nothing, and neither does a prompt of 0 tokens, which some send as a placeholder. Upstreams that report with every
chunk send cumulative numbers: the last ones count. Sources: the API references of OpenAI, DeepSeek, OpenRouter, Gemini,
Groq, Moonshot and LiteLLM.
"""

from __future__ import annotations

from typing import Any

from providers.protocol.chat.answers.chunks import Choice, Chunk
from providers.protocol.usage import MAX_TOKENS

_CHARACTERS_OF_TOKEN = 4
_PROMPT = (("prompt_tokens",), ("input_tokens",))
_COMPLETION = (("completion_tokens",), ("output_tokens",))
_CACHE_READ = (
    ("prompt_tokens_details", "cached_tokens"),
    ("input_tokens_details", "cached_tokens"),
    ("prompt_cache_hit_tokens",),
    ("cached_tokens",),
    ("cache_read_input_tokens",),
)
_CACHE_WRITE = (
    ("prompt_tokens_details", "cache_write_tokens"),
    ("prompt_tokens_details", "cache_creation_tokens"),
    ("cache_creation_input_tokens",),
)


class UsageMeter:
    """Collects the usage of one answer. `input_estimate` stands for the input, in tokens, until it is told."""

    def __init__(self, input_estimate: int) -> None:
        self._input_estimate = input_estimate
        self._told: dict[str, Any] = {}

    @property
    def is_estimate(self) -> bool:
        """Whether some of the numbers are not the upstream's."""
        return self._prompt() is None or self._output() is None

    def take(self, chunk: Chunk, choice: Choice | None) -> None:
        groq = chunk.x_groq.get("usage") if isinstance(chunk.x_groq, dict) else None
        for usage in (choice and choice.usage, groq, chunk.usage):
            if isinstance(usage, dict):
                self._told.update({name: value for name, value in usage.items() if value is not None})

    def at_start(self) -> dict[str, int]:
        """For `message_start`: the best that is known of the input."""
        return self._input() | {"output_tokens": 1}

    def at_end(self, characters: int) -> dict[str, int]:
        """For `message_delta`, cumulative; `characters` is the length of what was given out."""
        output = self._output()
        return self._input() | {"output_tokens": -(-characters // _CHARACTERS_OF_TOKEN) if output is None else output}

    def _input(self) -> dict[str, int]:
        prompt = self._prompt()
        if prompt is None:
            return {"input_tokens": self._input_estimate}
        read, written = self._find(_CACHE_READ), self._find(_CACHE_WRITE)
        counts = {"input_tokens": max(prompt - (read or 0) - (written or 0), 0)}
        if written is not None:
            counts["cache_creation_input_tokens"] = written
        if read is not None:
            counts["cache_read_input_tokens"] = read
        return counts

    def _prompt(self) -> int | None:
        return self._find(_PROMPT) or None

    def _output(self) -> int | None:
        completion, total, prompt = self._find(_COMPLETION), _count(self._told.get("total_tokens")), self._prompt()
        if prompt is None:
            return completion or None
        if not total:
            return completion
        return max(completion or 0, total - prompt)

    def _find(self, places: tuple[tuple[str, ...], ...]) -> int | None:
        return next((count for place in places if (count := self._at(place)) is not None), None)

    def _at(self, place: tuple[str, ...]) -> int | None:
        value: Any = self._told
        for name in place:
            value = value.get(name) if isinstance(value, dict) else None
        return _count(value)


def _count(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= MAX_TOKENS else None
