"""The identity: a Messages request goes to a Messages API, body and end-to-end headers untouched.

When the request is routed to another model, that one value in the body is replaced and every other byte stays. Only
Anthropic's own API is not sent what it would refuse for sure: thinking that another model wrote earlier in the
conversation.
"""

from __future__ import annotations

from providers.adapters.base import ClientRequest, HeaderList, PreparedRequest, ProviderConfig, UpstreamRequest
from providers.adapters.headers import forwarded_request_headers
from providers.protocol.messages_request import InvalidRequest
from providers.protocol.model_names import replace_model
from providers.protocol.unsigned_thinking import without_unsigned_thinking

_THINKING_LEFT_OUT = "thinking of other models in the history is left out: Anthropic takes only what it has signed"


class AnthropicAdapter:
    label = "Anthropic Messages API"
    wire_format = "anthropic"
    converts = False

    def prepare(self, request: ClientRequest, provider: ProviderConfig, model: str) -> PreparedRequest:
        headers = forwarded_request_headers(request.headers)
        headers += _credential(request.headers, provider)
        if provider.extra_headers:
            replaced = {name for name, _ in provider.extra_headers}
            headers = [header for header in headers if header[0] not in replaced] + list(provider.extra_headers)
        query = f"?{request.query}" if request.query else ""
        target = provider.base_path + request.path + query
        known = without_unsigned_thinking(request.body) if provider.signs_thinking else request.body
        notes = () if known is request.body else (_THINKING_LEFT_OUT,)
        body = known if model == request.model else _with_model(known, model)
        return PreparedRequest(UpstreamRequest(request.method, provider.origin, target, headers, body), notes=notes)


def _with_model(body: bytes, model: str) -> bytes:
    try:
        return replace_model(body, model)
    except ValueError as error:
        raise InvalidRequest(f"The request cannot be sent to the model {model}: {error}.") from error


def _credential(headers: HeaderList, provider: ProviderConfig) -> HeaderList:
    """Exactly one credential, or none. The API prefers `x-api-key` where a client sends both, and so does this."""
    if provider.credential_header is not None:
        return [provider.credential_header]
    if not provider.passes_client_credential:
        return []
    own = dict(header for header in headers if header[0] in (b"x-api-key", b"authorization"))
    return [(name, own[name]) for name in (b"x-api-key", b"authorization") if own.get(name)][:1]
