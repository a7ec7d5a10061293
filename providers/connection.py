"""Tries a provider the way the gateway would call it, and says in plain words how it went."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from asgiref.sync import async_to_sync

from providers.adapters import KINDS
from providers.adapters.base import ClientRequest, ProviderConfig, Timeouts, UpstreamRequest
from providers.errors import UpstreamError
from providers.models import Provider
from providers.upstream import Upstream

TEST_SECONDS = 10.0
_MODELS = ClientRequest("GET", "/v1/models", "", [(b"anthropic-version", b"2023-06-01")], b"")


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    ok: bool
    text: str


def try_connection(provider: Provider) -> ConnectionReport:
    """Ask for the list of models, for `TEST_SECONDS` at most. No client is there, so no client's credential is sent."""
    config = provider.to_config()
    if config.problem:
        return ConnectionReport(False, config.problem)
    request = KINDS[config.kind].prepare(_MODELS, config)
    try:
        status = async_to_sync(_status)(request)
    except UpstreamError as error:
        return ConnectionReport(False, str(error))
    except TimeoutError:
        return ConnectionReport(False, f"{request.origin} did not answer within {TEST_SECONDS:g} s.")
    return _judge(status, request, config)


async def _status(request: UpstreamRequest) -> int:
    """The status of the answer, whose body is not read."""
    upstream = Upstream()
    try:
        async with asyncio.timeout(TEST_SECONDS):
            response = await upstream.open(request, Timeouts())
        response.close()
        return response.status
    finally:
        await upstream.close()


def _judge(status: int, request: UpstreamRequest, config: ProviderConfig) -> ConnectionReport:
    where = f"{request.origin} answered with status {status}"
    refused = status in (401, 403)
    if 200 <= status < 300:
        return ConnectionReport(True, f"{where}: all is well.")
    if refused and config.credential_header is None:
        return ConnectionReport(True, f"{where}: it can be reached. The test sent no credential, since none is stored.")
    if refused:
        return ConnectionReport(False, f"{where}: it does not accept the stored credential.")
    if 300 <= status < 400:
        return ConnectionReport(False, f"{where}, a redirect, and the gateway follows none: correct the base URL.")
    if status == 404:
        return ConnectionReport(False, f"{where} for {request.target}: is the path in the base URL right?")
    return ConnectionReport(False, f"{where}: it can be reached, but does not work at the moment.")
