"""OpenAI, and Azure's OpenAI service, which serves the same models by the same API.

Sources: OpenAI's API reference (Chat Completions, `reasoning_effort`), its guides to reasoning and to file inputs, its
pages of the models (limits of the answer). Efforts by model: the reference of `reasoning_effort`, which says that none
begins with gpt-5.1, xhigh after gpt-5.1-codex-max, and that gpt-5-pro knows high only; minimal is refused by gpt-5.1
(openai-agents-python issue 2089, 2025-11).
"""

from __future__ import annotations

from dataclasses import replace

from providers.presets.base import Preset, models
from providers.protocol.chat.capabilities import (
    Capabilities,
    CapabilityRules,
    DocumentForm,
    MaxTokensField,
    ReasoningSwitch,
    SystemRole,
    UserField,
)

_REASONING = {
    "max_tokens_field": MaxTokensField.MAX_COMPLETION_TOKENS,
    "system_role": SystemRole.DEVELOPER,
    "temperature": False,
    "top_p": False,
    "max_stop_sequences": 0,  # "not supported with latest reasoning models" (API reference of `stop`)
    "reasoning": ReasoningSwitch.EFFORT,
}
_BEFORE_GPT_5_1 = ("minimal", "low", "medium", "high")
_GPT_5_1 = ("none", "low", "medium", "high")
_AFTER_GPT_5_1 = ("none", "low", "medium", "high", "xhigh")
_PRO = ("medium", "high", "xhigh")

# With function tools, Chat Completions refuses gpt-5.4 and later every effort but none (openai-openapi issue 541 of
# 2026-05), and gpt-5.6 even the lack of it (litellm pull request 34569 of 2026-07). Claude Code always sends tools.
_NONE_ONLY = ("none",)

_OPENAI_RULES = CapabilityRules(
    base=Capabilities(
        max_tokens_field=MaxTokensField.MAX_COMPLETION_TOKENS,
        mid_conversation_system=True,
        user_field=UserField.SAFETY_IDENTIFIER,
        prompt_cache_key=True,
        strict_tools=True,
        documents=DocumentForm.FILE,
    ),
    by_model=(
        models("gpt-3.5*", max_output_tokens=4_096, images=False, documents=DocumentForm.TEXT),
        models("gpt-4-turbo*", max_output_tokens=4_096, documents=DocumentForm.TEXT),
        models("gpt-4o*", max_output_tokens=16_384),
        models("gpt-4.1*", max_output_tokens=32_768),
        models("o[134]*", **_REASONING, max_output_tokens=100_000, parallel_tool_calls=False),
        models("o1-mini*", max_output_tokens=65_536, tools=False, images=False),
        models("o3-mini*", images=False, documents=DocumentForm.TEXT),
        models("gpt-5*", **_REASONING, max_output_tokens=128_000, reasoning_efforts=_BEFORE_GPT_5_1),
        models("gpt-5-pro*", max_output_tokens=272_000, reasoning_efforts=("high",)),
        models("gpt-5.1*", reasoning_efforts=_GPT_5_1),
        models("gpt-5.1-codex-max*", reasoning_efforts=_AFTER_GPT_5_1),
        models("gpt-5.[23]*", reasoning_efforts=_AFTER_GPT_5_1),
        models("gpt-5.[23]*-pro*", reasoning_efforts=_PRO),
        models("gpt-5.[4-9]*", reasoning_efforts=_NONE_ONLY),
        models(
            "gpt-5*-chat*",  # the models of ChatGPT: no reasoning, no sampling
            max_output_tokens=16_384,
            reasoning=ReasoningSwitch.NONE,
        ),
    ),
)

# Azure documents `user`, and does not say whether it takes the identifier that replaces it.
_AZURE_RULES = replace(_OPENAI_RULES, base=replace(_OPENAI_RULES.base, user_field=UserField.USER))

OPENAI = {
    "openai": Preset("OpenAI", "https://api.openai.com/v1", rules=_OPENAI_RULES),
    # The v1 API, https://<resource>.openai.azure.com/openai/v1, which takes the key as a bearer token. Its models are
    # called as their deployments are: the rules fit those that are named after their model.
    "azure": Preset("Azure OpenAI", "", rules=_AZURE_RULES),
}
