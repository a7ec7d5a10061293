"""The pages of rules: their list is their order."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from routing.admin.base import AnyTabularInline, FallbackInline, RoutesAdmin
from routing.criteria import CRITERIA
from routing.forms.rule import RoutingRuleForm
from routing.forms.target_form import RuleFallbackForm
from routing.models import RoutingRule, RuleCriterion, RuleFallback


class CriterionInline(AnyTabularInline):
    model = RuleCriterion
    fields = ["kind", "value"]
    extra = 1
    verbose_name_plural = "criteria, all of which must match"


class RuleFallbackInline(FallbackInline):
    model = RuleFallback
    form = RuleFallbackForm


@admin.register(RoutingRule)
class RoutingRuleAdmin(RoutesAdmin):
    form = RoutingRuleForm
    fields = ["name", "order", "target", "enabled", "note"]
    inlines = [CriterionInline, RuleFallbackInline]
    change_list_template = "admin/routing/routingrule/change_list.html"
    list_display = ["name", "order", "when", "leads_to", "enabled", "move"]
    list_editable = ["order"]
    list_select_related = ["provider"]
    list_per_page = 1000
    """An order is seen on one page."""
    search_fields = ["name", "note"]
    sortable_by = ()
    actions = None
    """Enter in a number's field presses the first button of the list, which must be the one that saves."""

    class Media:
        js = ("routing/arrange.js", "routing/criteria.js")
        css = {"all": ("routing/admin.css",)}

    def get_list_display(self, request: HttpRequest) -> Any:
        return self.list_display if self.has_change_permission(request) else self.list_display[:-1]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoutingRule]:
        return super().get_queryset(request).prefetch_related("criteria")

    def get_urls(self) -> list[URLPattern]:
        arrange = self.admin_site.admin_view(require_POST(self.arrange_view))
        return [path("arrange/", arrange, name="routing_routingrule_arrange"), *super().get_urls()]

    def arrange_view(self, request: HttpRequest) -> HttpResponse:
        """Takes `rule`, the ids as they are to follow each other, or the id of one to move `up` or `down`."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        for name, steps in (("up", -1), ("down", 1)):
            for id_ in _numbers(request.POST.getlist(name)):
                RoutingRule.move(id_, steps)
        if ids := _numbers(request.POST.getlist("rule")):
            RoutingRule.arrange(ids)
        return HttpResponseRedirect(reverse("admin:routing_routingrule_changelist"))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        # Not the classes themselves: a template calls whatever can be called.
        criteria = [(one.key, one.label, one.help_text, one.example) for one in CRITERIA.values()]
        context = {"criteria": criteria, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def save_related(self, request: HttpRequest, form: ModelForm[RoutingRule], formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not form.instance.criteria.exists():
            text = f"The rule “{form.instance}” has no criteria: it takes every call that nothing before it takes."
            self.message_user(request, text, messages.WARNING)

    @admin.display(description="when")
    def when(self, rule: RoutingRule) -> str:
        return " and ".join(map(_described, rule.criteria.all())) or "always"

    @admin.display(description="leads to")
    def leads_to(self, rule: RoutingRule) -> str:
        return rule.target_text

    @admin.display(description="move")
    def move(self, rule: RoutingRule) -> SafeString:
        return format_html(
            '<span class="drag-handle" data-rule="{0}" title="Drag to move" aria-hidden="true">⠿</span>'
            '<button form="arrange" name="up" value="{0}" aria-label="Move {1} up">▲</button>'
            '<button form="arrange" name="down" value="{0}" aria-label="Move {1} down">▼</button>',
            rule.pk,
            rule.name,
        )


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]


def _described(criterion: RuleCriterion) -> str:
    try:
        return criterion.parsed().describe()
    except ValueError as error:
        return f"{criterion.kind} {criterion.value} (cannot be read: {error})"
