"""The admin's pages of providers and their models."""

from __future__ import annotations

from providers.admin.provider import ProviderAdmin
from providers.admin.provider_model import ProviderModelAdmin

__all__ = ["ProviderAdmin", "ProviderModelAdmin"]
