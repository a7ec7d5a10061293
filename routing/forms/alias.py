"""The form of an alias."""

from __future__ import annotations

from routing.forms.target_form import TargetForm
from routing.models import ModelAlias


class ModelAliasForm(TargetForm):
    with_requested = False
    with_aliases = False

    class Meta:
        model = ModelAlias
        fields = ["name", "display_name", "enabled"]
