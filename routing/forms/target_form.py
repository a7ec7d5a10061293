"""What the forms of everything that leads to a target share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminIntegerFieldWidget
from django.forms.models import BaseInlineFormSet
from django.utils.functional import cached_property

from providers.models import Provider
from routing.forms.target_field import Choices, TargetField, target_choices
from routing.models import MappingFallback, RuleFallback

_MAX_ORDER = 32_767
"""What every database can hold in its column."""

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
        css = {"all": ("routing/admin.css",)}

    def __init__(self, *args: Any, choices: Choices | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["target"]
        assert isinstance(field, TargetField)
        field.set_choices(choices or target_choices(self.with_requested, self.with_aliases))
        if self.instance.provider_id is not None:
            self.initial["target"] = self.instance.target

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if picked := self.cleaned_data.get("target"):
            try:
                self.instance.provider = Provider.objects.get(name=picked.provider)
            except Provider.DoesNotExist:
                self.add_error("target", f"There is no provider {picked.provider} any more: choose another one.")
            self.instance.model = picked.model
        return cleaned

    def _post_clean(self) -> None:
        # Without a target there is no row that the model's own checks could look at.
        if self.cleaned_data.get("target"):
            super()._post_clean()  # type: ignore[misc]

    def add_error(self, field: str | None, error: Any) -> None:
        """The model tells its mistakes by the names of its own fields."""
        if field is None and (mistakes := getattr(error, "error_dict", None)):
            error = {"target" if name in ("provider", "model") else name: text for name, text in mistakes.items()}
        super().add_error(field, error)


class FallbackForm(TargetForm):
    order = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=_MAX_ORDER,
        widget=AdminIntegerFieldWidget,
        help_text="The lowest number is tried first; empty: after those above.",
    )

    class Meta:
        fields = ["order"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.initial["order"] = None


class MappingFallbackForm(FallbackForm):
    class Meta(FallbackForm.Meta):
        model = MappingFallback


class RuleFallbackForm(FallbackForm):
    class Meta(FallbackForm.Meta):
        model = RuleFallback


class FallbackFormSet(AnyInlineFormSet):
    """Reads what there is to choose from once for all its rows, and numbers those that have no number."""

    @cached_property
    def _choices(self) -> Choices:
        return target_choices()

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "choices": self._choices}

    def clean(self) -> None:
        super().clean()
        taken: set[int] = set()
        for form in self.forms:
            if not form.cleaned_data.get("target") or form.cleaned_data.get("DELETE"):
                continue
            order = form.cleaned_data.get("order")
            if order is None:
                order = form.instance.order = max(taken, default=0) + 1
            elif order in taken:
                form.add_error("order", "A fallback above has this number: give each its own, or leave this one empty.")
            taken.add(order)
