from __future__ import annotations

import pytest

from routing.engine import Decision, Routes, Rule, Target, decide, decide_by_name, explain
from tests.routing.calls import make_call, route, rule

BY_NAME = Routes(
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
EVERYTHING = Routes(
    mappings={"code-reviewer": route("gemini:gemini-2.5-flash", "openai:gpt-5")},
    rules=(
        rule("night shift", "local:qwen3:8b", ("time", "22:00–06:00")),
        rule("opus elsewhere", "openai:gpt-5", ("model", "claude-opus-*")),
    ),
    aliases=BY_NAME.aliases,
    models=BY_NAME.models,
    providers=frozenset({"anthropic", "openai", "local", "gemini"}),
    default_provider="anthropic",
)


def to(target: str, reason: str) -> Decision:
    return Decision(route(target).targets, reason)


@pytest.mark.parametrize(
    ("changes", "provider", "reason"),
    [
        pytest.param({}, "gemini", "subagent code-reviewer → mapping → gemini:gemini-2.5-flash", id="mapping first"),
        pytest.param({"subagent": ""}, "openai", "rule ‘opus elsewhere’ → openai:gpt-5", id="then rules"),
        pytest.param(
            {"subagent": "", "requested_model": "both"}, "openai", "alias both → openai:gpt-5", id="then an alias"
        ),
        pytest.param(
            {"subagent": "", "requested_model": "gemini:both"}, "gemini", "gemini:both names provider gemini", id="pair"
        ),
        pytest.param(
            {"subagent": "", "requested_model": "gpt-5"}, "openai", "model gpt-5 → openai:gpt-5", id="then a model"
        ),
        pytest.param(
            {"subagent": "planner", "requested_model": "claude-haiku-5"},
            "anthropic",
            "no rule matches → default provider anthropic",
            id="then the default provider",
        ),
    ],
)
def test_the_order_of_precedence(changes: dict[str, str], provider: str, reason: str) -> None:
    decision = decide(make_call(**changes), EVERYTHING)
    assert (decision.provider, decision.reason) == (provider, reason)


def test_fallbacks_follow_the_first_choice() -> None:
    decision = decide(make_call(), EVERYTHING)
    assert decision.targets == (Target("gemini", "gemini-2.5-flash"), Target("openai", "gpt-5"))
    assert (decision.provider, decision.model) == ("gemini", "gemini-2.5-flash")


def test_a_target_without_a_model_keeps_the_one_that_the_client_asks_for_as_it_is() -> None:
    routes = Routes(mappings={"code-reviewer": route("other:", "openai:gpt-5")})
    assert decide(make_call(requested_model="claude-opus-5-5[1m]"), routes) == Decision(
        (Target("other", "claude-opus-5-5[1m]"), Target("openai", "gpt-5")),
        "subagent code-reviewer → mapping → other:claude-opus-5-5[1m]",
    )


@pytest.mark.parametrize("name", ["Code-Reviewer", "code", ""])
def test_a_mapping_is_of_one_name_alone(name: str) -> None:
    decision = decide(make_call(subagent=name, requested_model="gpt-5"), EVERYTHING)
    assert decision == to("openai:gpt-5", "model gpt-5 → openai:gpt-5")


def test_nobody_maps_callers_without_a_name() -> None:
    assert decide(make_call(subagent=""), Routes(mappings={"": route("openai:gpt-5")})).targets == ()


def test_a_rule_matches_when_all_its_criteria_do() -> None:
    both = rule("both", "openai:gpt-5", ("kind", "subagent"), ("tools", "yes"))
    routes = Routes(rules=(both,), default_provider="anthropic")
    assert decide(make_call(), routes).provider == "openai"
    assert decide(make_call(tools_offered=0), routes).provider == "anthropic"
    assert decide(make_call(kind="main loop"), routes).provider == "anthropic"


def test_a_rule_without_criteria_matches_everything() -> None:
    assert decide(make_call(), Routes(rules=(rule("all", "openai:gpt-5"),))).reason == "rule ‘all’ → openai:gpt-5"


def test_of_two_rules_that_match_the_first_one_decides() -> None:
    routes = Routes(rules=(rule("a", "first:m"), rule("b", "second:m")))
    assert decide(make_call(), routes).provider == "first"


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        pytest.param(
            Routes(mappings={"code-reviewer": route("openai:gpt-5", disabled=("gemini",))}),
            to("openai:gpt-5", "subagent code-reviewer → mapping → openai:gpt-5 (gemini is not enabled)"),
            id="a fallback takes the place of a first choice",
        ),
        pytest.param(
            Routes(mappings={"code-reviewer": route(disabled=("gemini",))}, rules=(rule("all", "openai:gpt-5"),)),
            to(
                "openai:gpt-5",
                "subagent code-reviewer → mapping leads nowhere (gemini is not enabled); rule ‘all’ → openai:gpt-5",
            ),
            id="a mapping that leads nowhere falls through to the rules",
        ),
        pytest.param(
            Routes(rules=(Rule("a", route(disabled=("b", "c"))),), default_provider="anthropic"),
            to(
                "anthropic:claude-opus-5-5",
                "rule ‘a’ leads nowhere (b, c are not enabled) → default provider anthropic",
            ),
            id="and so does a rule",
        ),
    ],
)
def test_what_leads_to_no_enabled_provider_is_passed_over_and_told(routes: Routes, expected: Decision) -> None:
    assert decide(make_call(), routes) == expected


def test_the_default_provider_serves_what_nothing_else_claims_and_the_log_says_so() -> None:
    decision = decide_by_name("claude-opus-5-5", BY_NAME)
    assert decision == to("anthropic:claude-opus-5-5", "no rule matches → default provider anthropic")


def test_without_a_default_provider_nobody_serves_it() -> None:
    decision = decide(make_call(), Routes())
    assert decision == Decision((), "no rule matches, no default provider")
    assert (decision.provider, decision.model) == ("", "")


@pytest.mark.parametrize(
    ("requested", "target", "reason"),
    [
        pytest.param("claude-gpt-5", "openai:gpt-5", "alias claude-gpt-5 → openai:gpt-5", id="an alias"),
        pytest.param("openai:gpt-6", "openai:gpt-6", "openai:gpt-6 names provider openai", id="a provider's name"),
        pytest.param("local:a:b", "local:a:b", "local:a:b names provider local", id="colons in the model's name"),
        pytest.param("qwen3:8b", "local:qwen3:8b", "model qwen3:8b → local:qwen3:8b", id="a model with a colon"),
        pytest.param("gpt-5", "openai:gpt-5", "model gpt-5 → openai:gpt-5", id="a model"),
        pytest.param("openai:shadowed", "local:qwen3:8b", "alias openai:shadowed → local:qwen3:8b", id="alias first"),
        pytest.param("both", "openai:gpt-5", "alias both → openai:gpt-5", id="alias before model"),
    ],
)
def test_a_name_leads_to_the_first_that_fits(requested: str, target: str, reason: str) -> None:
    assert decide_by_name(requested, BY_NAME) == to(target, reason)
    assert decide(make_call(requested_model=requested), BY_NAME) == to(target, reason)


@pytest.mark.parametrize("requested", ["openai:", ":gpt-5", "OpenAI:gpt-5", "nobody:gpt-5", "CLAUDE-GPT-5", "", ":"])
def test_what_only_looks_like_a_route_goes_to_the_default_provider_as_it_is(requested: str) -> None:
    expected = Decision((Target("anthropic", requested),), "no rule matches → default provider anthropic")
    assert decide_by_name(requested, BY_NAME) == expected


@pytest.mark.parametrize("suffix", ["[1m]", "[1M]", "[1M][1m]"])
@pytest.mark.parametrize("name", ["claude-gpt-5", "openai:gpt-6", "gpt-5"])
def test_b102_the_suffix_of_the_large_context_makes_no_difference_to_a_route(name: str, suffix: str) -> None:
    assert decide_by_name(name + suffix, BY_NAME) == decide_by_name(name, BY_NAME)


def test_b102_a_request_that_is_not_rerouted_keeps_its_suffix() -> None:
    assert decide_by_name("claude-opus-5-5[1m]", BY_NAME).model == "claude-opus-5-5[1m]"


@pytest.mark.parametrize(
    ("requested", "reason"),
    [
        ("claude-fast", "alias claude-fast leads to provider groq, which is not enabled → default provider anthropic"),
        ("groq:llama", "groq:llama names provider groq, which is not enabled → default provider anthropic"),
        ("groq", "no rule matches → default provider anthropic"),
    ],
)
def test_the_reason_names_the_provider_that_would_have_to_be_enabled(requested: str, reason: str) -> None:
    assert decide_by_name(requested, BY_NAME) == to(f"anthropic:{requested}", reason)


def test_the_same_facts_give_the_same_decision() -> None:
    assert decide(make_call(), EVERYTHING) == decide(make_call(), EVERYTHING)


def test_an_explanation_tells_every_step_until_one_matches() -> None:
    explanation = explain(make_call(subagent=""), EVERYTHING)
    assert explanation.decision == decide(make_call(subagent=""), EVERYTHING)
    assert [(step.name, step.matched, step.why) for step in explanation.steps] == [
        ("subagent mapping", False, "the caller is no subagent whose name is known"),
        ("rule 1 ‘night shift’", False, "time of day 14:02 is not in 22:00–06:00"),
        ("rule 2 ‘opus elsewhere’", True, "rule ‘opus elsewhere’ → openai:gpt-5"),
    ]


def test_an_explanation_ends_with_the_default_provider_when_nothing_matches() -> None:
    steps = explain(make_call(subagent="planner", requested_model="x"), EVERYTHING).steps
    assert [(step.name, step.matched, step.why) for step in steps] == [
        ("subagent mapping", False, "subagent planner has no mapping that is enabled"),
        ("rule 1 ‘night shift’", False, "time of day 14:02 is not in 22:00–06:00"),
        ("rule 2 ‘opus elsewhere’", False, "requested model x is not claude-opus-*"),
        ("alias", False, "no enabled alias is called x"),
        ("provider:model", False, "no provider is named at the beginning of x"),
        ("model of a provider", False, "no enabled provider offers a model x"),
        ("default provider", True, "no rule matches → default provider anthropic"),
    ]


def test_an_explanation_tells_all_criteria_of_a_rule_that_do_not_match() -> None:
    picky = rule("picky", "openai:gpt-5", ("tools", "no"), ("kind", "subagent"), ("input_over", 10))
    assert explain(make_call(), Routes(rules=(picky,))).steps[1].why == (
        "the call is with tools; the input of about 0 tokens is not over 10"
    )


def test_an_explanation_tells_what_was_passed_over() -> None:
    routes = Routes(
        mappings={"code-reviewer": route(disabled=("gemini",))},
        rules=(Rule("asleep", route(disabled=("groq",))), rule("awake", "openai:gpt-5")),
    )
    assert [(step.matched, step.why) for step in explain(make_call(), routes).steps] == [
        (False, "subagent code-reviewer → mapping leads nowhere (gemini is not enabled)"),
        (False, "rule ‘asleep’ leads nowhere (groq is not enabled)"),
        (True, "rule ‘awake’ → openai:gpt-5"),
    ]


def test_an_explanation_of_a_call_that_nobody_serves_says_so() -> None:
    explanation = explain(make_call(), Routes())
    assert explanation.steps[-1].matched is False
    assert explanation.steps[-1].why == "no rule matches, no default provider"
