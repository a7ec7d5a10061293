"""Capabilities in words, for the admin: what each is called, and what it means for a request."""

from __future__ import annotations

LABELS = {
    "max_output_tokens": "Longest answer",
    "max_tokens_field": "Limit of the answer",
    "system_role": "Role of the system prompt",
    "mid_conversation_system": "System messages in between",
    "user_after_tool": "User after tool results",
    "temperature": "Temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "max_stop_sequences": "Stop sequences",
    "user_field": "User",
    "prompt_cache_key": "prompt_cache_key",
    "stream_usage": "Usage in streams",
    "tools": "Tools",
    "tool_choice_required": "Forced tools",
    "parallel_tool_calls": "parallel_tool_calls",
    "tool_name_length": "Length of tool names",
    "strict_tools": "Strict tools",
    "schema_dialect": "JSON Schema of tools",
    "thought_signatures": "Thought signatures",
    "images": "Images",
    "image_urls": "Images by URL",
    "documents": "PDFs",
    "reasoning": "Switch for thinking",
    "reasoning_efforts": "Efforts",
    "reasoning_history": "Earlier thinking",
    "response_format": "Structured answers",
}
HELP_TEXTS = {
    "max_output_tokens": "In tokens; more is not asked for.",
    "max_tokens_field": "The parameter that carries it.",
    "mid_conversation_system": "Whether they stay system messages; otherwise they become reminders of the user.",
    "user_after_tool": "Whether the user may speak right after a tool's result; otherwise the assistant nods first.",
    "temperature": "Whether it is sent on.",
    "top_p": "Whether it is sent on.",
    "top_k": "Whether it is sent on.",
    "max_stop_sequences": "How many are taken; 0 for none.",
    "user_field": "The parameter for a hash of the user's id.",
    "prompt_cache_key": "Whether it is sent, one for each session.",
    "stream_usage": "Whether stream_options.include_usage is taken.",
    "tools": "Whether the model can call any.",
    "tool_choice_required": "Whether the model can be made to call a tool; otherwise it is asked to.",
    "parallel_tool_calls": "Whether this parameter is taken.",
    "tool_name_length": "Longer names are shortened, and restored in the answer.",
    "strict_tools": "Whether strict is sent on.",
    "schema_dialect": "gemini: only what Google's Schema type knows.",
    "thought_signatures": "Whether tool calls carry signatures that must come back (Gemini).",
    "images": "Whether the model sees images; otherwise a text says that there was one.",
    "image_urls": "Whether an image may be an address; otherwise only one that is sent along.",
    "documents": "file: as they are; text: the text in them; none: they are refused.",
    "reasoning": "The parameter that turns it on and off.",
    "reasoning_efforts": "From the lowest to the highest, with commas between; none among them turns thinking off.",
    "reasoning_history": "The field in which the model gets its own thinking of earlier turns back.",
    "response_format": "The strongest form that the model takes.",
}


def label_of(capability: str) -> str:
    return LABELS.get(capability, capability.replace("_", " "))
