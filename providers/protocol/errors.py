"""Errors in the Messages API's shape.

    {"type": "error", "error": {"type": "invalid_request_error", "message": "…"}}

Source of types and statuses: the Messages API's public error reference.
"""

from __future__ import annotations

import enum

import msgspec

from providers.protocol.sse import encode_event


class ErrorType(enum.StrEnum):
    INVALID_REQUEST = "invalid_request_error"
    AUTHENTICATION = "authentication_error"
    BILLING = "billing_error"
    PERMISSION = "permission_error"
    NOT_FOUND = "not_found_error"
    REQUEST_TOO_LARGE = "request_too_large"
    RATE_LIMIT = "rate_limit_error"
    API = "api_error"
    TIMEOUT = "timeout_error"
    OVERLOADED = "overloaded_error"


class ErrorDetail(msgspec.Struct):
    type: str = ""
    message: str = ""


class _ErrorBody(msgspec.Struct, kw_only=True):
    type: str = "error"
    error: ErrorDetail


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_ErrorBody).decode


def error_body(error_type: str, message: str) -> bytes:
    """The JSON body of an error response."""
    return _encode(_ErrorBody(error=ErrorDetail(error_type, message)))


def error_event(body: bytes) -> bytes:
    """The stream event that tells the same as an error response's JSON `body`."""
    return encode_event("error", body)


def read_error(body: bytes) -> ErrorDetail | None:
    """The error of an error response or event; None where the body has another shape."""
    try:
        return _decode(body).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
