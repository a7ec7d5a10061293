"""Serves the API's paths: Django's ASGI handler without what the API does not need.

Left out: middleware (about 15 thread hops a request), the request signals, the temporary file for bodies, the task
for each request. Kept: URL resolution, the views, Django's request and response classes. What middleware would do is
done here: checking the host, errors in the API's shape, noticing that the client has left.

Everything under `/v1/` is an exchange and ends in the log, whatever happens; the other paths are probes and leave no
trace.
"""

from __future__ import annotations

import asyncio
import io
import logging
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import split_domain_port, validate_host
from django.urls import ResolverMatch, get_resolver

from gateway.connection import ClientConnection, ClientLeft, Receive, Scope, Send
from gateway.errors import (
    ApiError,
    BodyTooLarge,
    EndpointNotFound,
    HeadersTooLarge,
    HostNotAllowed,
    MethodNotAllowed,
)
from gateway.flow import Flow, RequestJournal
from gateway.streaming import RelayResponse, send_relayed
from providers.adapters.base import HeaderList
from providers.protocol.errors import error_event
from requestlog.exchange import Outcome

MAX_HEADER_BYTES = 64 * 1024
_NO_BODY = io.BytesIO()
logger = logging.getLogger(__name__)


class ApiRequest(ASGIRequest):
    """A request to the API. Its views read neither form, cookies nor environment; those of `/v1/` have a flow."""

    flow: Flow

    def __init__(self, scope: Scope, path: str, body: bytes = b"") -> None:
        # Not super(): it would build a WSGI environment out of all headers, which nothing here looks at.
        self.scope = scope
        self.path = self.path_info = path
        self.method = scope["method"]
        self.META: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "QUERY_STRING": scope["query_string"].decode("latin-1"),
        }
        self.resolver_match = None
        self.content_type, self.content_params = None, None
        self._stream, self._read_started = _NO_BODY, False
        self._body = body


@lru_cache(maxsize=256)
def resolve_path(path: str) -> ResolverMatch:
    """Raises `Http404`. Kept, because the paths never change and resolving one costs more than reading a request."""
    return get_resolver("gateway.api_urls").resolve(path)


class ApiHandler(ASGIHandler):
    def __init__(self) -> None:
        super().__init__()
        self.journal = RequestJournal()

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        request.resolver_match = resolve_path(request.path_info)
        return request.resolver_match

    def load_middleware(self, is_async: bool = False) -> None:
        """None is loaded: see the module's docstring."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = ClientConnection(receive, send)
        if scope["path"].startswith("/v1/"):
            await self._serve_exchange(scope, client)
        else:
            await self._serve_probe(scope, client)

    async def _serve_probe(self, scope: Scope, client: ClientConnection) -> None:
        await _send(await self._view_response(ApiRequest(scope, scope["path"])), client, [])

    async def _serve_exchange(self, scope: Scope, client: ClientConnection) -> None:
        flow = Flow(scope, client, self.journal)
        try:
            await self._serve(flow)
        except ApiError as error:
            flow.fail(error)
            await _send_error(error, flow)
        except ClientLeft:
            broken: ApiError | None = scope.get("http_error")  # from `gateway.http_protocol`, which has told the client
            flow.fail(broken) if broken else flow.exchange.finish(Outcome.CLIENT_LEFT)
        except asyncio.CancelledError:
            if not client.left:
                raise
            flow.exchange.finish(Outcome.CLIENT_LEFT)
        except Exception:  # the last line of defence: a fault of ours must neither hang the client nor miss the log
            logger.exception("A fault of the gateway in exchange %s", flow.exchange.id)
            internal = ApiError(f"The gateway failed; its log has the details of exchange {flow.exchange.id}.")
            flow.fail(internal)
            await _send_error(internal, flow)
        finally:
            client.stop_watching()
            flow.close()

    async def _serve(self, flow: Flow) -> None:
        _check_head(flow.headers)
        await flow.read_body()
        task = asyncio.current_task()
        assert task is not None
        flow.client.cancel_when_left(task)
        request = ApiRequest(flow.scope, flow.path, flow.body)
        request.flow = flow
        response = await self._view_response(request)
        if flow.keepalive is not None:
            await flow.keepalive.settle()
        if isinstance(response, RelayResponse):
            await send_relayed(response, flow)
        else:
            flow.exchange.status = response.status_code
            flow.exchange.finish(Outcome.COMPLETED)
            await _send(response, flow.client, flow.gateway_headers)

    async def _view_response(self, request: ApiRequest) -> HttpResponseBase:
        """Raises `ApiError`."""
        try:
            response: HttpResponseBase = await self._get_response_async(request)  # type: ignore[attr-defined]  # no stub
        except Http404 as error:
            raise EndpointNotFound(f"There is no {request.method} {request.path} at this gateway.") from error
        if response.status_code == 405:
            raise MethodNotAllowed(f"{request.path} does not take {request.method}.")
        return response


def _check_head(headers: HeaderList) -> None:
    """Raises `HeadersTooLarge`, `HostNotAllowed` and, for what is known to come, `BodyTooLarge`."""
    if sum(len(name) + len(value) for name, value in headers) > MAX_HEADER_BYTES:
        raise HeadersTooLarge(f"The request's headers are longer than {MAX_HEADER_BYTES} bytes.")
    found = dict(headers)
    host = found.get(b"host", b"").decode("latin-1")
    if not _is_allowed_host(host):
        raise HostNotAllowed(f"The host “{host}” is not in the gateway's setting ALLOWED_HOSTS.")
    length = found.get(b"content-length", b"")
    if length.isdigit() and int(length) > settings.MAX_REQUEST_BYTES:
        raise BodyTooLarge(f"The request body is longer than {settings.MAX_REQUEST_BYTES} bytes.")


@lru_cache(maxsize=256)
def _is_allowed_host(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


async def _send(response: HttpResponseBase, client: ClientConnection, more_headers: HeaderList) -> None:
    assert isinstance(response, HttpResponse)
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.items()]
    headers.append((b"content-length", str(len(response.content)).encode()))
    await client.start(response.status_code, headers + more_headers)
    await client.end(response.content)


async def _send_error(error: ApiError, flow: Flow) -> None:
    """The error as a response, or as an event when a ping has committed the response to a stream already."""
    client = flow.client
    client.stop_watching()
    if flow.keepalive is not None:
        await flow.keepalive.settle()
    if client.started:
        flow.exchange.status = 200
        await client.end(error_event(error.body))
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(error.body)).encode())]
    await client.start(error.status, headers + list(error.headers) + flow.gateway_headers)
    await client.end(error.body)
