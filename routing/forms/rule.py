"""The form of a rule. Its criteria have rows of their own."""

from __future__ import annotations

from typing import Any

from django import forms

from routing.forms.target_form import TargetForm
from routing.models import RoutingRule


class RoutingRuleForm(TargetForm):
    class Meta:
        model = RoutingRule
        fields = ["name", "order", "enabled", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and "order" in self.fields:
            self.initial["order"] = RoutingRule.next_order()
