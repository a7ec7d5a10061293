from __future__ import annotations

import time

import pytest

from routing.engine import Decision, Routes, Target, decide

ROUTES = Routes(
    aliases={
        "claude-gpt-5": Target("openai", "gpt-5"),
        "openai:shadowed": Target("local", "qwen3:8b"),
        "both": Target("openai", "gpt-5"),
    },
    models={"qwen3:8b": Target("local", "qwen3:8b"), "gpt-5": Target("openai", "gpt-5"), "both": Target("local", "b")},
    providers=frozenset({"anthropic", "openai", "local"}),
    default_provider="anthropic",
    disabled_providers=frozenset({"groq"}),
    disabled_aliases={"claude-fast": "groq"},
)


def test_the_default_provider_serves_what_nothing_else_claims_and_the_log_says_so() -> None:
    decision = decide("claude-opus-5-5", ROUTES)
    assert decision == Decision("anthropic", "claude-opus-5-5", "no rule matches → default provider anthropic")


def test_without_a_default_provider_nobody_serves_it() -> None:
    assert decide("claude-opus-5-5", Routes()) == Decision(
        "", "claude-opus-5-5", "no rule matches, no default provider"
    )


@pytest.mark.parametrize(
    ("requested", "provider", "model", "reason"),
    [
        pytest.param("claude-gpt-5", "openai", "gpt-5", "alias claude-gpt-5 → openai:gpt-5", id="an alias"),
        pytest.param("openai:gpt-6", "openai", "gpt-6", "openai:gpt-6 names provider openai", id="a provider's name"),
        pytest.param("local:a:b", "local", "a:b", "local:a:b names provider local", id="colons in the model's name"),
        pytest.param("qwen3:8b", "local", "qwen3:8b", "model qwen3:8b → local:qwen3:8b", id="a model with a colon"),
        pytest.param("gpt-5", "openai", "gpt-5", "model gpt-5 → openai:gpt-5", id="a model"),
        pytest.param(
            "openai:shadowed", "local", "qwen3:8b", "alias openai:shadowed → local:qwen3:8b", id="alias first"
        ),
        pytest.param("both", "openai", "gpt-5", "alias both → openai:gpt-5", id="alias before model"),
    ],
)
def test_the_first_that_fits_decides(requested: str, provider: str, model: str, reason: str) -> None:
    assert decide(requested, ROUTES) == Decision(provider, model, reason)


@pytest.mark.parametrize("requested", ["openai:", ":gpt-5", "OpenAI:gpt-5", "nobody:gpt-5", "CLAUDE-GPT-5", "", ":"])
def test_what_only_looks_like_a_route_goes_to_the_default_provider_as_it_is(requested: str) -> None:
    assert decide(requested, ROUTES) == Decision("anthropic", requested, "no rule matches → default provider anthropic")


@pytest.mark.parametrize("suffix", ["[1m]", "[1M]", "[1M][1m]"])
@pytest.mark.parametrize("name", ["claude-gpt-5", "openai:gpt-6", "gpt-5"])
def test_b102_the_suffix_of_the_large_context_makes_no_difference_to_a_route(name: str, suffix: str) -> None:
    assert decide(name + suffix, ROUTES) == decide(name, ROUTES)


def test_b102_a_request_that_is_not_rerouted_keeps_its_suffix() -> None:
    assert decide("claude-opus-5-5[1m]", ROUTES).model == "claude-opus-5-5[1m]"


@pytest.mark.parametrize(
    ("requested", "reason"),
    [
        ("claude-fast", "alias claude-fast leads to provider groq, which is not enabled → default provider anthropic"),
        ("groq:llama", "groq:llama names provider groq, which is not enabled → default provider anthropic"),
        ("groq", "no rule matches → default provider anthropic"),
    ],
)
def test_the_reason_names_the_provider_that_would_have_to_be_enabled(requested: str, reason: str) -> None:
    assert decide(requested, ROUTES) == Decision("anthropic", requested, reason)


def test_the_same_facts_give_the_same_decision() -> None:
    assert decide("gpt-5", ROUTES) == decide("gpt-5", ROUTES)


def test_a_decision_takes_no_time_to_speak_of_however_many_routes_there_are() -> None:
    many = {f"model-{number}": Target("openai", f"model-{number}") for number in range(10_000)}
    routes = Routes(aliases=many, models=many, providers=frozenset(many), default_provider="anthropic")
    fastest = min(_seconds_for_a_thousand(routes) for _ in range(5))
    assert fastest / 1000 < 50e-6


def _seconds_for_a_thousand(routes: Routes) -> float:
    started = time.perf_counter()
    for _ in range(1000):
        decide("nothing-like-it", routes)
    return time.perf_counter() - started
