"""What comes of converting an answer: an error, or a message with what there is to say about its conversion."""

from __future__ import annotations

from dataclasses import dataclass

from providers.protocol.errors import ErrorType, error_body


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An upstream's error in the API's terms. `headers` tell the client when to try again, names in lower case."""

    status: int
    error_type: ErrorType
    message: str
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def body(self) -> bytes:
        return error_body(self.error_type, self.message)


class AnswerFailed(Exception):
    """The upstream's answer is an error, or nothing that a message can be made of."""

    def __init__(self, error: ErrorAnswer) -> None:
        super().__init__(error.message)
        self.error = error


@dataclass(frozen=True, slots=True)
class ConvertedMessage:
    """`body` is the message's JSON. `notes` say what was changed; `usage_is_estimate`: the upstream reported none."""

    body: bytes
    notes: tuple[str, ...] = ()
    usage_is_estimate: bool = False
