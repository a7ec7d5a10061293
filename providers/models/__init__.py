"""The providers and their models, as they are stored."""

from __future__ import annotations

from providers.models.credential_choices import CredentialHeader, CredentialSource
from providers.models.provider import Provider, kind_choices, preset_choices
from providers.models.provider_model import ProviderModel

__all__ = [
    "CredentialHeader",
    "CredentialSource",
    "Provider",
    "ProviderModel",
    "kind_choices",
    "preset_choices",
]
