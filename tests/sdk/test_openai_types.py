"""The `openai` SDK's own types accept every request that goes upstream; keys beyond them are those of the provider."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.presets import GENERIC, PRESETS, preset_rules
from providers.protocol.chat.capabilities import Capabilities, ReasoningHistory, ReasoningSwitch
from providers.protocol.messages_request import InvalidRequest
from tests.providers.protocol.chat.requests.converting import convert_body
from tests.providers.protocol.chat.requests.request_strategies import PDF_TEXT, capabilities, requests
from tests.support.openai_validation import problems_of

MODELS = (
    *("gpt-4o", "gpt-5.2", "o3-mini", "gemini-3-pro-preview", "gemini-2.5-flash", "qwen3-max", "deepseek-reasoner"),
    *("deepseek-chat", "openai/gpt-oss-120b", "kimi-k2-thinking", "magistral-medium", "grok-4", "glm-4.6", "llama3"),
)
_SWITCHES = {
    ReasoningSwitch.NONE: (),
    ReasoningSwitch.EFFORT: (),
    ReasoningSwitch.REASONING: ("reasoning",),
    ReasoningSwitch.THINKING: ("thinking",),
    ReasoningSwitch.ENABLE_THINKING: ("enable_thinking", "thinking_budget"),
    ReasoningSwitch.TEMPLATE: ("chat_template_kwargs",),
}
_HISTORIES = {
    ReasoningHistory.DROP: (),
    ReasoningHistory.REASONING_CONTENT: ("reasoning_content",),
    ReasoningHistory.REASONING: ("reasoning",),
}
preset_models = st.sampled_from([(preset, model) for preset in (GENERIC, *PRESETS) for model in MODELS])


def extensions_of(taken: Capabilities) -> list[str]:
    """The keys that a provider with these capabilities takes beyond OpenAI's own format."""
    return [
        *_SWITCHES[taken.reasoning],
        *_HISTORIES[taken.reasoning_history],
        *(["top_k"] if taken.top_k else []),
        *(["extra_content"] if taken.thought_signatures else []),
    ]


def problems(request: dict[str, Any], taken: Capabilities) -> list[str]:
    """What the types say against the request; a request that is refused has no problems upstream."""
    try:
        converted = convert_body(
            json.dumps(request).encode(), taken, read_pdf=lambda data: PDF_TEXT, session_id="session"
        )
    except InvalidRequest:
        return []
    return problems_of(converted.body, extensions_of(taken))


@settings(max_examples=150)
@given(requests, capabilities)
def test_any_request_for_any_capabilities_is_of_the_types(request: dict[str, Any], taken: Capabilities) -> None:
    assert problems(request, taken) == []


@settings(max_examples=150)
@given(requests, preset_models)
def test_any_request_for_any_preset_is_of_the_types(request: dict[str, Any], target: tuple[str, str]) -> None:
    preset, model = target
    assert problems(request, preset_rules(preset).of(model)) == []


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5.2", "o3-mini", "gpt-oss-120b", "anything"])
def test_openai_itself_needs_no_extension(model: str) -> None:
    assert extensions_of(preset_rules("openai").of(model)) == []
