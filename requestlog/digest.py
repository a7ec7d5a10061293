"""What the log wants to know of a response, and who can tell: the log itself knows no wire format.

The gateway hands the recorder a `Digester`. It runs in the recorder's process, away from the requests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from requestlog.exchange import Exchange


@dataclass(frozen=True, slots=True)
class ResponseDigest:
    """`None` and empty mean: the response did not say. `message` is the response as one JSON message, `complete`
    whether it reached its own end, `error_type` and `error_message` an error that the response carries."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_5m_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    stop_reason: str = ""
    tools_called: tuple[str, ...] = ()
    message: bytes = b""
    complete: bool = True
    error_type: str = ""
    error_message: str = ""


Digester = Callable[[Exchange, bytes], ResponseDigest]
"""Takes a finished exchange and the response's body as the client got it (content encoding included); never raises."""
