from __future__ import annotations

from routing.engine import Decision, decide


def test_the_default_provider_serves_what_nothing_else_claims_and_the_log_says_so() -> None:
    decision = decide("claude-opus-5-5", "anthropic")
    assert decision == Decision("anthropic", "claude-opus-5-5", "no rule matches → default provider anthropic")


def test_without_a_default_provider_nobody_serves_it() -> None:
    assert decide("claude-opus-5-5", "") == Decision("", "claude-opus-5-5", "no default provider")


def test_the_same_facts_give_the_same_decision() -> None:
    assert decide("m", "p") == decide("m", "p")
