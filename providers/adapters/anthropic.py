"""The identity: a Messages request goes to a Messages API, body and end-to-end headers untouched."""

from __future__ import annotations

from providers.adapters.base import ClientRequest, HeaderList, ProviderConfig, UpstreamRequest
from providers.adapters.headers import forwarded_request_headers


class AnthropicAdapter:
    wire_format = "anthropic"

    def prepare(self, request: ClientRequest, provider: ProviderConfig) -> UpstreamRequest:
        headers = forwarded_request_headers(request.headers)
        headers += _credential(request.headers, provider)
        if provider.extra_headers:
            replaced = {name for name, _ in provider.extra_headers}
            headers = [header for header in headers if header[0] not in replaced] + list(provider.extra_headers)
        query = f"?{request.query}" if request.query else ""
        target = provider.base_path + request.path + query
        return UpstreamRequest(request.method, provider.origin, target, headers, request.body)


def _credential(headers: HeaderList, provider: ProviderConfig) -> HeaderList:
    """Exactly one credential, or none. The API prefers `x-api-key` where a client sends both, and so does this."""
    if provider.credential_header is not None:
        return [provider.credential_header]
    if not provider.passes_client_credential:
        return []
    own = dict(header for header in headers if header[0] in (b"x-api-key", b"authorization"))
    return [(name, own[name]) for name in (b"x-api-key", b"authorization") if own.get(name)][:1]
