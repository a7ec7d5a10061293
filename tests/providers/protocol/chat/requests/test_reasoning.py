"""`thinking` and `effort` in the terms of each provider."""

from __future__ import annotations

from typing import Any

import pytest

from providers.protocol.chat.capabilities import Capabilities, ReasoningSwitch
from tests.providers.protocol.chat.requests.converting import chat, notes, refusal

OFF: dict[str, Any] = {"thinking": {"type": "disabled"}, "output_config": {"effort": "high"}}
ADAPTIVE: dict[str, Any] = {"thinking": {"type": "adaptive"}}
ADAPTIVE_LOW = ADAPTIVE | {"output_config": {"effort": "low"}}
EFFORT_ALONE: dict[str, Any] = {"output_config": {"effort": "low"}}


def budget(tokens: int) -> dict[str, Any]:
    return {"thinking": {"type": "enabled", "budget_tokens": tokens}, "max_tokens": 64_000}


def capabilities(switch: ReasoningSwitch, *efforts: str) -> Capabilities:
    return Capabilities(reasoning=switch, reasoning_efforts=efforts or ("low", "medium", "high"))


def reasoning(switch: ReasoningSwitch, fields: dict[str, Any], *efforts: str) -> dict[str, Any]:
    sent = chat(capabilities(switch, *efforts), **fields)
    return {name: value for name, value in sent.items() if name not in ("model", "messages", "max_tokens")}


@pytest.mark.parametrize(
    ("switch", "fields", "sent"),
    [
        (ReasoningSwitch.EFFORT, {}, {}),
        (ReasoningSwitch.EFFORT, ADAPTIVE, {}),
        (ReasoningSwitch.EFFORT, ADAPTIVE_LOW, {"reasoning_effort": "low"}),
        (ReasoningSwitch.EFFORT, EFFORT_ALONE, {"reasoning_effort": "low"}),
        (ReasoningSwitch.EFFORT, budget(10_000), {"reasoning_effort": "medium"}),
        (ReasoningSwitch.EFFORT, OFF, {"reasoning_effort": "low"}),
        (ReasoningSwitch.REASONING, {}, {}),
        (ReasoningSwitch.REASONING, ADAPTIVE, {"reasoning": {"enabled": True}}),
        (ReasoningSwitch.REASONING, ADAPTIVE_LOW, {"reasoning": {"effort": "low"}}),
        (ReasoningSwitch.REASONING, EFFORT_ALONE, {"reasoning": {"effort": "low"}}),
        (ReasoningSwitch.REASONING, budget(10_000), {"reasoning": {"max_tokens": 10_000}}),
        (ReasoningSwitch.REASONING, OFF, {"reasoning": {"enabled": False}}),
        (ReasoningSwitch.THINKING, {}, {}),
        (ReasoningSwitch.THINKING, ADAPTIVE, {"thinking": {"type": "enabled"}}),
        (ReasoningSwitch.THINKING, ADAPTIVE_LOW, {"thinking": {"type": "enabled"}, "reasoning_effort": "low"}),
        (ReasoningSwitch.THINKING, EFFORT_ALONE, {"reasoning_effort": "low"}),
        (ReasoningSwitch.THINKING, budget(99), {"thinking": {"type": "enabled"}, "reasoning_effort": "low"}),
        (ReasoningSwitch.THINKING, OFF, {"thinking": {"type": "disabled"}}),
        (ReasoningSwitch.ENABLE_THINKING, {}, {}),
        (ReasoningSwitch.ENABLE_THINKING, ADAPTIVE_LOW, {"enable_thinking": True}),
        (ReasoningSwitch.ENABLE_THINKING, EFFORT_ALONE, {}),
        (ReasoningSwitch.ENABLE_THINKING, budget(10_000), {"enable_thinking": True, "thinking_budget": 10_000}),
        (ReasoningSwitch.ENABLE_THINKING, OFF, {"enable_thinking": False}),
        (ReasoningSwitch.TEMPLATE, {}, {}),
        (ReasoningSwitch.TEMPLATE, ADAPTIVE, {"chat_template_kwargs": {"enable_thinking": True}}),
        (ReasoningSwitch.TEMPLATE, budget(10_000), {"chat_template_kwargs": {"enable_thinking": True}}),
        (ReasoningSwitch.TEMPLATE, OFF, {"chat_template_kwargs": {"enable_thinking": False}}),
        (ReasoningSwitch.NONE, ADAPTIVE_LOW, {}),
        (ReasoningSwitch.NONE, OFF, {}),
    ],
)
def test_each_provider_is_asked_in_its_own_way(
    switch: ReasoningSwitch, fields: dict[str, Any], sent: dict[str, Any]
) -> None:
    assert reasoning(switch, fields) == sent


@pytest.mark.parametrize(
    ("tokens", "effort"), [(1024, "low"), (4096, "low"), (4097, "medium"), (16_384, "medium"), (31_999, "high")]
)
def test_a_budget_is_an_effort_by_its_size(tokens: int, effort: str) -> None:
    assert reasoning(ReasoningSwitch.EFFORT, budget(tokens)) == {"reasoning_effort": effort}


@pytest.mark.parametrize(
    ("wanted", "taken", "sent"),
    [
        ("xhigh", ("low", "medium", "high"), "high"),
        ("max", ("low", "medium", "high", "xhigh"), "xhigh"),
        ("xhigh", ("low", "high", "max"), "max"),
        ("medium", ("low", "high"), "high"),
        ("low", ("minimal", "medium"), "minimal"),
        ("low", ("none", "high"), "high"),
        ("high", ("none", "default"), "default"),
    ],
)
def test_an_effort_goes_to_the_nearest_that_the_model_takes(wanted: str, taken: tuple[str, ...], sent: str) -> None:
    fields = {"output_config": {"effort": wanted}}
    assert reasoning(ReasoningSwitch.EFFORT, fields, *taken) == {"reasoning_effort": sent}
    assert notes(capabilities(ReasoningSwitch.EFFORT, *taken), **fields) == (
        f"effort {wanted} → {sent}, which is what this model takes",
    )


def test_an_effort_of_tomorrow_is_left_out_with_a_word() -> None:
    fields = {"output_config": {"effort": "ultra"}}
    assert reasoning(ReasoningSwitch.EFFORT, fields) == {}
    assert notes(capabilities(ReasoningSwitch.EFFORT), **fields) == (
        "`output_config.effort` ultra is not supported by this model: left out",
    )


def test_no_thinking_is_said_where_it_can_be() -> None:
    off = {"thinking": {"type": "disabled"}}
    assert reasoning(ReasoningSwitch.EFFORT, off, "none", "low") == {"reasoning_effort": "none"}
    assert notes(capabilities(ReasoningSwitch.EFFORT, "none", "low"), **off) == ()
    assert reasoning(ReasoningSwitch.EFFORT, off, "minimal", "high") == {"reasoning_effort": "minimal"}
    assert notes(capabilities(ReasoningSwitch.EFFORT, "minimal", "high"), **off) == (
        "thinking cannot be turned off for this model: the least effort is asked for",
    )


@pytest.mark.parametrize("fields", [{}, ADAPTIVE, EFFORT_ALONE, OFF, budget(5000)])
def test_a_model_that_takes_nothing_but_none_is_always_told_so(fields: dict[str, Any]) -> None:
    assert reasoning(ReasoningSwitch.EFFORT, fields, "none") == {"reasoning_effort": "none"}
    told = notes(capabilities(ReasoningSwitch.EFFORT, "none"), **fields)
    assert bool(told) == (fields not in ({}, OFF))


def test_a_budget_stays_below_the_limit_of_the_answer() -> None:
    limited = Capabilities(reasoning=ReasoningSwitch.REASONING, max_output_tokens=8000)
    assert chat(limited, **budget(10_000))["reasoning"] == {"max_tokens": 7999}
    small = budget(10_000) | {"max_tokens": 1}
    assert reasoning(ReasoningSwitch.REASONING, small) == {"reasoning": {"enabled": True}}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, ()),
        (OFF, ()),
        (
            ADAPTIVE_LOW,
            (
                "`thinking` is not supported by this model: left out",
                "`output_config.effort` is not supported by this model: left out",
            ),
        ),
    ],
)
def test_a_model_that_cannot_think_is_mentioned_only_when_it_was_asked_to(
    fields: dict[str, Any], told: tuple[str, ...]
) -> None:
    assert notes(**fields) == told


@pytest.mark.parametrize(
    ("switch", "told"),
    [
        (ReasoningSwitch.ENABLE_THINKING, ("`output_config.effort` is not supported by this provider: left out",)),
        (
            ReasoningSwitch.TEMPLATE,
            (
                "`output_config.effort` is not supported by this provider: left out",
                "`thinking.budget_tokens` is not supported by this provider: left out",
            ),
        ),
    ],
)
def test_what_a_switch_has_no_place_for_is_told(switch: ReasoningSwitch, told: tuple[str, ...]) -> None:
    assert notes(capabilities(switch), **budget(2000), output_config={"effort": "low"}) == told


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"thinking": {"type": "some"}}, "thinking.type: Input should be 'adaptive', 'disabled' or 'enabled'"),
        ({"thinking": {}}, "thinking.type: Field required"),
        ({"thinking": True}, "thinking: Input should be a valid dictionary"),
        (
            {"thinking": {"type": "enabled", "budget_tokens": "all"}},
            "thinking.budget_tokens: Input should be a valid integer",
        ),
        ({"output_config": {"effort": 3}}, "output_config.effort: Input should be a valid string"),
        ({"output_config": []}, "output_config: Input should be a valid dictionary"),
    ],
)
def test_a_malformed_wish_is_refused_with_its_place(fields: dict[str, Any], words: str) -> None:
    assert refusal(**fields) == words
