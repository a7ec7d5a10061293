"""What traffic has shown: those whom nobody has mapped stand on top, one click from a mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.template.defaultfilters import truncatechars
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from routing.models import KnownBy, Subagent, SubagentFingerprint

if TYPE_CHECKING:
    AnyModelAdmin = admin.ModelAdmin[Any]
else:
    AnyModelAdmin = admin.ModelAdmin

_SHOWN_CHARACTERS = 80


class SeenAdmin(AnyModelAdmin):
    """For reading and forgetting: what was seen is not made up here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MappedFilter(admin.SimpleListFilter):
    title = "mapping"
    parameter_name = "mapped"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "not mapped"), ("yes", "mapped")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subagent]) -> QuerySet[Subagent]:
        wanted = {"is_mapped": self.value() == "yes"} if self.value() else {}
        return queryset.filter(**wanted)


@admin.register(Subagent)
class SubagentAdmin(SeenAdmin):
    list_display = ["name", "mapping", "described", "requests", "seen_at", "known_by"]
    list_filter = [MappedFilter, "known_by"]
    list_per_page = 100
    search_fields = ["name", "description"]
    fields = ["name", "mapping", "description", "known_by", "requests", "first_seen", "last_seen", "prompts"]
    readonly_fields = ["mapping", "prompts"]

    class Media:
        css = {"all": ("routing/admin.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subagent]:
        return Subagent.objects.with_mapped()

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        return ["is_mapped", "-last_seen", "name"]

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """With the mappings of the page's rows, in one query."""
        changelist = super().get_changelist_instance(request)
        Subagent.read_mappings(changelist.result_list)
        return changelist

    @admin.display(description="mapping", ordering="is_mapped")
    def mapping(self, subagent: Subagent) -> SafeString:
        mapping = subagent.mapping
        if mapping is None:
            url = f"{reverse('admin:routing_subagentmapping_add')}?{urlencode({'subagent': subagent.name})}"
            link = format_html('<a href="{}" aria-label="Map {}">Map…</a>', url, subagent.name)
            return format_html('<span class="not-mapped">not mapped {}</span>', link)
        url = reverse("admin:routing_subagentmapping_change", args=[mapping.pk])
        state = "" if mapping.enabled else " (not enabled)"
        return format_html('<a href="{}">{}</a>{}', url, mapping.target_text, state)

    @admin.display(description="description")
    def described(self, subagent: Subagent) -> str:
        return truncatechars(subagent.description, _SHOWN_CHARACTERS)

    @admin.display(description="last seen", ordering="last_seen")
    def seen_at(self, subagent: Subagent) -> str:
        return date_format(timezone.localtime(subagent.last_seen), "j M, H:i")

    @admin.display(description="prompts that it was known by")
    def prompts(self, subagent: Subagent) -> str:
        return ", ".join(print_.fingerprint[:12] for print_ in subagent.fingerprints.all()) or "none"


@admin.register(SubagentFingerprint)
class SubagentFingerprintAdmin(SeenAdmin):
    """Those without a name stand on top: pasting the agent's definition gives them one."""

    list_display = ["shown_fingerprint", "agent", "sample", "source", "requests", "last_seen"]
    list_filter = [("subagent", admin.EmptyFieldListFilter), "source"]
    list_select_related = ["subagent"]
    search_fields = ["fingerprint", "sample", "subagent__name"]
    ordering = [F("subagent__name").asc(nulls_first=True), "-last_seen", "fingerprint"]

    @admin.display(description="fingerprint")
    def shown_fingerprint(self, seen: SubagentFingerprint) -> str:
        return seen.fingerprint[:12]

    @admin.display(description="subagent")
    def agent(self, seen: SubagentFingerprint) -> SafeString | str:
        if seen.subagent:
            return seen.subagent.name
        if seen.source == KnownBy.AMBIGUOUS:
            return KnownBy.AMBIGUOUS.label
        return format_html(
            'unknown: <a href="{}">paste its definition</a>', reverse("admin:routing_agentdefinition_add")
        )
