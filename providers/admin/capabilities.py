"""What the pages of everything that has capabilities share."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from providers.capabilities_form import form_field_name
from providers.protocol.chat.capabilities import CAPABILITY_NAMES

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec as FieldSets

    AnyModelAdmin = admin.ModelAdmin[Any]
else:
    AnyModelAdmin = admin.ModelAdmin

CAPABILITY_FIELDS = tuple(form_field_name(capability) for capability in CAPABILITY_NAMES)


class CapabilitiesAdmin(AnyModelAdmin):
    """Who may only look sees the stored value in place of the inputs: those are the form's, and the page has none."""

    inputs: Collection[str] = CAPABILITY_FIELDS
    """Names of fields of the form that the model does not have, or must not show."""

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> FieldSets:
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj) or (obj is None and self.has_add_permission(request)):
            return fieldsets
        return [(title, {**options, "fields": self._shown(options["fields"])}) for title, options in fieldsets]

    def _shown(self, names: Collection[Any]) -> list[Any]:
        kept = [name for name in names if name not in self.inputs]
        return [*kept, "capabilities"] if any(name in CAPABILITY_FIELDS for name in names) else kept
