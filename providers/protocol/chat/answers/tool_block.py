"""A tool call as a content block: it begins when its name is known, and its arguments go out as they come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from providers.protocol import messages_events
from providers.protocol.chat.answers.arguments import Arguments
from providers.protocol.chat.answers.content_blocks import ContentBlock, EventSink
from providers.protocol.chat.answers.declared_names import DeclaredNames
from providers.protocol.chat.answers.half_characters import HalfCharacters
from providers.protocol.chat.context import ThoughtSignatures
from providers.protocol.chat.tool_ids import ToolIds
from providers.protocol.messages_events import DELTA_TAIL, DeltaKind, encode_text


@dataclass(frozen=True)
class CallSetting:
    """What the calls of one answer share. `note` takes in words what was changed."""

    signatures: ThoughtSignatures | None
    names: DeclaredNames
    ids: ToolIds
    note: Callable[[str], None]


class ToolBlock(ContentBlock):
    """`index` and `upstream_id` are what the upstream tells its calls apart by, each as far as it is known."""

    def __init__(self, sink: EventSink, setting: CallSetting) -> None:
        super().__init__(sink)
        self.index: int | None = None
        self.upstream_id = ""
        self.name = ""
        self._setting = setting
        self._arguments = Arguments()
        self._halves = HalfCharacters()
        self._waiting: list[str] = []
        self._signature = ""
        self._id = ""
        self._head = b""
        self._block = -1
        self._live = False
        self._closed = False

    def add_name(self, name: str) -> None:
        """The first name counts: some upstreams repeat it with every piece."""
        if name and not self.name and not self._closed:
            self.name = name
            if self._live:
                self._begin()

    def add_arguments(self, piece: str) -> None:
        if not piece.isascii() or self._halves.pending:
            piece = self._halves.join(piece)
        if self._closed:
            self._add_too_late(piece)
        elif ready := self._arguments.add(piece):
            self._give(ready)

    def add_signature(self, signature: str) -> None:
        """What must come back with this call; the Messages format has no place for it."""
        self._signature = signature
        if self._id:
            self._remember()

    def is_complete(self) -> bool:
        return self._closed or self._arguments.is_complete()

    def repeats(self, arguments: str) -> bool:
        """Whether `arguments` say nothing that is new after those so far."""
        return arguments.strip() in ("", self._arguments.text.strip())

    def go_live(self) -> None:
        self._live = True
        if self.name:
            self._begin()

    def may_close(self) -> bool:
        return bool(self.name) and self._arguments.is_complete()

    def close(self) -> None:
        self._closed = True
        if self.name:
            self._end()
        elif self.upstream_id or self._arguments.text.strip():
            self._setting.note(f"A tool call without a name was left out; its arguments: {self._arguments.text[:200]}")

    def _begin(self) -> None:
        name = self._setting.names.restore(self.name)
        if name not in self._setting.names:
            self._setting.note(f"The model called a tool that it was not offered: {self.name}")
        self._id = self._setting.ids.claim(self.upstream_id)
        self._remember()
        self._block = self._sink.begin_block({"type": "tool_use", "id": self._id, "name": name, "input": {}})
        self._sink.tool_uses += 1
        self._sink.characters += len(name)
        self._head = messages_events.delta_head(self._block, DeltaKind.INPUT_JSON)
        if self._waiting:
            self._give("".join(self._waiting))

    def _give(self, text: str) -> None:
        if not self._head:
            self._waiting.append(text)
            return
        self._sink.characters += len(text)
        self._sink.events.append(self._head + encode_text(text) + DELTA_TAIL)

    def _end(self) -> None:
        if rest := self._arguments.finish():
            self._give(rest)
        if self._arguments.problem:
            self._setting.note(f"The arguments of the tool call {self.name} {self._arguments.problem}.")
        self._sink.events.append(messages_events.block_stop(self._block))

    def _add_too_late(self, piece: str) -> None:
        if not self.repeats(piece):
            self._setting.note(f"Arguments that came after the end of the tool call {self.name} were left out.")

    def _remember(self) -> None:
        if self._signature and self._setting.signatures is not None:
            self._setting.signatures.remember(self._id, self._signature)
