"""The page of a model."""

from __future__ import annotations

from django.contrib import admin

from providers.admin.capabilities import CAPABILITY_FIELDS, CapabilitiesAdmin
from providers.capabilities_form import form_field_name
from providers.forms import ProviderModelForm
from providers.models import ProviderModel

_ITS_OWN_COLUMN = form_field_name("max_output_tokens")


@admin.register(ProviderModel)
class ProviderModelAdmin(CapabilitiesAdmin):
    form = ProviderModelForm
    list_display = ["name", "provider", "display_name", "enabled", "max_output_tokens", "context_window"]
    list_filter = ["provider", "enabled"]
    list_select_related = ["provider"]
    search_fields = ["name", "display_name"]
    fieldsets = [
        (None, {"fields": ["provider", "name", "display_name", "enabled", "max_output_tokens", "context_window"]}),
        (
            "What it takes",
            {
                "classes": ["collapse"],
                "description": "Where it differs from the provider's other models.",
                "fields": [name for name in CAPABILITY_FIELDS if name != _ITS_OWN_COLUMN],
            },
        ),
    ]
