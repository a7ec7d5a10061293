"""Which credential goes to a provider, and in which header."""

from __future__ import annotations

from django.db import models

_OAUTH_TOKEN_PREFIX = "sk-ant-oat"


class CredentialSource(models.TextChoices):
    CLIENT = "client", "pass the client's own credential"
    STORED = "stored", "send the credential stored here"
    NONE = "none", "send no credential"


class CredentialHeader(models.TextChoices):
    AUTO = "auto", "automatic: the one that fits the credential"
    API_KEY = "x-api-key", "x-api-key"
    BEARER = "authorization", "Authorization: Bearer"


def fitting_header(kind: str, secret: str) -> CredentialHeader:
    """Anthropic's API has a header of its own for keys, and takes its OAuth tokens where everybody takes tokens."""
    if kind == "anthropic" and not secret.startswith(_OAUTH_TOKEN_PREFIX):
        return CredentialHeader.API_KEY
    return CredentialHeader.BEARER
