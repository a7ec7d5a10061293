"""The page of a mapping."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from routing.admin.base import FallbackInline, RoutesAdmin
from routing.forms.mapping import SubagentMappingForm
from routing.forms.target_form import MappingFallbackForm
from routing.models import MappingFallback, SubagentMapping


class MappingFallbackInline(FallbackInline):
    model = MappingFallback
    form = MappingFallbackForm


@admin.register(SubagentMapping)
class SubagentMappingAdmin(RoutesAdmin):
    form = SubagentMappingForm
    fields = ["subagent", "target", "enabled", "note"]
    inlines = [MappingFallbackInline]
    list_display = ["subagent", "leads_to", "enabled", "note"]
    list_filter = ["enabled", "provider"]
    list_select_related = ["provider"]
    search_fields = ["subagent", "model", "note"]

    @admin.display(description="leads to", ordering="provider__name")
    def leads_to(self, mapping: SubagentMapping) -> str:
        return mapping.target_text

    def response_post_save_add(self, request: HttpRequest, obj: SubagentMapping) -> HttpResponseRedirect:
        """Who came from the list of subagents goes on there: the next one may be waiting."""
        if "subagent" in request.GET and request.user.has_perm("routing.view_subagent"):
            return HttpResponseRedirect(reverse("admin:routing_subagent_changelist"))
        return super().response_post_save_add(request, obj)
