"""Many clients at once, each of them stopped in the middle of its exchange."""

from __future__ import annotations

import enum
from types import TracebackType
from typing import Self

from tests.chaos.visitor import TOLD, question
from tests.support.anthropic_api import events
from tests.support.gateway import RunningGateway
from tests.support.http_client import JSON, BrokenOff, HttpClient, request_head
from tests.support.loop_thread import Gate
from tests.support.scripted_response import Response
from tests.support.upstream import RecordedRequest, ScriptedUpstream

_OF_EACH = 4


class Phase(enum.StrEnum):
    """How far an exchange has come."""

    ANSWERED = "the client has its whole answer"
    STREAMING = "the client has the first part of its answer"
    HELD = "the upstream has the request and is silent"
    UPLOADING = "the gateway has half of the request's body"


class Crowd:
    """Four clients in each phase. Entering the context brings them there, leaving it lets them all go."""

    def __init__(self, gateway: RunningGateway, upstream: ScriptedUpstream) -> None:
        self._upstream = upstream
        self._rest = Gate()
        self._phases = {question(metadata={"user_id": phase}): phase for phase in Phase for _ in range(_OF_EACH)}
        self._clients = {body: HttpClient(gateway.port) for body in self._phases}
        upstream.answer_by(self._respond)

    def __enter__(self) -> Self:
        self._gather()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rest.open()
        for client in self._clients.values():
            client.leave()

    def in_phase(self, *phases: Phase) -> list[bytes]:
        return [body for body, phase in self._phases.items() if phase in phases]

    def accepted(self) -> list[bytes]:
        """The requests that the upstream has got."""
        return self.in_phase(Phase.ANSWERED, Phase.STREAMING, Phase.HELD)

    def outcomes_if_cut(self) -> dict[bytes, str]:
        """What becomes of the accepted requests when nothing more is served."""
        return dict.fromkeys(self.accepted(), "interrupted") | self._answered()

    def go_on(self) -> dict[bytes, str]:
        """Let every client and the upstream send the rest; what became of the requests that were accepted."""
        self._rest.open()
        outcomes = {body: self._outcome(body) for body in self.in_phase(Phase.STREAMING, Phase.HELD)}
        uploads = self.in_phase(Phase.UPLOADING)
        return outcomes | dict.fromkeys(filter(self._upload, uploads), "completed") | self._answered()

    def _gather(self) -> None:
        for body, phase in self._phases.items():
            upload = body[: len(body) // 2] if phase is Phase.UPLOADING else body
            self._clients[body].send(request_head("POST", "/v1/messages", _headers(body)) + upload)
        for body in self.in_phase(Phase.ANSWERED):
            assert self._clients[body].answer().body == b"".join(TOLD)
        for body in self.in_phase(Phase.STREAMING):
            self._clients[body].wait_for(TOLD[3])
        self._upstream.wait_for_requests(len(self.accepted()))

    def _answered(self) -> dict[bytes, str]:
        return dict.fromkeys(self.in_phase(Phase.ANSWERED), "completed")

    def _upload(self, body: bytes) -> bool:
        """Send the second half of the body; whether that led to an answer."""
        try:
            self._clients[body].send(body[len(body) // 2 :])
        except ConnectionError:
            return False
        return self._outcome(body) == "completed"

    def _outcome(self, body: bytes) -> str:
        try:
            return "completed" if self._clients[body].answer().body == b"".join(TOLD) else "garbled"
        except BrokenOff:
            return "interrupted"

    def _respond(self, request: RecordedRequest) -> Response:
        match self._phases.get(request.body):
            case Phase.STREAMING:
                return events([*TOLD[:4], self._rest, *TOLD[4:]])
            case Phase.HELD:
                return events(TOLD).held(self._rest)
            case _:
                return events(TOLD)


def _headers(body: bytes) -> list[tuple[str, str]]:
    return [JSON, ("content-length", str(len(body)))]
