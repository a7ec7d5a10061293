"""Form fields for capabilities: each says what holds where nothing is entered, and only what is entered is stored.

The fields are made from the dataclass `Capabilities`: a new capability is in the admin without a line here. They are
not bound to the model's JSON field but stand beside it, under names with a prefix.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.forms import DeclarativeFieldsMetaclass

from providers.capability_labels import HELP_TEXTS, label_of
from providers.protocol.chat.capabilities import CAPABILITY_NAMES, Capabilities, read_value

PREFIX = "capability_"
_DEFAULTS = Capabilities()
_WORDS = {True: "yes", False: "no", None: "no limit is known"}


def form_field_name(capability: str) -> str:
    return PREFIX + capability


def _choices(capability: str, unset: str = "") -> list[tuple[object, str]]:
    """Empty for what is no choice."""
    default = getattr(_DEFAULTS, capability)
    if isinstance(default, bool):
        return [("", unset), (True, "yes"), (False, "no")]
    if isinstance(default, enum.StrEnum):
        return [("", unset), *((value.value, value.value) for value in type(default))]
    return []


def _form_field(capability: str) -> forms.Field:
    words: dict[str, Any] = {"label": label_of(capability), "help_text": HELP_TEXTS.get(capability, "")}
    if choices := _choices(capability):
        return forms.ChoiceField(choices=choices, required=False, **words)
    if isinstance(getattr(_DEFAULTS, capability), tuple):
        return forms.CharField(required=False, **words)
    return forms.IntegerField(required=False, min_value=0, **words)


if TYPE_CHECKING:
    _CapabilityFields = forms.Form
else:
    _CapabilityFields = DeclarativeFieldsMetaclass(
        "_CapabilityFields", (forms.Form,), {form_field_name(name): _form_field(name) for name in CAPABILITY_NAMES}
    )


class CapabilitiesForm(_CapabilityFields):
    """A form with a field for each capability. Setting one to None in a subclass leaves it out."""

    def show_capabilities(self, stored: object, effective: Capabilities | None, source: str) -> None:
        """Fill in the overrides that are `stored`.

        `effective` is what holds without them, None where it is not known yet; `source` names where it comes from.
        """
        for capability, field in self._capability_fields().items():
            value = getattr(effective, capability) if effective else ""
            _tell(field, capability, f"as the {source} says" + (f" ({_in_words(value)})" if effective else ""))
        for capability, value in stored.items() if isinstance(stored, dict) else ():
            if capability in CAPABILITY_NAMES and value is not None:
                self.initial[form_field_name(capability)] = _editable(value)

    def entered_capabilities(self) -> dict[str, Any]:
        """What was entered, as it is to be stored. An entry that a capability cannot have becomes an error."""
        entered = {}
        for capability in self._capability_fields():
            text = self.cleaned_data.get(form_field_name(capability))
            if text in ("", None):
                continue
            entered[capability] = _as_json(capability, text)
            try:
                read_value(capability, entered[capability])
            except ValueError as error:
                self.add_error(form_field_name(capability), str(error))
        return entered

    def _capability_fields(self) -> dict[str, forms.Field]:
        names = ((capability, form_field_name(capability)) for capability in CAPABILITY_NAMES)
        return {capability: self.fields[name] for capability, name in names if name in self.fields}


def _tell(field: forms.Field, capability: str, what_holds: str) -> None:
    """Show what holds where nothing is entered, as the first choice or in the empty input."""
    if isinstance(field, forms.ChoiceField):
        field.choices = _choices(capability, what_holds)
    else:
        field.widget.attrs |= {"placeholder": what_holds, "style": "width: 28em"}


def _in_words(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return _WORDS.get(value, str(value)) if value is None or isinstance(value, bool) else str(value)


def _editable(stored: object) -> object:
    return ", ".join(map(str, stored)) if isinstance(stored, list) else stored


def _as_json(capability: str, entered: Any) -> Any:
    default = getattr(_DEFAULTS, capability)
    if isinstance(default, bool):
        return entered == str(True)
    if isinstance(default, tuple):
        return [item for item in (item.strip() for item in entered.split(",")) if item]
    return entered
