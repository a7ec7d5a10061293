"""Token usage as the Messages API reports it.

`message_start` carries the input side and a first output count, `message_delta` the cumulative numbers at the end;
neither alone is complete, so they are merged field by field, the later one winning. A field that is missing or null
says nothing. """

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


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
        reported = {name: count for name, count in _read(usage).items() if isinstance(count, int) and count >= 0}
        return replace(self, **reported)


def _read(usage: Any) -> dict[str, Any]:
    if not isinstance(usage, dict):
        return {}
    creation = usage.get("cache_creation")
    if not isinstance(creation, dict):  # older answers give one number, and five minutes was the only life
        creation = {"ephemeral_5m_input_tokens": usage.get("cache_creation_input_tokens")}
    return {
        "input_tokens": usage.get("input_tokens"),
        "output_tokens": usage.get("output_tokens"),
        "cache_read_tokens": usage.get("cache_read_input_tokens"),
        "cache_write_5m_tokens": creation.get("ephemeral_5m_input_tokens"),
        "cache_write_1h_tokens": creation.get("ephemeral_1h_input_tokens"),
    }
