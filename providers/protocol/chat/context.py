"""What the conversion of a request leaves for the conversion of its answer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field


class ThoughtSignatures:
    """Gemini's signatures of tool calls, by the id of the `tool_use` block: the Messages format has no place for them.

    Bounded: the oldest go first. A signature that is not here any more (another process served the turn before) is
    replaced by `SKIP_VALIDATION`, which Google documents for histories that come from elsewhere.
    """

    SKIP_VALIDATION = "skip_thought_signature_validator"

    def __init__(self, limit: int = 10_000) -> None:
        self._limit = limit
        self._by_tool_use: OrderedDict[str, str] = OrderedDict()

    def remember(self, tool_use_id: str, signature: str) -> None:
        self._by_tool_use[tool_use_id] = signature
        self._by_tool_use.move_to_end(tool_use_id)
        while len(self._by_tool_use) > self._limit:
            self._by_tool_use.popitem(last=False)

    def of(self, tool_use_id: str) -> str:
        return self._by_tool_use.get(tool_use_id, self.SKIP_VALIDATION)


@dataclass(frozen=True)
class AnswerContext:
    """One request, as the conversion of its answer needs to know it.

    `requested_model` is the name that the client asked for and reads in the answer. `message_id` is the id of the
    answer's message; ids of tool calls without one are made from it. `declared_tools` maps the names of tools as they
    were sent to the names as the client declared them. `used_tool_ids` are the ids of the history's tool calls, which
    an answer must not use again. `input_estimate` is a guess in tokens for as long as nothing better is known.
    `thinking_in_tags` says that the answer may begin with its thinking as text, between tags.
    """

    requested_model: str
    message_id: str = "msg_0"
    declared_tools: Mapping[str, str] = field(default_factory=dict)
    used_tool_ids: frozenset[str] = frozenset()
    stop_sequences: tuple[str, ...] = ()
    input_estimate: int = 0
    signatures: ThoughtSignatures | None = None
    thinking_in_tags: bool = False
