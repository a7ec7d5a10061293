"""The form of a mapping: the subagents that were seen are proposed, others can be named."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from routing.forms.target_form import TargetForm
from routing.models import Subagent, SubagentMapping

_PROPOSALS = 500


class SeenSubagentInput(forms.TextInput):
    """A text, with the subagents that were seen lately and that nobody has mapped as proposals."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        names = Subagent.objects.not_mapped().order_by("-last_seen", "name").values_list("name")[:_PROPOSALS]
        options = format_html_join("", '<option value="{}"></option>', names)
        text = super().render(name, value, {**(attrs or {}), "list": f"seen-{name}"}, renderer)
        return format_html('{}<datalist id="seen-{}">{}</datalist>', text, name, options)


class SubagentMappingForm(TargetForm):
    class Meta:
        model = SubagentMapping
        fields = ["subagent", "enabled", "note"]
        widgets = {
            "subagent": SeenSubagentInput(attrs={"class": "vTextField"}),
            "note": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        }
