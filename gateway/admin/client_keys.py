"""The admin's pages of client keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from gateway.admin.connect import connect_view
from gateway.models import ClientKey

if TYPE_CHECKING:
    ClientKeyModelAdmin = admin.ModelAdmin[ClientKey]
    ClientKeyForm = forms.ModelForm[ClientKey]
else:
    ClientKeyModelAdmin = admin.ModelAdmin
    ClientKeyForm = forms.ModelForm


@admin.register(ClientKey)
class ClientKeyAdmin(ClientKeyModelAdmin):
    """A new key is shown on the page that answers the form, and nowhere else: that page cannot be opened again."""

    list_display = ["name", "shown_prefix", "enabled", "expires_at", "created_at"]
    list_filter = ["enabled"]
    search_fields = ["name", "prefix"]
    fields = ["name", "enabled", "expires_at"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(lambda request: connect_view(request, self))
        return [path("connect/", view, name="gateway_connect"), *super().get_urls()]

    @admin.display(description="key")
    def shown_prefix(self, client_key: ClientKey) -> str:
        return f"{client_key.prefix}…"

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        only_save = {"show_save_and_continue": False, "show_save_and_add_another": False}
        return super().add_view(request, form_url, {**(extra_context or {}), **only_save})

    def save_model(self, request: HttpRequest, obj: ClientKey, form: ClientKeyForm, change: bool) -> None:
        if not change:
            obj.generate()
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: ClientKey, post_url_continue: str | None = None) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"The key of {obj.name}",
            "opts": self.opts,
            "client_key": obj,
        }
        return TemplateResponse(request, "admin/gateway/clientkey/issued.html", context)
