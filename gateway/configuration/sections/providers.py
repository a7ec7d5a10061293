"""`providers`: each by its name, with its models below it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from django.db.models import ProtectedError

from gateway.configuration.fields import as_data, fields_of, fill
from gateway.configuration.go_proxy import PlainSecret
from gateway.configuration.problems import Path
from gateway.configuration.sections.base import Section
from gateway.configuration.work import Work
from providers import credentials
from providers.models import CredentialSource, Provider, ProviderModel
from providers.presets import PRESETS

KEPT = "kept"
"""In place of a secret: the one that is stored stays."""

_FIELDS = fields_of(Provider, without=("name",))
_MODEL_FIELDS = fields_of(ProviderModel, without=("name",))
_KEYS = (*_FIELDS, "credential", "models")


class Providers(Section):
    name = "providers"
    others_lead_to_it = True

    def read(self) -> dict[str, Any]:
        return {provider.name: _provider_as_data(provider) for provider in Provider.objects.prefetch_related("models")}

    def names(self, data: Any) -> Collection[str]:
        return data if isinstance(data, dict) else ()

    def write(self, data: Any, work: Work) -> None:
        providers = work.mapping(data, (self.name,))
        defaults = [name for name, each in providers.items() if isinstance(each, dict) and each.get("is_default")]
        for name in defaults[1:]:
            work.note((self.name, name, "is_default"), f"{defaults[0]} is the default already; there is only one.")
        for name, provider in providers.items():
            _write_provider(name, provider, (self.name, name), work)

    def delete_others(self, names: Collection[str], work: Work) -> None:
        for provider in Provider.objects.exclude(name__in=names):
            try:
                provider.delete()
            except ProtectedError as error:
                users = ", ".join(sorted(f"{user._meta.verbose_name} {user}" for user in error.protected_objects))
                work.note((self.name,), f"{provider.name} is not in it, and is still in use: {users}.")


def _provider_as_data(provider: Provider) -> dict[str, Any]:
    data = as_data(provider, _FIELDS, always=("kind", "base_url"))
    if provider.credential:
        data["credential"] = provider.credential if provider.credential_variable else KEPT
    models = sorted(provider.models.all(), key=lambda model: model.name)
    if models:
        data["models"] = {model.name: as_data(model, _MODEL_FIELDS) for model in models}
    return data


def _write_provider(name: str, data: Any, path: Path, work: Work) -> None:
    data = work.mapping(data, path, _KEYS)
    problems_before = len(work.problems)
    provider = Provider.objects.filter(name=name).first() or Provider(name=name)
    host_before = _host(provider.base_url)
    fill(provider, data, _FIELDS, path, work)
    if not provider.base_url and provider.preset in PRESETS:
        provider.base_url = PRESETS[provider.preset].base_url
    _set_credential(provider, data.get("credential"), _host(provider.base_url) != host_before, path, work)
    if len(work.problems) > problems_before:
        work.refuse(provider)
    elif work.save(provider, path, {"name": ""}):
        _write_models(provider, data.get("models"), (*path, "models"), work)


def _set_credential(provider: Provider, entered: Any, is_elsewhere: bool, path: Path, work: Work) -> None:
    """`is_elsewhere`: the provider is on another host now, and a secret stays with the host it was stored for."""
    path = (*path, "credential")
    if isinstance(entered, PlainSecret):
        _set_secret(provider, entered.value, path, work)
    elif entered == KEPT:
        _keep(provider, is_elsewhere, path, work)
    elif entered is None:
        _leave(provider, is_elsewhere, path, work)
    elif not isinstance(entered, str) or not credentials.variable_name(entered):
        work.note(path, f"write $NAME for an environment variable, or “{KEPT}”: a secret does not belong in a file.")
    elif provider.credential != entered:
        provider.set_credential(entered)


def _keep(provider: Provider, is_elsewhere: bool, path: Path, work: Work) -> None:
    is_secret = provider.credential_variable is None
    if provider.credential and not (is_secret and is_elsewhere):
        return
    if work.is_restoring:
        work.lost_secrets.append(provider.name)
        provider.set_credential("")
    else:
        work.note(path, _why_not_kept(provider))


def _leave(provider: Provider, is_elsewhere: bool, path: Path, work: Work) -> None:
    """Without a word of it a secret stays, unused: it could not be brought back."""
    if provider.credential_variable or is_elsewhere:
        provider.set_credential("")
    elif provider.credential and provider.credential_source == CredentialSource.STORED and not work.is_restoring:
        work.note(path, f"write “{KEPT}” for the one that is stored, or $NAME for an environment variable.")


def _why_not_kept(provider: Provider) -> str:
    what_to_do = "enter it in the admin, or write $NAME for an environment variable."
    if provider.credential:
        return f"the stored credential is for another host: {what_to_do}"
    return f"no credential is stored that could be kept: {what_to_do}"


def _set_secret(provider: Provider, secret: str, path: Path, work: Work) -> None:
    """Encrypt it, unless it is what is stored: the same secret encrypted again looks like another one."""
    try:
        if provider.credential_variable is None and credentials.resolve(provider.credential) == secret:
            return
    except credentials.CredentialError:
        pass  # there is none that could be the same
    try:
        provider.set_credential(secret)
    except credentials.CredentialMalformed as error:
        work.note(path, str(error))


def _write_models(provider: Provider, data: Any, path: Path, work: Work) -> None:
    models = work.mapping(data, path)
    known = {model.name: model for model in provider.models.all()}
    for name, entry in models.items():
        model = known.get(name) or ProviderModel(provider=provider, name=name)
        entry = work.mapping(entry, (*path, name), _MODEL_FIELDS)
        fill(model, entry, _MODEL_FIELDS, (*path, name), work)
        work.save(model, (*path, name), {"name": ""})
    for name in known.keys() - models.keys():
        known[name].delete()


def _host(base_url: str) -> str:
    try:
        return urlsplit(base_url).netloc.lower()
    except ValueError:
        return ""
