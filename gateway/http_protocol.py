"""uvicorn's HTTP protocol, with our answer to bytes that are no HTTP.

uvicorn answers such bytes in plain text and tells nobody. Here the answer has the API's shape and the log gets its
entry: by the exchange that is under way when the request's body is broken, or by one of its own when already the head
is. What the parser itself would collect without end (a head, a trailer) is bounded while it comes in.
"""

from __future__ import annotations

from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from gateway.asgi import api_application
from gateway.errors import ApiError, HeadersTooLarge, InvalidBody
from gateway.handler import MAX_HEADER_BYTES
from requestlog.exchange import Exchange, Outcome


class GatewayHttpProtocol(HttpToolsProtocol):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._withheld_bytes = 0
        """Bytes since the parser last gave something out: of a head, a trailer or the line before a chunk."""

    def data_received(self, data: bytes) -> None:
        self._withheld_bytes += len(data)
        super().data_received(data)
        if self._withheld_bytes > MAX_HEADER_BYTES and not self.transport.is_closing():
            self._refuse(HeadersTooLarge(f"The request's headers are longer than {MAX_HEADER_BYTES} bytes."))

    def on_message_begin(self) -> None:
        self._in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # a trailer's fields are no headers: they would come after these were checked
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head, self._withheld_bytes = False, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._withheld_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._withheld_bytes = 0
        super().on_message_complete()

    def eof_received(self) -> None:
        if self._body_under_way():
            self._refuse(InvalidBody("The connection was closed for writing before the request body's end."))

    def send_400_response(self, msg: str) -> None:
        self._refuse(InvalidBody("The request is not valid HTTP/1.1."))

    def _body_under_way(self) -> bool:
        return self.cycle is not None and self.cycle.more_body and not self.cycle.response_started

    def _refuse(self, error: ApiError) -> None:
        if self._body_under_way():
            # Its exchange is waiting for the body, and ends with this.
            cast(dict[str, Any], self.cycle.scope)["http_error"] = error
        else:
            _log(error, self.client)
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_response(error))
        self.transport.close()


def _response(error: ApiError) -> bytes:
    head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(error.body)
    return STATUS_LINE[error.status] + head + error.body


def _log(error: ApiError, client: tuple[str, int] | None) -> None:
    exchange = Exchange(client_address=client[0] if client else "", status=error.status)
    exchange.finish(Outcome.REJECTED, error.error_type, str(error))
    api_application.journal.finish(exchange, error.body)
