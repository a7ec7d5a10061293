"""What may be stored of a provider and its models. A refusal is a `ValidationError` that says what to do."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

from providers.capability_rules import read_overrides
from providers.protocol.model_names import without_context_suffix

_ANTHROPICS_HOST = "api.anthropic.com"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PATH_OF_A_REQUEST = re.compile(r"(?<![:/])/+(chat/completions|messages|models)\Z")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"(?:[\x21-\x7e]+(?:[ \t]+[\x21-\x7e]+)*)?")
_CREDENTIAL_NAME = re.compile(
    r".*authorization|cookie2?|set-cookie2?|(.*[-_])?(api-?key|gateway-key|token|secret|password)"
)
_OWNED_BY_THE_GATEWAY = {
    "connection", "content-encoding", "content-length", "content-type", "expect", "host",
    "http2-settings", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "transfer-encoding",
    "upgrade",
}  # fmt: skip


def validate_base_url(value: str) -> None:
    """`http(s)://host[:port][/path]` and nothing more."""
    try:
        url = urlsplit(value)
        host, _ = url.hostname, url.port
    except ValueError as error:
        raise ValidationError(f"This is not a valid URL: {error}.") from error
    if url.scheme not in _DEFAULT_PORTS or not host:
        raise ValidationError("Enter a URL with scheme and host, such as https://api.anthropic.com.")
    if re.search(r"[\s\x00-\x1f\x7f\\]", value):
        raise ValidationError("The URL holds a space, a backslash or a control character.")
    if "@" in url.netloc:
        raise ValidationError("Leave user name and password out of the URL: enter the credential below.")
    if "?" in value or "#" in value:
        raise ValidationError("Leave the query (?…) and the fragment (#…) out of the URL.")


def normalized_base_url(value: str) -> str:
    """The base of a URL that may have been copied with the path of a request at its end."""
    return _PATH_OF_A_REQUEST.sub("", value.strip().rstrip("/"))


def validate_model_name(value: str) -> None:
    """A name as providers give it: printable, without spaces, and not Claude Code's own variant of one."""
    if not value.isprintable() or re.search(r"\s", value):
        raise ValidationError("The name holds a space or a control character.")
    if without_context_suffix(value) != value:
        raise ValidationError("Leave out [1m]: it is Claude Code's own mark, and the gateway takes it off.")


def validate_capabilities(value: object) -> None:
    """A JSON object of capabilities and their values."""
    try:
        read_overrides(value)
    except ValueError as error:
        raise ValidationError(f"The capabilities cannot be used: {error}.") from error


def validate_extra_headers(value: object) -> None:
    """A JSON object of header names and values that the gateway may send with every request."""
    if not isinstance(value, dict):
        raise ValidationError('Enter a JSON object of names and values, such as {"x-team": "search"}.')
    for name, content in value.items():
        _validate_header(name, content)
    if len({name.lower() for name in value}) < len(value):
        raise ValidationError("A header is there twice; upper and lower case make no difference in its name.")


def _validate_header(name: str, value: object) -> None:
    if not _TOKEN.fullmatch(name):
        raise ValidationError(f"“{name}” is not a valid header name: use letters, digits and hyphens.")
    if name.lower() in _OWNED_BY_THE_GATEWAY:
        raise ValidationError(f"“{name}” belongs to the connection: the gateway sets it itself.")
    if _CREDENTIAL_NAME.fullmatch(name.lower()):
        raise ValidationError(
            f"“{name}” carries a credential: enter it under “Credential”, where it is kept encrypted."
        )
    if not isinstance(value, str) or not _VALUE.fullmatch(value):
        raise ValidationError(f"The value of “{name}” must be text in printable ASCII, without line breaks.")


def is_loopback(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def may_get_client_credential(base_url: str) -> bool:
    """Whether CLIENT_CREDENTIAL_HOSTS names this host. An entry without a port means port 443."""
    return _host_and_port(urlsplit(base_url)) in {
        (entry.hostname, entry.port or _DEFAULT_PORTS["https"])
        for entry in (urlsplit(f"//{text.strip()}") for text in settings.CLIENT_CREDENTIAL_HOSTS)
    }


def signs_thinking(base_url: str) -> bool:
    """Whether this is Anthropic's own API, or stands for it: a host that its credentials may go to."""
    return urlsplit(base_url).hostname == _ANTHROPICS_HOST or may_get_client_credential(base_url)


def _host_and_port(url: SplitResult) -> tuple[str | None, int | None]:
    return url.hostname, url.port or _DEFAULT_PORTS.get(url.scheme)
