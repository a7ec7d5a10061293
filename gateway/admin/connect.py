"""The page that tells people how to connect Claude Code, with a key made on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from gateway.connect import (
    MODEL_VARIABLES,
    Access,
    Connection,
    as_settings,
    as_shell,
    as_vs_code_settings,
    variables,
)
from gateway.model_list import ModelInfo, own_models
from gateway.models import ClientKey
from gateway.snapshot import Snapshot
from providers.validation import normalized_base_url, validate_base_url

if TYPE_CHECKING:
    ClientKeyModelAdmin = admin.ModelAdmin[ClientKey]
else:
    ClientKeyModelAdmin = admin.ModelAdmin

_ACCESS = {
    Access.KEY: "a key of this gateway alone",
    Access.OWN_LOGIN: "an own Claude subscription or API key, and a key of this gateway beside it",
    Access.OPEN: "no key: on this machine, while the gateway has none",
}


_MODEL_KEYS = frozenset(model.key for model in MODEL_VARIABLES)


class Snippet(NamedTuple):
    id: str
    label: str
    where: str
    text: str


class ConnectForm(forms.Form):
    address = forms.CharField(
        max_length=500, help_text="Under which Claude Code reaches this gateway.", widget=forms.URLInput
    )
    access = forms.ChoiceField(label="Claude Code has", widget=forms.RadioSelect)
    key = forms.ChoiceField(required=False, help_text="Of a key that is there nobody knows more than its name.")
    new_key = forms.CharField(
        required=False,
        max_length=100,
        label="Or make a key for",
        help_text="Who or what will use it. With the first key the gateway closes to everybody who has none.",
    )
    discovers_models = forms.BooleanField(
        required=False,
        label="List the gateway's models in /model",
        help_text="Without effect where CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC is set.",
    )
    has_all_features = forms.BooleanField(
        required=False,
        label="Tool search and fine-grained tool streaming",
        help_text="Only where no request goes to a provider of another format, which may know neither.",
    )

    def __init__(self, models: Sequence[ModelInfo], may_make_keys: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = list(ClientKey.objects.filter(enabled=True).values_list("name", flat=True))
        ways = [way for way in Access if way is not Access.OPEN or not ClientKey.objects.exists()]
        self._choose("access", [(way.value, _ACCESS[way]) for way in ways])
        self._choose("key", [("", "–"), *((name, name) for name in keys)])
        names = [(model.id, f"{model.id} ({model.display_name})") for model in models]
        for model in MODEL_VARIABLES:
            self.fields[model.key] = forms.ChoiceField(
                required=False, label=model.label, choices=[("", "as Claude Code chooses"), *names]
            )
        if not may_make_keys:
            del self.fields["new_key"]

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_address(self) -> str:
        address = normalized_base_url(self.cleaned_data["address"])
        validate_base_url(address)
        return address

    def clean_new_key(self) -> str:
        name: str = self.cleaned_data["new_key"].strip()
        if ClientKey.objects.filter(name=name).exists():
            raise forms.ValidationError(f"There is a client key “{name}” already: choose another name.")
        return name

    def clean(self) -> dict[str, Any] | None:
        if self.new_key_name and self.cleaned_data.get("access") == Access.OPEN:
            self.add_error("new_key", "Say above that Claude Code has a key.")
        return super().clean()

    def how_to_connect(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in _MODEL_KEYS]

    def which_models(self) -> list[forms.BoundField]:
        return [field for field in self if field.name in _MODEL_KEYS]

    def has_model_choice(self) -> bool:
        """Whether there is something to see among the models."""
        return any(field.value() or field.errors for field in self.which_models())

    @property
    def new_key_name(self) -> str:
        return str(self.cleaned_data.get("new_key", ""))

    def connection(self, key: str, models: Sequence[ModelInfo]) -> Connection:
        """What a valid form has chosen."""
        chosen = self.cleaned_data
        windows = {model.id: model.max_input_tokens for model in models}
        return Connection(
            base_url=chosen["address"],
            access=Access(chosen["access"]),
            key=key,
            models={model.key: chosen[model.key] for model in MODEL_VARIABLES},
            context_window=windows.get(chosen["main"]),
            discovers_models=chosen["discovers_models"],
            has_all_features=chosen["has_all_features"],
        )


def connect_view(request: HttpRequest, model_admin: ClientKeyModelAdmin) -> HttpResponse:
    """A key is only made where a name for it was entered. Its page cannot be opened again."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    models, may_make_keys = own_models(Snapshot.load()), model_admin.has_add_permission(request)
    form = ConnectForm(models, may_make_keys, request.POST if request.method == "POST" else _at_first(request))
    shown: dict[str, Any] = {}
    if form.is_valid():
        plain_key = _make_key(form)
        if plain_key:
            # The form names the key from here on: sent once more, it makes no second one.
            form = ConnectForm(models, may_make_keys, {**request.POST.dict(), "key": form.new_key_name, "new_key": ""})
            form.full_clean()
        shown = _snippets(form.connection(plain_key or _placeholder(form), models)) | {"plain_key": plain_key}
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Connect Claude Code",
        "opts": model_admin.opts,
        "form": form,
        **shown,
    }
    return TemplateResponse(request, "admin/gateway/connect.html", context)


def _at_first(request: HttpRequest) -> dict[str, str]:
    """What the form has chosen before anybody has."""
    access = Access.KEY if ClientKey.objects.exists() else Access.OPEN
    address = request.build_absolute_uri("/").rstrip("/")
    return {"address": address, "access": access.value, "discovers_models": "on"}


def _make_key(form: ConnectForm) -> str:
    """The key itself; empty where none is asked for."""
    if not form.new_key_name:
        return ""
    _, plain = ClientKey.issue(form.new_key_name)
    return plain


def _placeholder(form: ConnectForm) -> str:
    name = form.cleaned_data["key"]
    return f"THE-KEY-OF-{name}" if name else "A-KEY-OF-THIS-GATEWAY"


def _snippets(connection: Connection) -> dict[str, Any]:
    chosen = variables(connection)
    vs_code = as_vs_code_settings(chosen, connection.access)
    return {
        "variables": chosen,
        "needs_key": connection.access is not Access.OPEN,
        "snippets": [
            Snippet("shell", "Shell", "For ~/.bashrc or ~/.zshrc, or once in a terminal.", as_shell(chosen)),
            Snippet("settings", "settings.json", "In ~/.claude, or in .claude of a project.", as_settings(chosen)),
            Snippet("vscode", "VS Code", "In the settings.json of VS Code: its extension reads no other.", vs_code),
        ],
    }
