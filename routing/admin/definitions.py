"""Agent definitions: those that were pasted or uploaded, and what the watched folders hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from routing.definition_files import scan_folders
from routing.forms.definition import AgentDefinitionForm
from routing.identification.definitions import Definition, DefinitionError
from routing.models import AgentDefinition

if TYPE_CHECKING:
    DefinitionModelAdmin = admin.ModelAdmin[AgentDefinition]
else:
    DefinitionModelAdmin = admin.ModelAdmin


@admin.register(AgentDefinition)
class AgentDefinitionAdmin(DefinitionModelAdmin):
    form = AgentDefinitionForm
    list_display = ["name", "description", "model_wanted"]
    search_fields = ["name", "text"]
    change_list_template = "admin/routing/agentdefinition/change_list.html"

    class Media:
        css = {"all": ("routing/admin.css",)}

    def get_fields(self, request: HttpRequest, obj: AgentDefinition | None = None) -> Any:
        if self.has_change_permission(request, obj) or (obj is None and self.has_add_permission(request)):
            return ["text", "upload"]
        return ["name", "text"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"folders": settings.AGENT_DEFINITION_DIRS, "scan": scan_folders(settings.AGENT_DEFINITION_DIRS)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @admin.display(description="description")
    def description(self, row: AgentDefinition) -> str:
        definition = _parsed(row)
        return definition.description if isinstance(definition, Definition) else definition

    @admin.display(description="model in the definition")
    def model_wanted(self, row: AgentDefinition) -> str:
        definition = _parsed(row)
        return definition.model if isinstance(definition, Definition) else ""


def _parsed(row: AgentDefinition) -> Definition | str:
    """The definition, or what is wrong with it: it may have been stored by another version of the gateway."""
    try:
        return row.parsed()
    except DefinitionError as error:
        return f"cannot be used: {error.reason}"
