"""Token usage as the Messages API reports it.

`message_start` carries the input side and a first output count, `message_delta` the cumulative numbers at the end;
neither alone is complete, so they are merged field by field, the later one winning. A field that is missing or null
says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

MAX_TOKENS = 2**63 - 1
"""What the log's columns hold; a larger number is no count of tokens."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens. `input_tokens` excludes what was read from or written to the prompt cache; None means: not reported."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_5m_tokens: int | None = None
    cache_write_1h_tokens: int | None = None

    def merged_with(self, usage: Any) -> Usage:
        """This usage, updated from a `usage` object of the API; anything that is no such object changes nothing."""
        if not isinstance(usage, dict):
            return self
        merged = replace(self, **_counts(usage))
        if isinstance(usage.get("cache_creation"), dict):
            return merged
        return merged._with_cache_writes(usage.get("cache_creation_input_tokens"))

    def _with_cache_writes(self, total: Any) -> Usage:
        """`message_delta` and older answers give one number for both lives: what is not known as 1 h is 5 m."""
        if not _is_count(total):
            return self
        return replace(self, cache_write_5m_tokens=max(0, total - (self.cache_write_1h_tokens or 0)))


def _counts(usage: dict[str, Any]) -> dict[str, int]:
    creation = usage.get("cache_creation")
    if not isinstance(creation, dict):
        creation = {}
    counts: dict[str, Any] = {
        "input_tokens": usage.get("input_tokens"),
        "output_tokens": usage.get("output_tokens"),
        "cache_read_tokens": usage.get("cache_read_input_tokens"),
        "cache_write_5m_tokens": creation.get("ephemeral_5m_input_tokens"),
        "cache_write_1h_tokens": creation.get("ephemeral_1h_input_tokens"),
    }
    return {name: count for name, count in counts.items() if _is_count(count)}


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_TOKENS
