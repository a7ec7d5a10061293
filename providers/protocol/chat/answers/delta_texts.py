"""The texts in a delta: what it adds to the answer's text and to its thinking, in whatever field an upstream puts it.

reasoning_content, reasoning                     a text, or a list of parts     (DeepSeek, Qwen, vLLM; OpenRouter, Groq)
reasoning_details                                a list of details              (OpenRouter)
content                                          a text, or a list of parts     (all; Mistral)
{"type": "thinking", "thinking": text or parts}  a part of `content`            (Mistral)
refusal                                          a text                         (OpenAI)
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any, NamedTuple

from providers.protocol.chat.answers.chunks import Delta


class TextKind(enum.Enum):
    TEXT = "text"
    THINKING = "thinking"
    REFUSAL = "refusal"
    LEFT_OUT = "left out"
    """The text is the type of a part that the Messages format has no place for."""


class Piece(NamedTuple):
    kind: TextKind
    text: str


_PART_KINDS = {
    "text": (TextKind.TEXT, "text"),
    "output_text": (TextKind.TEXT, "text"),
    "refusal": (TextKind.REFUSAL, "refusal"),
    "thinking": (TextKind.THINKING, "thinking"),
    "reasoning": (TextKind.THINKING, "text"),
    "reasoning.text": (TextKind.THINKING, "text"),
    "reasoning.summary": (TextKind.THINKING, "summary"),
}
"""Type of a part -> what it is, and the field with its text or its parts."""
_SILENTLY_LEFT_OUT = {"reasoning.encrypted"}


def thinking_of(delta: Delta) -> str:
    """Two fields with the same text say it once; the details repeat what the fields say."""
    texts = [_joined(delta.reasoning_content), _joined(delta.reasoning)]
    if texts[0] == texts[1]:
        texts.pop()
    return "".join(texts) or _joined(delta.reasoning_details)


def pieces_of(parts: list[Any]) -> Iterator[Piece]:
    """What a list of parts adds, in its order."""
    for part in parts:
        if isinstance(part, str):
            yield Piece(TextKind.TEXT, part)
        elif isinstance(part, dict):
            yield from _pieces_of_part(part)


def _pieces_of_part(part: dict[str, Any]) -> Iterator[Piece]:
    kind_name = str(part.get("type", "text"))
    if kind_name in _SILENTLY_LEFT_OUT:
        return
    kind, field = _PART_KINDS.get(kind_name, (TextKind.LEFT_OUT, ""))
    yield Piece(kind, _joined(part.get(field)) if field else kind_name)


def _joined(value: Any) -> str:
    """A text, or the texts of a list of parts."""
    if isinstance(value, list):
        return "".join(piece.text for piece in pieces_of(value) if piece.kind is not TextKind.LEFT_OUT)
    return value if isinstance(value, str) else ""
