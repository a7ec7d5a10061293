"""What the presets say of models that people will name; each row is one difference that has broken requests."""

from __future__ import annotations

from typing import Any

import pytest

from providers.adapters.base import ProviderConfig
from providers.adapters.openai import api_path
from providers.presets import GENERIC, PRESETS, preset_rules
from providers.protocol.chat.capabilities import Capabilities, ReasoningSwitch, read_value
from providers.validation import is_loopback, normalized_base_url, validate_base_url

ASKED_FOR = (
    "openai gemini qwen deepseek groq mistral openrouter ollama vllm llamacpp litellm "
    "together fireworks xai moonshot zai azure"
)


def test_every_provider_that_people_ask_for_has_a_preset() -> None:
    assert set(ASKED_FOR.split()) <= set(PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_the_rules_of_every_preset_can_be_built(name: str) -> None:
    rules = PRESETS[name].rules
    assert hash(rules) == hash(rules)
    for pattern, overrides in rules.by_model:
        assert pattern == pattern.lower(), "patterns are compared with names in lower case"
        assert overrides, f"{pattern} changes nothing"
        for capability, value in overrides:
            assert read_value(capability, list(value) if isinstance(value, tuple) else value) == value


@pytest.mark.parametrize("name", PRESETS)
def test_the_base_url_of_every_preset_is_one_that_the_admin_takes(name: str) -> None:
    preset = PRESETS[name]
    if not preset.base_url:
        assert name == "azure"
        return
    validate_base_url(preset.base_url)
    assert normalized_base_url(preset.base_url) == preset.base_url
    assert ProviderConfig(name, "openai", preset.base_url).origin
    assert api_path(preset.base_url) == preset.base_url.removeprefix(ProviderConfig(name, "", preset.base_url).origin)
    assert preset.needs_key or is_loopback(preset.base_url)


@pytest.mark.parametrize("name", PRESETS)
def test_a_model_that_thinks_by_levels_has_some(name: str) -> None:
    rules = PRESETS[name].rules
    for pattern, _ in [("*", ()), *rules.by_model]:
        found = rules.of(pattern.replace("*", "x"))
        if found.reasoning is ReasoningSwitch.EFFORT:
            assert found.reasoning_efforts, pattern


def test_without_a_preset_the_cautious_defaults_hold() -> None:
    assert preset_rules(GENERIC).of("any") == Capabilities()


def test_a_preset_that_is_not_known_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="no preset “telepathy”"):
        preset_rules("telepathy")


@pytest.mark.parametrize(
    ("preset", "model", "expected"),
    [
        pytest.param("openai", "gpt-5", {"max_tokens_field": "max_completion_tokens", "temperature": False}, id="B51"),
        pytest.param("openai", "o3", {"max_tokens_field": "max_completion_tokens", "top_p": False}, id="B35 o-series"),
        pytest.param("openai", "GPT-5-mini", {"reasoning_efforts": ("minimal", "low", "medium", "high")}, id="gpt-5"),
        pytest.param("openai", "gpt-5.1", {"reasoning_efforts": ("none", "low", "medium", "high")}, id="gpt-5.1"),
        pytest.param("openai", "gpt-5.2-2025", {"reasoning_efforts": ("none", "low", "medium", "high", "xhigh")}),
        pytest.param("openai", "gpt-5-pro", {"reasoning_efforts": ("high",)}, id="gpt-5-pro"),
        pytest.param("openai", "gpt-5.6-terra", {"reasoning_efforts": ("none",)}, id="tools forbid effort"),
        pytest.param("openai", "gpt-5-chat-latest", {"reasoning": "none"}, id="ChatGPT's own model"),
        pytest.param("openai", "o4-mini", {"system_role": "developer", "max_stop_sequences": 0}, id="o4-mini"),
        pytest.param("openai", "gpt-4.1", {"max_output_tokens": 32_768, "temperature": True}, id="B52 gpt-4.1"),
        pytest.param("openai", "gpt-4o-mini", {"max_output_tokens": 16_384, "documents": "file"}, id="B52 gpt-4o"),
        pytest.param(
            "gemini", "gemini-2.5-pro", {"schema_dialect": "gemini", "thought_signatures": True}, id="B49 B33"
        ),
        pytest.param("gemini", "gemini-2.5-pro", {"reasoning_efforts": ("low", "medium", "high")}, id="always thinks"),
        pytest.param("gemini", "gemini-2.5-flash", {"reasoning_efforts": ("none", "low", "medium", "high")}),
        pytest.param("gemini", "gemini-3-pro-preview", {"reasoning_efforts": ("low", "high")}, id="gemini 3 pro"),
        pytest.param("gemini", "gemini-2.0-flash", {"reasoning": "none", "user_field": "none"}, id="gemini 2.0"),
        pytest.param("deepseek", "deepseek-v4-pro", {"reasoning_history": "reasoning_content"}, id="B31"),
        pytest.param("deepseek", "deepseek-v4-pro", {"reasoning": "thinking", "images": False}, id="B32"),
        pytest.param("deepseek", "deepseek-v4-pro", {"response_format": "json_object"}, id="no schemas"),
        pytest.param("qwen", "qwen-plus", {"reasoning": "enable_thinking", "tool_choice_required": False}, id="hybrid"),
        pytest.param("qwen", "qwen3-coder-plus", {"reasoning": "none", "max_output_tokens": 65_536}, id="coder"),
        pytest.param("qwen", "qwen3-vl-plus", {"images": True}, id="sees"),
        pytest.param(
            "groq", "openai/gpt-oss-120b", {"reasoning_efforts": ("low", "medium", "high")}, id="groq gpt-oss"
        ),
        pytest.param("groq", "qwen/qwen3-32b", {"thinking_in_tags": True}, id="groq qwen"),
        pytest.param("groq", "llama-3.3-70b-versatile", {"reasoning": "none", "images": False}, id="groq llama"),
        pytest.param("mistral", "mistral-large-latest", {"stream_usage": False, "reasoning": "none"}, id="mistral"),
        pytest.param("mistral", "mistral-small-2603", {"reasoning_efforts": ("none", "high")}, id="mistral small 4"),
        pytest.param("openrouter", "openai/gpt-5", {"reasoning": "reasoning", "user_field": "user"}, id="openrouter"),
        pytest.param("xai", "grok-4", {"reasoning": "none", "max_stop_sequences": 0}, id="grok-4"),
        pytest.param("moonshot", "kimi-k2.6", {"temperature": False, "reasoning": "thinking"}, id="kimi"),
        pytest.param("zai", "glm-5", {"stream_usage": False, "max_stop_sequences": 1}, id="glm"),
        pytest.param("ollama", "llama3.2:3b", {"reasoning": "none", "image_urls": False}, id="ollama"),
        pytest.param("ollama", "qwen3:8b", {"reasoning": "reasoning_effort"}, id="ollama qwen3"),
        pytest.param("ollama", "qwen3-coder:30b", {"reasoning": "none"}, id="ollama coder"),
        pytest.param("vllm", "Qwen/Qwen3-8B", {"reasoning": "chat_template_kwargs", "top_k": True}, id="vllm"),
        pytest.param("llamacpp", "any", {"reasoning": "chat_template_kwargs", "top_k": True}, id="llama.cpp"),
    ],
)
def test_a_preset_knows_what_a_model_takes(preset: str, model: str, expected: dict[str, Any]) -> None:
    found = preset_rules(preset).of(model)
    assert {capability: getattr(found, capability) for capability in expected} == expected
