"""Tries a provider the way the gateway would call it, and says in plain words how it went.

What is asked for is the list of models: every provider has one, and it costs nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from asgiref.sync import async_to_sync

from providers.adapters import KINDS
from providers.adapters.base import ClientRequest, ProviderConfig, Timeouts, UpstreamRequest
from providers.errors import UpstreamError
from providers.model_listing import ListedModel, NoModelList, read_model_list
from providers.models import Provider
from providers.upstream import Upstream

TEST_SECONDS = 10.0
MAX_LIST_BYTES = 16 * 1024 * 1024
_MODELS = ClientRequest("GET", "/v1/models", "limit=1000", [(b"anthropic-version", b"2023-06-01")], b"")


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class _Answer:
    request: UpstreamRequest
    status: int
    body: bytes = b""


class FetchFailed(Exception):
    """A provider's models could not be read; the text says why."""


def try_connection(provider: Provider) -> ConnectionReport:
    """Ask for the list of models, for `TEST_SECONDS` at most. No client is there, so no client's credential is sent."""
    config = provider.to_config()
    try:
        answer = _ask_for_models(config, whole=False)
    except FetchFailed as error:
        return ConnectionReport(False, str(error))
    return _judge(answer, config)


def fetch_models(provider: Provider) -> list[ListedModel]:
    """The models that the provider lists, within the same bounds. Raises `FetchFailed`."""
    config = provider.to_config()
    answer = _ask_for_models(config, whole=True)
    if not 200 <= answer.status < 300:
        raise FetchFailed(_judge(answer, config).text)
    if len(answer.body) > MAX_LIST_BYTES:
        raise FetchFailed(f"{answer.request.origin} gave a list of models that is longer than {MAX_LIST_BYTES} bytes.")
    try:
        return read_model_list(answer.body)
    except NoModelList as error:
        raise FetchFailed(f"{answer.request.origin} gave no list of models: {error}.") from error


def _ask_for_models(config: ProviderConfig, whole: bool) -> _Answer:
    """The answer; its body is only read if it is to be `whole`. Raises `FetchFailed`."""
    if config.problem:
        raise FetchFailed(config.problem)
    request = KINDS[config.kind].prepare(_MODELS, config, model="").upstream
    try:
        return async_to_sync(_answer)(request, whole)
    except UpstreamError as error:
        raise FetchFailed(str(error)) from error
    except TimeoutError as error:
        raise FetchFailed(f"{request.origin} did not answer within {TEST_SECONDS:g} s.") from error


async def _answer(request: UpstreamRequest, whole: bool) -> _Answer:
    upstream = Upstream()
    try:
        async with asyncio.timeout(TEST_SECONDS):
            response = await upstream.open(request, Timeouts())
            body = bytearray()
            while whole and len(body) <= MAX_LIST_BYTES and (chunk := await response.read()):
                body += chunk
        response.close()
        return _Answer(request, response.status, bytes(body))
    finally:
        await upstream.close()


def _judge(answer: _Answer, config: ProviderConfig) -> ConnectionReport:
    status = answer.status
    where = f"{answer.request.origin} answered with status {status}"
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
        return ConnectionReport(False, f"{where} for {answer.request.target}: is the path in the base URL right?")
    return ConnectionReport(False, f"{where}: it can be reached, but does not work at the moment.")
