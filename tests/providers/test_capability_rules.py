from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.capability_rules import combined_rules, pattern_for
from providers.protocol.chat.capabilities import CapabilityRules


def max_output_tokens(model: str, of_provider: dict[str, Any], of_models: dict[str, Any]) -> int | None:
    return combined_rules("openai", of_provider, of_models.items()).of(model).max_output_tokens


def test_each_layer_overrides_the_one_before_it() -> None:
    assert max_output_tokens("gpt-4o", {}, {}) == 16_384
    assert max_output_tokens("gpt-4o", {"max_output_tokens": 2}, {}) == 2
    assert max_output_tokens("gpt-4o", {"max_output_tokens": 2}, {"gpt-4o": {"max_output_tokens": 3}}) == 3
    assert max_output_tokens("gpt-4o-mini", {"max_output_tokens": 2}, {"gpt-4o": {"max_output_tokens": 3}}) == 2


def test_a_layer_overrides_only_what_it_names() -> None:
    rules = combined_rules("openai", {"images": False}, [("gpt-5", {"temperature": True})])
    found = rules.of("gpt-5")
    assert (found.images, found.temperature, found.top_p) == (False, True, False)


def test_what_changes_nothing_leaves_the_rules_of_the_preset() -> None:
    assert combined_rules("", {}, [("m", {})]) == CapabilityRules()


def test_values_come_out_of_json_as_capabilities_have_them() -> None:
    rules = combined_rules("", {"reasoning_efforts": ["low", "high"], "reasoning": "thinking"}, ())
    assert rules.of("m").reasoning_efforts == ("low", "high")
    assert hash(rules)


@pytest.mark.parametrize("name", ["a[b]c", "a*", "a?", "[!a]", "]", "qwen3:8b", "Org/Model-7B", "a[[]b"])
def test_a_model_is_found_by_its_exact_name_whatever_stands_in_it(name: str) -> None:
    rules = combined_rules("", {}, [(name, {"images": False})])
    assert not rules.of(name).images
    assert rules.of(f"{name}x").images and rules.of(f"x{name}").images


@given(name=st.text(min_size=1), other=st.text(min_size=1))
def test_no_name_works_as_a_pattern_for_another(name: str, other: str) -> None:
    rules = CapabilityRules(by_model=((pattern_for(name), (("images", False),)),))
    assert not rules.of(name).images
    if name.lower() != other.lower():
        assert rules.of(other).images


@pytest.mark.parametrize(
    ("preset", "of_provider", "of_models", "complaint"),
    [
        ("telepathy", {}, {}, "no preset “telepathy”"),
        ("", {"wings": True}, {}, "no capability “wings”"),
        ("", {"tools": "maybe"}, {}, "tools must be true or false, not 'maybe'"),
        ("", [], {}, r"must be a JSON object, not \[\]"),
        ("", None, {}, "must be a JSON object"),
        ("", {}, {"qwen3:8b": {"max_output_tokens": -1}}, "model qwen3:8b: max_output_tokens must be a whole number"),
        ("", {}, {"m": {"reasoning": "sometimes"}}, "model m: 'sometimes' is not a valid ReasoningSwitch"),
    ],
)
def test_what_cannot_be_used_is_told_in_words(preset: str, of_provider: Any, of_models: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        combined_rules(preset, of_provider, of_models.items())
