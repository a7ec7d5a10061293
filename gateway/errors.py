"""What the gateway itself answers instead of serving a request.

    ApiError
    ├── InvalidBody              400  not HTTP, not JSON, not UTF-8, no model
    ├── ClientUnknown            401  no or an unknown, disabled or expired key
    ├── HostNotAllowed           403  a Host header that is not in ALLOWED_HOSTS
    ├── EndpointNotFound         404
    ├── MethodNotAllowed         405
    ├── BodyTooLarge             413
    ├── HeadersTooLarge          431
    ├── ProviderUnusable         500  its credential cannot be read, say
    │   └── NoDefaultProvider
    ├── ProviderFailed           502  unreachable, or no valid answer
    ├── ProviderAnsweredError    4xx and 5xx  the error of a provider that speaks another format, in the API's terms
    ├── NotReady                 503  the configuration was never read
    ├── ProviderTimedOut         504
    └── LogFull                  529  the request could not be logged, so it is not served

Each becomes an error in the Messages API's shape: Claude Code shows the text, and decides by status and type whether to
try again.
"""

from __future__ import annotations

from providers.protocol.answers import ErrorAnswer
from providers.protocol.errors import ErrorType, error_body
from requestlog.exchange import Outcome


class ApiError(Exception):
    status = 500
    error_type = ErrorType.API
    outcome = Outcome.REJECTED
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def body(self) -> bytes:
        return error_body(self.error_type, str(self))


class InvalidBody(ApiError):
    status = 400
    error_type = ErrorType.INVALID_REQUEST


class ClientUnknown(ApiError):
    status = 401
    error_type = ErrorType.AUTHENTICATION


class HostNotAllowed(ApiError):
    status = 403
    error_type = ErrorType.PERMISSION


class EndpointNotFound(ApiError):
    status = 404
    error_type = ErrorType.NOT_FOUND


class MethodNotAllowed(ApiError):
    status = 405
    error_type = ErrorType.INVALID_REQUEST


class BodyTooLarge(ApiError):
    status = 413
    error_type = ErrorType.REQUEST_TOO_LARGE


class HeadersTooLarge(ApiError):
    status = 431
    error_type = ErrorType.INVALID_REQUEST


class ProviderUnusable(ApiError):
    status = 500


class NoDefaultProvider(ProviderUnusable):
    def __init__(self) -> None:
        super().__init__("No enabled provider is the default one: choose one in the gateway's admin.")


class ProviderFailed(ApiError):
    status = 502
    outcome = Outcome.UPSTREAM_FAILED


class ProviderAnsweredError(ApiError):
    outcome = Outcome.UPSTREAM_FAILED

    def __init__(self, error: ErrorAnswer) -> None:
        super().__init__(error.message)
        self.status, self.error_type, self.headers = error.status, error.error_type, error.headers


class NotReady(ApiError):
    status = 503
    headers = ((b"retry-after", b"1"),)


class ProviderTimedOut(ApiError):
    status = 504
    error_type = ErrorType.TIMEOUT
    outcome = Outcome.UPSTREAM_FAILED


class LogFull(ApiError):
    status = 529
    error_type = ErrorType.OVERLOADED
    headers = ((b"retry-after", b"5"),)
