"""What the forms of everything that leads to a target share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.functional import cached_property

from providers.models import Provider
from routing.forms.target_field import Choices, TargetField, target_choices
from routing.models import MappingFallback, RuleFallback

if TYPE_CHECKING:
    AnyModelForm = forms.ModelForm[Any]
    AnyInlineFormSet = BaseInlineFormSet[Any, Any, Any]
else:
    AnyModelForm = forms.ModelForm
    AnyInlineFormSet = BaseInlineFormSet


class TargetForm(AnyModelForm):
    """`provider` and `model` of the row as one field, `target`, which tells the mistakes of both."""

    with_requested: ClassVar[bool] = True
    with_aliases: ClassVar[bool] = True

    target = TargetField(label="Leads to")

    class Media:
        js = ("routing/target.js",)

    def __init__(self, *args: Any, choices: Choices | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["target"]
        assert isinstance(field, TargetField)
        field.set_choices(choices or target_choices(self.with_requested, self.with_aliases))
        if self.instance.provider_id is not None:
            self.initial["target"] = (self.instance.provider.name, self.instance.model)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if picked := self.cleaned_data.get("target"):
            name, self.instance.model = picked
            try:
                self.instance.provider = Provider.objects.get(name=name)
            except Provider.DoesNotExist:
                self.add_error("target", f"There is no provider {name} any more: choose another one.")
        return cleaned

    def _post_clean(self) -> None:
        # Without a target there is no row that the model's own checks could look at.
        if self.cleaned_data.get("target"):
            super()._post_clean()  # type: ignore[misc]

    def add_error(self, field: str | None, error: ValidationError | str) -> None:
        """The model tells its mistakes by the names of its own fields."""
        if isinstance(error, ValidationError) and hasattr(error, "error_dict"):
            by_field: dict[str, list[ValidationError]] = {}
            for name, errors in error.error_dict.items():
                by_field.setdefault("target" if name in ("provider", "model") else name, []).extend(errors)
            known = {name if name in self.fields else NON_FIELD_ERRORS: list_ for name, list_ in by_field.items()}
            error = ValidationError(known)
        super().add_error(field, error)


class FallbackForm(TargetForm):
    class Meta:
        fields = ["order"]


class MappingFallbackForm(FallbackForm):
    class Meta(FallbackForm.Meta):
        model = MappingFallback


class RuleFallbackForm(FallbackForm):
    class Meta(FallbackForm.Meta):
        model = RuleFallback


class FallbackFormSet(AnyInlineFormSet):
    """Reads what there is to choose from once for all its rows."""

    @cached_property
    def _choices(self) -> Choices:
        return target_choices()

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "choices": self._choices}
