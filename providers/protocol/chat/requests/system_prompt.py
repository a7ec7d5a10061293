"""The system prompt as one message: its blocks joined by blank lines, without what is meant for Anthropic's billing."""

from __future__ import annotations

from typing import Any

import msgspec

from providers.protocol.chat.requests.blocks import convert_block
from providers.protocol.chat.requests.conversion import BETWEEN_TEXTS, ChatMessage, Conversion, inner_blocks, texts_of
from providers.protocol.chat.requests.reading import Fields

_BILLING = "x-anthropic-billing-header:"
"""Begins a block that Claude Code puts first. It differs from request to request and so would defeat prompt caches."""

_decode_system = msgspec.json.Decoder(str | list[dict[str, Any]])


def convert_system(conversion: Conversion, fields: Fields, *further: str) -> list[ChatMessage]:
    """The message with the system prompt and `further` texts behind it; none where there is nothing to say."""
    blocks = inner_blocks(fields.read("system", _decode_system), "system")
    parts = [part for index, block in enumerate(blocks) for part in convert_block(conversion, block, f"system.{index}")]
    texts = [text for text in texts_of(parts) if not text.lstrip().startswith(_BILLING)]
    text = BETWEEN_TEXTS.join([*texts, *further])
    return [{"role": conversion.capabilities.system_role.value, "content": text}] if text else []
