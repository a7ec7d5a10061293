"""An upstream's error as one of the Messages API: the status and the wording stay, the type follows the status.

Clients recover by status, type and wording, so nothing is reworded, with two exceptions: that a request is too long is
said in the API's own words, and credentials are hidden. An error that came with status 200 gets the status that its
body tells. Source of types and statuses: the Messages API's public error reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from providers.protocol.answers import ErrorAnswer
from providers.protocol.chat.answers.context_length import recovery_wording
from providers.protocol.chat.answers.error_bodies import ErrorReading, read_error_body
from providers.protocol.chat.answers.masking import mask_keys
from providers.protocol.chat.answers.retry import retry_headers
from providers.protocol.errors import ErrorType

BAD_REQUEST = 400
BAD_GATEWAY = 502
_SERVER_ERROR = 500
_REDIRECTS = range(300, 400)
_ERROR_STATUSES = range(400, 600)
_SHOWN_BYTES = 500

_TYPE_BY_STATUS = {
    401: ErrorType.AUTHENTICATION,
    402: ErrorType.BILLING,
    403: ErrorType.PERMISSION,
    404: ErrorType.NOT_FOUND,
    408: ErrorType.TIMEOUT,
    413: ErrorType.REQUEST_TOO_LARGE,
    429: ErrorType.RATE_LIMIT,
    503: ErrorType.OVERLOADED,
    504: ErrorType.TIMEOUT,
    522: ErrorType.TIMEOUT,
    524: ErrorType.TIMEOUT,
    529: ErrorType.OVERLOADED,
}
"""The others are `invalid_request_error` below 500, `api_error` from there on. 522 and 524 are Cloudflare's."""

_STATUS_BY_NAME = {
    "invalid_request_error": 400,
    "invalid_argument": 400,
    "failed_precondition": 400,
    "badrequesterror": 400,
    "bad_request": 400,
    "authentication_error": 401,
    "invalid_api_key": 401,
    "unauthenticated": 401,
    "billing_error": 402,
    "permission_error": 403,
    "permission_denied": 403,
    "not_found_error": 404,
    "not_found": 404,
    "notfounderror": 404,
    "model_not_found": 404,
    "request_too_large": 413,
    "insufficient_quota": 429,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "resource_exhausted": 429,
    "internal": 500,
    "internal_server_error": 500,
    "internalservererror": 500,
    "server_error": 500,
    "service_unavailable": 503,
    "serviceunavailableerror": 503,
    "unavailable": 503,
    "deadline_exceeded": 504,
    "timeout_error": 504,
    "overloaded": 529,
    "overloaded_error": 529,
    "engine_overloaded": 529,
    "engine_overloaded_error": 529,
}
"""Types and codes in bodies -> the status that such an error has elsewhere."""


_STATUS_BY_TYPE = {ErrorType.OVERLOADED: 529, ErrorType.TIMEOUT: 504}


def convert_error(status: int, headers: Mapping[bytes, bytes], body: bytes) -> ErrorAnswer:
    """The error for the client. `status` is the upstream's, also one below 400; header names are in lower case."""
    reading = read_error_body(body)
    silent = f"The provider answered {status} without a body."
    if status in _REDIRECTS and (place := headers.get(b"location")):
        reading = ErrorReading(_redirect_message(status, place))
    status = status if status in _ERROR_STATUSES else _told_status(reading)
    if wording := recovery_wording(status, reading):
        return ErrorAnswer(BAD_REQUEST, ErrorType.INVALID_REQUEST, mask_keys(wording))
    message = reading.message or silent
    return ErrorAnswer(status, error_type_of(status), mask_keys(message), retry_headers(status, headers, reading))


def error_type_of(status: int) -> ErrorType:
    return _TYPE_BY_STATUS.get(status) or (ErrorType.API if status >= _SERVER_ERROR else ErrorType.INVALID_REQUEST)


def gateway_error(error_type: ErrorType, message: str) -> ErrorAnswer:
    """The upstream answered with something that is no answer; its words in `message` are made safe to show."""
    return ErrorAnswer(_STATUS_BY_TYPE.get(error_type, BAD_GATEWAY), error_type, mask_keys(message))


def _redirect_message(status: int, place: bytes) -> str:
    """It is not followed: the credential is for the host that was asked."""
    told = place[:_SHOWN_BYTES].decode("latin-1")
    return f"The provider answered {status} and sends to {told}: correct its base URL in the gateway's admin."


def _told_status(reading: ErrorReading) -> int:
    if reading.status is not None:
        return reading.status
    told = (_STATUS_BY_NAME[name] for name in sorted(reading.names) if name in _STATUS_BY_NAME)
    return max(told, default=BAD_GATEWAY)
