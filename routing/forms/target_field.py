"""A provider and a model, picked from one list of what there is, or named where the list does not have it.

Works without a script: the list has for each provider the entry "another model", and beside it stands the text for
its name. `target.js` shows the text only where it is needed.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from providers.models import Provider
from providers.validation import validate_model_name
from routing.models import ModelAlias
from routing.routes import Target

Choices = list[tuple[str, str | list[tuple[str, str]]]]
"""As Django's select takes them: values with their labels, in groups with a name."""

_ANOTHER = " another"
"""In the place of a model's name, which holds no space."""
_MAX_LENGTH = 200
_MISSING = "Choose provider and model."


def target_choices(with_requested: bool = True, with_aliases: bool = True) -> Choices:
    """`with_requested` for what may keep the model that the client asks for."""
    aliases = ModelAlias.objects.filter(enabled=True).select_related("provider") if with_aliases else ()
    named: Choices = [("Aliases", [(str(alias.target), f"{alias.name} → {alias.target}") for alias in aliases])]
    providers = Provider.objects.prefetch_related("models")
    groups: Choices = [(_group_name(provider), _of_provider(provider, with_requested)) for provider in providers]
    return [("", "Choose provider and model"), *(named if aliases else []), *groups]


def _group_name(provider: Provider) -> str:
    return provider.name if provider.enabled else f"{provider.name} (not enabled)"


def _of_provider(provider: Provider, with_requested: bool) -> list[tuple[str, str]]:
    name = provider.name
    listed = [(f"{name}:{model.name}", f"{name}: {model.name}") for model in provider.models.all()]
    requested = [(f"{name}:", f"{name}: the model that the client asks for")] if with_requested else []
    return [*listed, *requested, (f"{name}:{_ANOTHER}", f"{name}: another model…")]


class TargetWidget(forms.MultiWidget):
    use_fieldset = False

    def __init__(self) -> None:
        select = forms.Select(attrs={"aria-label": "provider and model", "class": "target-choice"})
        other = forms.TextInput(
            attrs={"aria-label": "another model", "placeholder": "another model's name", "class": "target-other"}
        )
        super().__init__({"": select, "other": other})

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0"

    def decompress(self, value: Target | None) -> list[str]:
        if not value:
            return ["", ""]
        if str(value) in self._listed():
            return [str(value), ""]
        return [f"{value.provider}:{_ANOTHER}", value.model]

    def _listed(self) -> set[str]:
        groups = [options for _, options in self.widgets[0].choices if isinstance(options, list)]  # type: ignore[attr-defined]
        return {value for options in groups for value, _ in options}


class TargetField(forms.MultiValueField):
    """Its value is a `Target`, None where nothing was picked and nothing had to be."""

    widget = TargetWidget

    def __init__(self, **kwargs: Any) -> None:
        fields = (forms.ChoiceField(required=False), forms.CharField(required=False, max_length=_MAX_LENGTH))
        errors = {"required": _MISSING}
        super().__init__(fields, require_all_fields=False, error_messages=errors, **kwargs)

    def set_choices(self, choices: Choices) -> None:
        self.fields[0].choices = choices  # type: ignore[attr-defined]
        self.widget.widgets[0].choices = choices  # type: ignore[attr-defined]

    def compress(self, data_list: list[str]) -> Target | None:
        choice, other = (*data_list, "", "")[:2]
        if not choice:
            if self.required or other:
                raise ValidationError(_MISSING)
            return None
        provider, _, model = choice.partition(":")
        if model != _ANOTHER:
            if other:
                raise ValidationError(f"Choose “{provider}: another model…” for {other}, or leave the text empty.")
            return Target(provider, model)
        if not other:
            raise ValidationError("Name the other model in the text beside the list.")
        validate_model_name(other)
        return Target(provider, other)
