"""The page of an alias: models that are known are offered while one types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from providers.models import ProviderModel
from routing.models import ModelAlias

if TYPE_CHECKING:
    AliasBaseForm = forms.ModelForm[ModelAlias]
    AliasModelAdmin = admin.ModelAdmin[ModelAlias]
else:
    AliasBaseForm = forms.ModelForm
    AliasModelAdmin = admin.ModelAdmin


class KnownModelInput(forms.TextInput):
    """A text, with the models of all providers as proposals."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        known = ProviderModel.objects.values_list("name", "provider__name").distinct()
        options = format_html_join("", '<option value="{}">{}</option>', known)
        text = super().render(name, value, {**(attrs or {}), "list": f"known-{name}"}, renderer)
        return format_html('{}<datalist id="known-{}">{}</datalist>', text, name, options)


class ModelAliasForm(AliasBaseForm):
    class Meta:
        model = ModelAlias
        fields = ["name", "display_name", "provider", "model", "enabled"]
        widgets = {"model": KnownModelInput(attrs={"class": "vTextField"})}


@admin.register(ModelAlias)
class ModelAliasAdmin(AliasModelAdmin):
    form = ModelAliasForm
    list_display = ["name", "display_name", "provider", "model", "enabled"]
    list_filter = ["provider", "enabled"]
    list_select_related = ["provider"]
    search_fields = ["name", "display_name", "model"]
