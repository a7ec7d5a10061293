"""The page of a provider: its credential can be written, and its connection tried."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from providers.admin.capabilities import CAPABILITY_FIELDS
from providers.admin.fetch_models import FetchModelsAdmin
from providers.connection import try_connection
from providers.forms import ProviderForm, describe_credential
from providers.models import CredentialSource, Provider

SAVE_AND_TEST = "_test_connection"
"""Name of the button in templates/admin/providers/provider/change_form.html."""

_WRITE_ONLY = ("credential", "remove_credential")


@admin.register(Provider)
class ProviderAdmin(FetchModelsAdmin):
    form = ProviderForm
    inputs = (*CAPABILITY_FIELDS, *_WRITE_ONLY)
    list_display = ["name", "kind", "preset", "base_url", "credential_sent", "enabled", "is_default"]
    readonly_fields = ["current_credential", "offered_models"]
    actions = ["test_connections"]
    fieldsets = [
        (None, {"fields": ["name", "kind", "preset", "base_url", "enabled", "is_default", "offered_models"]}),
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
        (
            "What its models take",
            {
                "classes": ["collapse"],
                "description": "For the OpenAI Chat Completions API: requests are changed so that they hold nothing "
                "else. A model that differs from the others has its own page.",
                "fields": CAPABILITY_FIELDS,
            },
        ),
        ("More", {"classes": ["collapse"], "fields": ["extra_headers"]}),
    ]

    class Media:
        js = ("providers/preset.js",)

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

    @admin.display(description="models")
    def offered_models(self, provider: Provider) -> SafeString | str:
        if provider.pk is None:
            return "Save the provider first; then its models can be fetched from it."
        number = provider.models.count()
        return format_html(
            '<a href="{}?provider__id__exact={}">{} model{}</a> &nbsp; <a href="{}?provider={}">Add one</a>'
            ' &nbsp; <a href="{}">Fetch models from the provider</a>',
            reverse("admin:providers_providermodel_changelist"),
            provider.pk,
            number or "No",
            "" if number == 1 else "s",
            reverse("admin:providers_providermodel_add"),
            provider.pk,
            reverse("admin:providers_provider_models", args=[provider.pk]),
        )

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
