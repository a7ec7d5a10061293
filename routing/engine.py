"""Decides where a request goes. Pure and deterministic: the same configuration and facts give the same decision.

Order of precedence: the default provider serves every request that nothing else claims.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a request goes, and why, in words for the log. `provider` is empty when nothing can serve it."""

    provider: str
    model: str
    reason: str


def decide(requested_model: str, default_provider: str) -> Decision:
    if not default_provider:
        return Decision("", requested_model, "no default provider")
    return Decision(default_provider, requested_model, f"no rule matches → default provider {default_provider}")
