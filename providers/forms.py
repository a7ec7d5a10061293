"""The admin's form for a provider. Its credential can be written and removed, but never comes back out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.utils import timezone
from django.utils.formats import date_format

from providers.credentials import CredentialMalformed
from providers.models import Provider

if TYPE_CHECKING:
    ProviderModelForm = forms.ModelForm[Provider]
else:
    ProviderModelForm = forms.ModelForm


class ProviderForm(ProviderModelForm):
    # Named as the model's field, which `Meta` excludes: the model's value is neither shown nor overwritten.
    credential = forms.CharField(
        required=False,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password", "size": 60}),
        help_text="A key, which is kept encrypted and never shown again, or $NAME for an environment variable.",
    )
    remove_credential = forms.BooleanField(required=False, help_text="Forget the credential that is there.")

    class Meta:
        model = Provider
        exclude = ["credential", "credential_set_at"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        text, remove = self.cleaned_data.get("credential"), self.cleaned_data.get("remove_credential")
        if text and remove:
            self.add_error("remove_credential", "Either enter a new credential or remove the old one.")
        elif text or remove:
            self._set_credential("" if remove else str(text))
        elif self._moves_a_secret():
            self.add_error("credential", "The base URL is on another host now: enter the credential for that host.")
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


def describe_credential(provider: Provider) -> str:
    """What a person may know about a credential."""
    if name := provider.credential_variable:
        return f"${name} ({'set' if os.environ.get(name) else 'not set'} in the gateway's environment)"
    if not provider.credential:
        return "none"
    set_at = provider.credential_set_at
    return f"stored, set on {date_format(timezone.localtime(set_at))}" if set_at else "stored"
