"""The admin's forms for providers and models. A credential can be written and removed, but never comes back out."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.utils import timezone
from django.utils.formats import date_format

from providers.capabilities_form import CapabilitiesForm
from providers.capability_rules import combined_rules
from providers.credentials import CredentialMalformed
from providers.models import Provider, ProviderModel
from providers.presets import PRESETS, preset_rules
from providers.protocol.chat.capabilities import Capabilities

if TYPE_CHECKING:
    ProviderBaseForm = forms.ModelForm[Provider]
    ProviderModelBaseForm = forms.ModelForm[ProviderModel]
else:
    ProviderBaseForm = ProviderModelBaseForm = forms.ModelForm

_KIND_WITH_PRESETS = "openai"


class ProviderForm(ProviderBaseForm, CapabilitiesForm):
    # Named as the model's field, which `Meta` excludes: the model's value is neither shown nor overwritten.
    credential = forms.CharField(
        required=False,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password", "size": 60}),
        help_text="A key, which is kept encrypted and never shown again, or $NAME for an environment variable.",
    )
    remove_credential = forms.BooleanField(required=False, help_text="Forget the credential that is there.")

    class Meta:
        model = Provider
        exclude = ["credential", "credential_set_at", "capabilities"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "base_url" in self.fields:
            self.fields["base_url"].required = False  # the preset may know it
        if "preset" in self.fields:
            self.fields["preset"].widget.attrs["data-presets"] = _presets_as_json()
        self.show_capabilities(self.instance.capabilities, _of_preset(self.instance.preset), "preset")

    def clean_base_url(self) -> str:
        base_url: str = self.cleaned_data["base_url"]
        preset = PRESETS.get(self.cleaned_data.get("preset", ""))
        if not base_url and not (preset and preset.base_url):
            raise forms.ValidationError("Enter the URL that the provider's API is below.")
        return base_url or (preset.base_url if preset else "")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        text, remove = self.cleaned_data.get("credential"), self.cleaned_data.get("remove_credential")
        if text and remove:
            self.add_error("remove_credential", "Either enter a new credential or remove the old one.")
        elif text or remove:
            self._set_credential("" if remove else str(text))
        elif self._moves_a_secret():
            self.add_error("credential", "The base URL is on another host now: enter the credential for that host.")
        if self.cleaned_data.get("preset") and self.cleaned_data.get("kind") != _KIND_WITH_PRESETS:
            self.add_error("preset", "Presets are for the kind “OpenAI Chat Completions API”: choose that, or none.")
        self.instance.capabilities = self.entered_capabilities()
        return cleaned

    def _moves_a_secret(self) -> bool:
        """Whether a stored secret would go to another host, chosen by somebody who need not know the secret."""
        old, new = self.instance.base_url, self.cleaned_data.get("base_url")
        is_secret = bool(self.instance.credential) and self.instance.credential_variable is None
        return is_secret and new is not None and urlsplit(old).netloc.lower() != urlsplit(new).netloc.lower()

    def _set_credential(self, text: str) -> None:
        try:
            self.instance.set_credential(text)
        except CredentialMalformed as error:
            self.add_error("credential", str(error))


class ProviderModelForm(ProviderModelBaseForm, CapabilitiesForm):
    capability_max_output_tokens = None  # the model has a column for it

    class Meta:
        model = ProviderModel
        exclude = ["capabilities"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.show_capabilities(self.instance.capabilities, _of_provider(self.instance), "provider")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self.instance.capabilities = self.entered_capabilities()
        return cleaned


def _presets_as_json() -> str:
    """For the script that fills in the rest of the form."""
    known = {name: {"base_url": preset.base_url, "needs_key": preset.needs_key} for name, preset in PRESETS.items()}
    return json.dumps(known)


def _of_preset(preset: str) -> Capabilities | None:
    try:
        return preset_rules(preset).base
    except ValueError:
        return None


def _of_provider(model: ProviderModel) -> Capabilities | None:
    """What holds for the model where it says nothing itself; None before it has a provider."""
    if model.provider_id is None:
        return None
    try:
        return combined_rules(model.provider.preset, model.provider.capabilities, ()).of(model.name)
    except ValueError:
        return None


def describe_credential(provider: Provider) -> str:
    """What a person may know about a credential."""
    if name := provider.credential_variable:
        return f"${name} ({'set' if os.environ.get(name) else 'not set'} in the gateway's environment)"
    if not provider.credential:
        return "none"
    set_at = provider.credential_set_at
    return f"stored, set on {date_format(timezone.localtime(set_at))}" if set_at else "stored"
