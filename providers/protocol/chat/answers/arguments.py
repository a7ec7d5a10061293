"""The arguments of one tool call, pieced together from what a stream brings.

Strategy: the Messages API streams the text of one JSON object. Arguments that begin with `{` are such a text and go out
as they come. What begins otherwise is held back until the call ends and then made into an object: nothing and `null`
mean no arguments, and a JSON text inside a JSON text is unwrapped. `{}` is held back too: some providers begin with it
and send the real arguments after it. Others send the whole arguments once more at the end: what begins anew after a
complete object is put aside.
"""

from __future__ import annotations

import enum
from typing import Any

import msgspec

from providers.protocol.chat.answers import lenient_json
from providers.protocol.chat.answers.value_scanner import ValueScanner

UNPARSED = "unparsed_arguments"
"""The one field of an input made of arguments that are no JSON object, so that the model sees what it wrote."""
_EMPTY = "{}"


class _Form(enum.Enum):
    UNKNOWN = "nothing yet, or what may be a placeholder"
    OBJECT = "the text of an object, which goes out as it comes"
    OTHER = "something else, which is held back"


class Arguments:
    """`add` takes the next piece and gives what may go out now; `finish` gives what is left when the call has ended.

    `problem` then says in words what is wrong with the arguments, if anything is.
    """

    def __init__(self) -> None:
        self.problem = ""
        self._pieces: list[str] = []
        self._surplus: list[str] = []
        self._form = _Form.UNKNOWN
        self._scanner = ValueScanner()
        self._scanned = 0

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def add(self, piece: str) -> str:
        if self._surplus or (self._pieces and self._begins_anew(piece)):
            self._surplus.append(piece)
            return ""
        self._pieces.append(piece)
        return piece if self._form is _Form.OBJECT else self._begin()

    def is_complete(self) -> bool:
        """Whether the arguments are whole as they are."""
        for piece in self._pieces[self._scanned :]:
            self._scanner.feed(piece)
        self._scanned = len(self._pieces)
        return self._scanner.ended

    def finish(self) -> str:
        text = self.text
        if "".join(self._surplus).strip() not in ("", text.strip()):
            self.problem = "had more text after their end, which was left out"
        if self._form is _Form.OBJECT:
            self._check(text)
            return ""
        return self._made_into_an_object(text)

    def _begins_anew(self, piece: str) -> bool:
        if not piece.lstrip().startswith("{") or not self.is_complete():
            return False
        if self._form is _Form.UNKNOWN:
            self._pieces.clear()
            self._scanned = 0
            return False
        return True

    def _begin(self) -> str:
        if self._form is _Form.OTHER or (text := self.text.lstrip()).rstrip() in ("", _EMPTY):
            return ""
        self._form = _Form.OBJECT if text.startswith("{") else _Form.OTHER
        return text if self._form is _Form.OBJECT else ""

    def _check(self, text: str) -> None:
        if not lenient_json.is_object(text):
            self.problem = self.problem or "are not a complete JSON object"

    def _made_into_an_object(self, text: str) -> str:
        inner = _unwrapped(text)
        if inner in ("", "null", _EMPTY):
            return _EMPTY
        if lenient_json.is_object(inner):
            return inner
        self.problem = f"are not a JSON object and became the field {UNPARSED}"
        return as_unparsed(text)


def as_unparsed(text: str) -> str:
    """The input, as JSON, that stands for arguments which are no object."""
    return msgspec.json.encode({UNPARSED: text}).decode()


def _unwrapped(text: str) -> str:
    """The text inside a JSON string, and inside that one's."""
    text = text.strip()
    while text.startswith('"') and isinstance(inner := _value(text), str):
        text = inner.strip()
    return text


def _value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except lenient_json.UNREADABLE:
        return None
