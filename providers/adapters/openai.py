"""OpenAI's Chat Completions: a Messages request is converted, and so is its answer.

Base URLs differ in whether they name a version (`https://api.openai.com`, `…/v1`, `…/v1beta/openai/`): one that names
none means `/v1`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from providers.adapters.base import (
    ClientRequest,
    HeaderList,
    PreparedRequest,
    ProviderConfig,
    StreamTranslator,
    UpstreamRequest,
)
from providers.adapters.headers import SESSION_ID
from providers.protocol.answers import ConvertedMessage, ErrorAnswer
from providers.protocol.chat.answers.completion import convert_completion
from providers.protocol.chat.answers.errors import convert_error
from providers.protocol.chat.answers.stream import ChatStreamTranslator
from providers.protocol.chat.context import AnswerContext, ThoughtSignatures
from providers.protocol.chat.requests.request import convert_request
from providers.protocol.model_names import without_context_suffix

_VERSION_SEGMENT = re.compile(r"/v\d+[a-z0-9]*(?=/|\Z)")
_CHAT_COMPLETIONS = "/chat/completions"


class OpenAIAdapter:
    label = "OpenAI Chat Completions API"
    wire_format = "openai"
    converts = True

    def __init__(self) -> None:
        self._signatures = ThoughtSignatures()

    def prepare(self, request: ClientRequest, provider: ProviderConfig, model: str) -> PreparedRequest:
        if request.method == "GET":
            return PreparedRequest(_upstream_request("GET", "/models", provider, [], b""))
        model = without_context_suffix(model)
        converted = convert_request(
            request.body,
            model=model,
            capabilities=provider.capabilities.of(model),
            requested_model=request.model,
            message_id=f"msg_{request.id}",
            session_id=_session_id(request.headers),
            read_pdf=request.read_pdf,
            signatures=self._signatures,
        )
        headers = [(b"content-type", b"application/json")]
        if request.streamed:
            headers.append((b"accept", b"text/event-stream"))
        upstream = _upstream_request("POST", _CHAT_COMPLETIONS, provider, headers, converted.body)
        return PreparedRequest(upstream, ChatTranslation(converted.context), converted.notes)


class ChatTranslation:
    def __init__(self, context: AnswerContext) -> None:
        self._context = context

    def stream(self) -> StreamTranslator:
        return ChatStreamTranslator(self._context)

    def message(self, body: bytes) -> ConvertedMessage:
        return convert_completion(body, self._context)

    def error(self, status: int, headers: Mapping[bytes, bytes], body: bytes) -> ErrorAnswer:
        return convert_error(status, headers, body)


def api_path(base_url: str) -> str:
    """The path that `/chat/completions` and `/models` are below, without a slash at its end."""
    path = urlsplit(base_url).path.rstrip("/").removesuffix(_CHAT_COMPLETIONS)
    return path if _VERSION_SEGMENT.search(path) else f"{path}/v1"


def _upstream_request(
    method: str, path: str, provider: ProviderConfig, headers: HeaderList, body: bytes
) -> UpstreamRequest:
    """None of the client's own headers travel: they are the Messages API's, and its credential is not this host's."""
    own = [*headers, (b"accept-encoding", b"identity"), (b"user-agent", b"claude-code-gateway")]
    if provider.credential_header is not None:
        own.append(provider.credential_header)
    replaced = {name for name, _ in provider.extra_headers}
    sent = [header for header in own if header[0] not in replaced] + list(provider.extra_headers)
    return UpstreamRequest(method, provider.origin, api_path(provider.base_url) + path, sent, body)


def _session_id(headers: HeaderList) -> str:
    return dict(headers).get(SESSION_ID, b"").decode("latin-1")
