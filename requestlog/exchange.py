"""One request and its answer, filled in as it travels through the gateway.

The hot path owns an `Exchange` from the moment the request's head is there until the client has its last byte. The
field names are the columns of `requestlog.models.Entry`; what the log stores apart from the entry (headers and bodies)
is held beside them. Times are Unix seconds, UTC. `conversion_notes` say in words what was changed or left out between
the client's format and the provider's; `usage_is_estimate`: the provider reported no usage, the tokens are a guess.
`call_kind` says whether the main loop, a subagent or a side call asks; `subagent` is a subagent's name, empty while it
is not known, and `subagent_known_by` how it is known.
"""

from __future__ import annotations

import enum
import os
import time
import uuid
from dataclasses import dataclass, field

import msgspec

Headers = list[tuple[str, str]]


class Outcome(enum.StrEnum):
    """How an exchange ended. `IN_FLIGHT` is the only value that may still change; the others exclude each other."""

    IN_FLIGHT = "in_flight"
    COMPLETED = "completed"
    CLIENT_LEFT = "client_left"
    UPSTREAM_FAILED = "upstream_failed"
    REJECTED = "rejected"
    INTERRUPTED = "interrupted"


class BodiesState(enum.StrEnum):
    """What the log holds of an exchange's headers and bodies."""

    KEPT = "kept"
    NOT_KEPT = "not_kept"
    PRUNED = "pruned"


class Attempt(msgspec.Struct, frozen=True):
    """One try at an upstream target. `status` is None when no answer came; `error` then says why."""

    provider: str
    model: str
    started_at: float
    duration_ms: float
    status: int | None = None
    error: str = ""


def uuid7() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562, version 7, method 3): sorting by id is sorting by time, to 1/4096 ms."""
    milliseconds, fraction = divmod(time.time_ns(), 1_000_000)
    value = milliseconds << 80 | 7 << 76 | (fraction * 4096 // 1_000_000) << 64
    value |= 2 << 62 | int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    return uuid.UUID(int=value)


@dataclass(slots=True)
class Exchange:
    id: uuid.UUID = field(default_factory=uuid7)
    received_at: float = field(default_factory=time.time)
    upstream_answered_at: float | None = None
    first_token_at: float | None = None
    finished_at: float | None = None

    client_address: str = ""
    client_key: str = ""
    user_agent: str = ""
    session_id: str = ""
    agent_id: str = ""
    parent_agent_id: str = ""
    call_kind: str = ""
    subagent: str = ""
    subagent_known_by: str = ""
    agent_fingerprint: str = ""

    method: str = ""
    path: str = ""
    requested_model: str = ""
    routed_model: str = ""
    provider: str = ""
    wire_format: str = ""
    streamed: bool = False
    message_count: int | None = None
    tools_offered: int | None = None
    decision_reason: str = ""
    config_revision: int | None = None
    conversion_notes: list[str] = field(default_factory=list)
    usage_is_estimate: bool = False

    status: int | None = None
    outcome: Outcome = Outcome.IN_FLIGHT
    stop_reason: str = ""
    error_type: str = ""
    error_message: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    upstream_request_id: str = ""
    overhead_ms: float | None = None
    request_bytes: int = 0
    response_bytes: int = 0

    request_headers: Headers = field(default_factory=list)
    sent_headers: Headers = field(default_factory=list)
    response_headers: Headers = field(default_factory=list)

    def finish(self, outcome: Outcome, error_type: str = "", error_message: str = "") -> None:
        """End the exchange. The first call wins: what happened first is the cause, what follows is its consequence."""
        if self.outcome is not Outcome.IN_FLIGHT:
            return
        self.outcome = outcome
        self.finished_at = time.time()
        if error_type or error_message:
            self.error_type, self.error_message = error_type, error_message
