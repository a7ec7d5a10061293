"""Servers that one runs oneself. Which model runs on them is unknown, so most is left to what every model takes."""

from __future__ import annotations

from providers.presets.base import Preset, models
from providers.protocol.chat.capabilities import (
    Capabilities,
    CapabilityRules,
    ReasoningHistory,
    ReasoningSwitch,
    UserField,
)

# https://docs.ollama.com/api/openai-compatibility and …/capabilities/thinking. A model that cannot think refuses the
# effort; gpt-oss cannot be kept from thinking. Images by URL are on the list only since 2026, so data are sent.
_OLLAMA = CapabilityRules(
    base=Capabilities(parallel_tool_calls=False, image_urls=False, reasoning_history=ReasoningHistory.REASONING),
    by_model=(
        *(
            models(pattern, reasoning=ReasoningSwitch.EFFORT, reasoning_efforts=("none", "low", "medium", "high"))
            for pattern in ("*qwen3*", "*deepseek-r1*", "*deepseek-v3.1*", "*magistral*")
        ),
        models("*coder*", reasoning=ReasoningSwitch.NONE),
        models("*instruct*", reasoning=ReasoningSwitch.NONE),
        models("*gpt-oss*", reasoning=ReasoningSwitch.EFFORT),
    ),
)

# https://docs.vllm.ai/en/stable/serving/openai_compatible_server and …/features/reasoning_outputs. The kwargs reach the
# model's chat template, and one that does not know them passes over them; gpt-oss goes by the effort.
_VLLM = CapabilityRules(
    base=Capabilities(top_k=True, reasoning=ReasoningSwitch.TEMPLATE),
    by_model=(models("*gpt-oss*", reasoning=ReasoningSwitch.EFFORT),),
)

# https://github.com/ggml-org/llama.cpp, tools/server/README.md: `chat_template_kwargs`, `parallel_tool_calls`,
# sampling by `top_k`, JSON Schema by a grammar. Templates that know of earlier reasoning find it in this field.
_LLAMACPP = CapabilityRules(
    base=Capabilities(
        top_k=True, reasoning=ReasoningSwitch.TEMPLATE, reasoning_history=ReasoningHistory.REASONING_CONTENT
    ),
    by_model=(models("*gpt-oss*", reasoning=ReasoningSwitch.EFFORT),),
)

# https://lmstudio.ai/docs/app/api/endpoints/openai: images as data, JSON only by a schema.
_LMSTUDIO = CapabilityRules(base=Capabilities(top_k=True, parallel_tool_calls=False, image_urls=False))

# https://docs.litellm.ai/docs/completion/input: it translates `max_tokens` itself, and refuses what the model behind it
# does not take unless it was started with `drop_params`.
_LITELLM = CapabilityRules(base=Capabilities(parallel_tool_calls=False, user_field=UserField.USER))

SERVERS = {
    "ollama": Preset("Ollama", "http://127.0.0.1:11434/v1", needs_key=False, rules=_OLLAMA),
    "vllm": Preset("vLLM", "http://127.0.0.1:8000/v1", needs_key=False, rules=_VLLM),
    "llamacpp": Preset("llama.cpp", "http://127.0.0.1:8080/v1", needs_key=False, rules=_LLAMACPP),
    "lmstudio": Preset("LM Studio", "http://127.0.0.1:1234/v1", needs_key=False, rules=_LMSTUDIO),
    "litellm": Preset("LiteLLM proxy", "http://127.0.0.1:4000/v1", rules=_LITELLM),
}
