"""The page of an alias."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from routing.forms.alias import ModelAliasForm
from routing.models import ModelAlias

if TYPE_CHECKING:
    AliasModelAdmin = admin.ModelAdmin[ModelAlias]
else:
    AliasModelAdmin = admin.ModelAdmin


@admin.register(ModelAlias)
class ModelAliasAdmin(AliasModelAdmin):
    form = ModelAliasForm
    fields = ["name", "target", "display_name", "enabled"]
    list_display = ["name", "display_name", "provider", "model", "enabled"]
    list_filter = ["provider", "enabled"]
    list_select_related = ["provider"]
    search_fields = ["name", "display_name", "model"]
