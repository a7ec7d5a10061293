from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from providers.connection import try_connection
from providers.forms import ProviderForm, describe_credential
from providers.models import CredentialSource, Provider

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec as FieldSets

    ProviderModelAdmin = admin.ModelAdmin[Provider]
else:
    ProviderModelAdmin = admin.ModelAdmin

SAVE_AND_TEST = "_test_connection"
"""Name of the button in templates/admin/providers/provider/change_form.html."""

_WRITE_ONLY = ("credential", "remove_credential")


@admin.register(Provider)
class ProviderAdmin(ProviderModelAdmin):
    form = ProviderForm
    list_display = ["name", "kind", "base_url", "credential_sent", "enabled", "is_default"]
    readonly_fields = ["current_credential"]
    actions = ["test_connections"]
    fieldsets = [
        (None, {"fields": ["name", "kind", "base_url", "enabled", "is_default"]}),
        (
            "Credential",
            {
                "description": "Exactly one credential goes to the provider, or none. A key that clients use for the "
                "gateway itself is never sent on.",
                "fields": ["credential_source", "current_credential", *_WRITE_ONLY, "credential_header"],
            },
        ),
        (
            "Timeouts",
            {
                "description": "Nothing limits how long an answer may take as a whole.",
                "fields": ["connect_timeout", "first_byte_timeout", "idle_timeout"],
            },
        ),
        ("More", {"classes": ["collapse"], "fields": ["extra_headers"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Provider | None = None) -> FieldSets:
        """Without the inputs for who may only look: the admin would show the column behind them."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj) or (obj is None and self.has_add_permission(request)):
            return fieldsets
        return [
            (title, {**options, "fields": [field for field in options["fields"] if field not in _WRITE_ONLY]})
            for title, options in fieldsets
        ]

    @admin.display(description="credential")
    def credential_sent(self, provider: Provider) -> str:
        if provider.credential_source == CredentialSource.CLIENT:
            return "client's own"
        if provider.credential_source == CredentialSource.NONE:
            return "none"
        return f"${provider.credential_variable}" if provider.credential_variable else "stored"

    @admin.display(description="current credential")
    def current_credential(self, provider: Provider) -> str:
        return describe_credential(provider)

    @admin.action(description="Test connection", permissions=["change"])
    def test_connections(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        for provider in queryset:
            self._report_connection(request, provider)

    def response_add(self, request: HttpRequest, obj: Provider, post_url_continue: str | None = None) -> HttpResponse:
        return self._tested(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Provider) -> HttpResponse:
        return self._tested(request, obj) or super().response_change(request, obj)

    def _tested(self, request: HttpRequest, provider: Provider) -> HttpResponse | None:
        if SAVE_AND_TEST not in request.POST:
            return None
        # Not before the commit: an open transaction would keep the request log from writing while the provider is slow.
        transaction.on_commit(lambda: self._report_connection(request, provider))
        return HttpResponseRedirect(reverse("admin:providers_provider_change", args=[provider.pk]))

    def _report_connection(self, request: HttpRequest, provider: Provider) -> None:
        report = try_connection(provider)
        self.message_user(
            request, f"Provider {provider.name}: {report.text}", messages.SUCCESS if report.ok else messages.ERROR
        )
