"""The page that lists what models a provider has, and adds those that are ticked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from providers.admin.capabilities import CapabilitiesAdmin
from providers.connection import FetchFailed, fetch_models
from providers.model_listing import ListedModel
from providers.models import Provider, ProviderModel


class ChosenModelsForm(forms.Form):
    models = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, error_messages={"required": "Tick the models to add."}
    )

    def __init__(self, listed: Sequence[ListedModel], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["models"].choices = [(model.name, _shown(model)) for model in listed]  # type: ignore[attr-defined]


class FetchModelsAdmin(CapabilitiesAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.fetch_models_view)
        return [path("<path:object_id>/models/", view, name="providers_provider_models"), *super().get_urls()]

    def fetch_models_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        provider = self.get_object(request, object_id)
        if provider is None:
            raise Http404
        may_add = request.user.has_perm("providers.add_providermodel")
        if not (may_add and self.has_change_permission(request, provider)):
            raise PermissionDenied
        try:
            listed = fetch_models(provider)
        except FetchFailed as error:
            self.message_user(request, f"Provider {provider.name}: {error}", messages.ERROR)
            return HttpResponseRedirect(reverse("admin:providers_provider_change", args=[provider.pk]))
        known = set(provider.models.values_list("name", flat=True))
        return self._choose(request, provider, [model for model in listed if model.name not in known], len(listed))

    def _choose(self, request: HttpRequest, provider: Provider, listed: list[ListedModel], total: int) -> HttpResponse:
        form = ChosenModelsForm(listed, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            self._add(request, provider, listed, set(form.cleaned_data["models"]))
            query = f"?provider__id__exact={provider.pk}"
            return HttpResponseRedirect(reverse("admin:providers_providermodel_changelist") + query)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Models of {provider.name}",
            "opts": self.opts,
            "provider": provider,
            "form": form,
            "has_models": bool(listed),
            "known": total - len(listed),
        }
        return TemplateResponse(request, "admin/providers/provider/fetch_models.html", context)

    def _add(self, request: HttpRequest, provider: Provider, listed: list[ListedModel], chosen: set[str]) -> None:
        with transaction.atomic():
            added = sum(self._save(request, provider, model) for model in listed if model.name in chosen)
        if added:
            self.message_user(request, f"Added {added} model{'s' * (added > 1)} of {provider.name}.", messages.SUCCESS)

    def _save(self, request: HttpRequest, provider: Provider, model: ListedModel) -> bool:
        row = ProviderModel(
            provider=provider,
            name=model.name,
            display_name=model.display_name[:200],
            context_window=model.context_window,
            max_output_tokens=model.max_output_tokens,
        )
        try:
            row.full_clean()
        except ValidationError as error:
            self.message_user(request, f"{model.name}: {' '.join(error.messages)}", messages.ERROR)
            return False
        row.save()
        return True


def _shown(model: ListedModel) -> str:
    limits = {"context": model.context_window, "answers": model.max_output_tokens}
    words = [f"{name} {tokens:,}" for name, tokens in limits.items() if tokens]
    details = ", ".join(filter(None, [model.display_name, *words]))
    return f"{model.name} – {details}" if details else model.name
