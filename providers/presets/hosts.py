"""Services that host models."""

from __future__ import annotations

from providers.presets.base import Preset, models
from providers.protocol.chat.capabilities import (
    Capabilities,
    CapabilityRules,
    DocumentForm,
    MaxTokensField,
    ReasoningHistory,
    ReasoningSwitch,
    ResponseFormat,
    SchemaDialect,
    UserField,
)

_LOW_TO_HIGH = ("low", "medium", "high")
_NONE_TO_HIGH = ("none", *_LOW_TO_HIGH)

# https://ai.google.dev/gemini-api/docs/openai, …/thinking, …/thought-signatures and …/function-calling.
# Unknown parameters are refused, as `parallel_tool_calls` was (magentic pull request 382 of 2024-11). Thinking cannot
# be turned off in the Pro models nor in Gemini 3. By this interface, Gemini 3 Pro refuses medium and 3 Flash minimal
# (discuss.ai.google.dev, 2025-12 and 2026-01). Images are only shown as data.
_GEMINI = CapabilityRules(
    base=Capabilities(
        max_stop_sequences=5,
        parallel_tool_calls=False,
        schema_dialect=SchemaDialect.GEMINI,
        thought_signatures=True,
        image_urls=False,
    ),
    by_model=(
        models("*gemini-2.0*", max_output_tokens=8_192),
        models("*gemini-2.5*", max_output_tokens=65_536, reasoning=ReasoningSwitch.EFFORT),
        models("*gemini-2.5-flash*", reasoning_efforts=_NONE_TO_HIGH),
        models("*gemini-[3-9]*", max_output_tokens=65_536, reasoning=ReasoningSwitch.EFFORT),
        models("*gemini-3-pro*", reasoning_efforts=("low", "high")),
    ),
)

# https://help.aliyun.com/en/model-studio/deep-thinking (hybrid models), …/qwen-api-reference (`tool_choice` takes auto,
# none or a function, and only the first two while thinking; `top_k`), instructorphp's notes on JSON Schema (2026-10).
_QWEN = CapabilityRules(
    base=Capabilities(
        top_k=True,
        tool_choice_required=False,
        images=False,
        response_format=ResponseFormat.JSON_OBJECT,
    ),
    by_model=(
        models("qwen-*", reasoning=ReasoningSwitch.ENABLE_THINKING),
        models("qwen3*", reasoning=ReasoningSwitch.ENABLE_THINKING),
        models("qwen-long*", reasoning=ReasoningSwitch.NONE),
        models("*coder*", reasoning=ReasoningSwitch.NONE),
        models("*-instruct*", reasoning=ReasoningSwitch.NONE),
        models("*-thinking*", reasoning=ReasoningSwitch.NONE),  # it always thinks
        models("*vl-*", images=True),
        models("qwen3.[56]*", images=True),
        models("qwen3-coder-*", max_output_tokens=65_536),
    ),
)

# https://api-docs.deepseek.com/guides/thinking_mode (switch, efforts, `reasoning_content` must come back with tool
# calls), …/quick_start/pricing (384K), …/api/create-chat-completion (16 stop sequences, JSON objects). While it thinks
# a forced tool is refused. Images: deepseek-flash only, by docs.aimlapi.com (2026-10).
_DEEPSEEK = CapabilityRules(
    base=Capabilities(
        max_stop_sequences=16,
        tool_choice_required=False,
        parallel_tool_calls=False,
        images=False,
        image_urls=False,
        reasoning=ReasoningSwitch.THINKING,
        reasoning_efforts=("low", "high", "max"),
        reasoning_history=ReasoningHistory.REASONING_CONTENT,
        response_format=ResponseFormat.JSON_OBJECT,
    ),
    by_model=(
        models("deepseek-v4*", max_output_tokens=384_000),
        models("deepseek-flash*", max_output_tokens=384_000, images=True),
    ),
)

# https://console.groq.com/docs/openai, …/docs/reasoning, …/docs/structured-outputs, …/docs/vision and …/docs/models.
_GROQ = CapabilityRules(
    base=Capabilities(
        max_tokens_field=MaxTokensField.MAX_COMPLETION_TOKENS,
        user_field=UserField.USER,
        images=False,
        response_format=ResponseFormat.JSON_OBJECT,
    ),
    by_model=(
        models(
            "openai/gpt-oss*",
            max_output_tokens=65_536,
            reasoning=ReasoningSwitch.EFFORT,
            reasoning_efforts=_LOW_TO_HIGH,
            response_format=ResponseFormat.JSON_SCHEMA,
        ),
        models(
            "qwen/qwen3-32b*",
            max_output_tokens=40_960,
            reasoning=ReasoningSwitch.EFFORT,
            reasoning_efforts=("none", "default"),
            thinking_in_tags=True,  # where no tools are offered: "the format defaults to raw"
        ),
        models("*llama-4*", max_output_tokens=8_192, images=True, response_format=ResponseFormat.JSON_SCHEMA),
        models("llama-3.3-70b*", max_output_tokens=32_768),
        models("*kimi-k2*", max_output_tokens=16_384, response_format=ResponseFormat.JSON_SCHEMA),
    ),
)

# https://docs.mistral.ai/api. Unknown parameters are refused with 422, in the history's messages too (hermes-agent
# pull request 11390 of 2026-04: `reasoning_content`); usage comes without being asked for. Efforts none and high only,
# by models.dev pull request 1986 of 2026-06, which tried each model. A user message after a tool's result is refused
# ("Unexpected role 'user' after role 'tool'").
_MISTRAL = CapabilityRules(
    base=Capabilities(stream_usage=False, user_after_tool=False),
    by_model=tuple(
        models(pattern, reasoning=ReasoningSwitch.EFFORT, reasoning_efforts=("none", "high"))
        for pattern in ("mistral-small-latest", "mistral-small-26*", "mistral-medium-26*", "mistral-medium-3-5*")
    ),
)

# https://openrouter.ai/docs: reasoning-tokens, parameters (what a model does not take is ignored), pdf-inputs, tools.
_OPENROUTER = CapabilityRules(
    base=Capabilities(
        top_k=True,
        user_field=UserField.USER,
        documents=DocumentForm.FILE,
        reasoning=ReasoningSwitch.REASONING,
        reasoning_efforts=("none", "minimal", "low", "medium", "high", "xhigh"),
        reasoning_history=ReasoningHistory.REASONING,
    )
)

# https://docs.together.ai/reference/chat-completions and …/docs/gpt-oss.
_TOGETHER = CapabilityRules(
    base=Capabilities(top_k=True, parallel_tool_calls=False),
    by_model=(models("openai/gpt-oss*", reasoning=ReasoningSwitch.EFFORT, images=False),),
)

# https://docs.fireworks.ai/guides/reasoning and …/api-reference/post-chatcompletions.
_FIREWORKS = CapabilityRules(
    base=Capabilities(top_k=True, user_field=UserField.USER, parallel_tool_calls=False),
    by_model=tuple(
        models(pattern, reasoning=ReasoningSwitch.EFFORT)
        for pattern in ("*gpt-oss*", "*deepseek-v[34]*", "*qwen3-*", "*glm-[45]*", "*kimi-k2*")
    ),
)

# https://docs.x.ai/docs/guides/reasoning: reasoning models refuse `stop`; efforts by model, the rest refuses any. For
# grok-4.3: Vercel's AI SDK, @ai-sdk/xai 3.0.97 (2026-05).
_XAI = CapabilityRules(
    base=Capabilities(max_stop_sequences=0, user_field=UserField.USER),
    by_model=(
        models("grok-3-mini*", reasoning=ReasoningSwitch.EFFORT, reasoning_efforts=("low", "high")),
        models("grok-4.3*", reasoning=ReasoningSwitch.EFFORT, reasoning_efforts=_NONE_TO_HIGH),
        models("grok-[3c]*", images=False),
    ),
)

# https://platform.kimi.ai/docs: models, thinking, vision (data only). Sampling is fixed for kimi-*, which answer 400
# otherwise; which models think always: java.agentscope.io (2026-10). `tool_choice` "required" is not supported.
_MOONSHOT = CapabilityRules(
    base=Capabilities(
        max_tokens_field=MaxTokensField.MAX_COMPLETION_TOKENS,
        tool_choice_required=False,
        parallel_tool_calls=False,
        image_urls=False,
        response_format=ResponseFormat.JSON_OBJECT,
    ),
    by_model=(
        models("kimi-*", temperature=False, top_p=False, reasoning_history=ReasoningHistory.REASONING_CONTENT),
        models("kimi-k2.[56]*", reasoning=ReasoningSwitch.THINKING, reasoning_efforts=()),
        models("kimi-k3*", reasoning=ReasoningSwitch.EFFORT, reasoning_efforts=("low", "high", "max")),
        models("moonshot-v1-*", images=False),
        models("moonshot-v1-*vision*", images=True),
    ),
)

# https://docs.z.ai: api-reference/llm/chat-completion (one stop word, `tool_choice` auto only), guides/capabilities/
# thinking-mode. `stream_options` is not known (java.agentscope.io, 2026-10); usage comes without it. glm-5.3 always
# thinks, and a limit above 131 072 is refused (dev.to/aihubmix, 2026-08).
_ZAI = CapabilityRules(
    base=Capabilities(
        max_stop_sequences=1,
        stream_usage=False,
        tool_choice_required=False,
        parallel_tool_calls=False,
        images=False,
        reasoning=ReasoningSwitch.THINKING,
        reasoning_efforts=(),
        reasoning_history=ReasoningHistory.REASONING_CONTENT,
        response_format=ResponseFormat.JSON_OBJECT,
    ),
    by_model=(
        models("glm-4.5*", max_output_tokens=98_304),
        models("glm-4.[67]*", max_output_tokens=131_072),
        models("glm-5*", max_output_tokens=131_072),
        models("glm-5.3*", reasoning=ReasoningSwitch.EFFORT, reasoning_efforts=("low", "high", "max")),
        models("glm-4.[5-9]v*", images=True, max_output_tokens=16_384),
        models("glm-5v*", images=True),
    ),
)

HOSTS = {
    "gemini": Preset("Google Gemini", "https://generativelanguage.googleapis.com/v1beta/openai", rules=_GEMINI),
    "qwen": Preset("Qwen (DashScope)", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", rules=_QWEN),
    "deepseek": Preset("DeepSeek", "https://api.deepseek.com/v1", rules=_DEEPSEEK),
    "groq": Preset("Groq", "https://api.groq.com/openai/v1", rules=_GROQ),
    "mistral": Preset("Mistral", "https://api.mistral.ai/v1", rules=_MISTRAL),
    "openrouter": Preset("OpenRouter", "https://openrouter.ai/api/v1", rules=_OPENROUTER),
    "together": Preset("Together AI", "https://api.together.xyz/v1", rules=_TOGETHER),
    "fireworks": Preset("Fireworks AI", "https://api.fireworks.ai/inference/v1", rules=_FIREWORKS),
    "xai": Preset("xAI", "https://api.x.ai/v1", rules=_XAI),
    "moonshot": Preset("Moonshot (Kimi)", "https://api.moonshot.ai/v1", rules=_MOONSHOT),
    "zai": Preset("Z.AI (GLM)", "https://api.z.ai/api/paas/v4", rules=_ZAI),
}
