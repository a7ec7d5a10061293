"""What the pages share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from routing.forms.target_form import FallbackFormSet
from routing.problems import route_problems

if TYPE_CHECKING:
    AnyModelAdmin = admin.ModelAdmin[Any]
    AnyTabularInline = admin.TabularInline[Any, Any]
else:
    AnyModelAdmin = admin.ModelAdmin
    AnyTabularInline = admin.TabularInline


class FallbackInline(AnyTabularInline):
    formset = FallbackFormSet
    fields = ["order", "target"]
    extra = 0
    verbose_name_plural = "fallbacks, in their order, for when the first choice fails"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("provider")


class RoutesAdmin(AnyModelAdmin):
    """A list that says on top what of the stored rows cannot be used."""

    change_list_template = "admin/routing/change_list.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"problems": route_problems(), **(extra_context or {})})
