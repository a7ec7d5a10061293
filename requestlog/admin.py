"""Entries in the admin: to look at, never to change. Bodies and blocks are only in the log's own pages."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from requestlog.models import Entry
from requestlog.presentation.facts import badge_of
from requestlog.templatetags.log_text import clock, short

if TYPE_CHECKING:
    _Paginator = Paginator[Entry]
    _ModelAdmin = admin.ModelAdmin[Entry]
else:  # Django's own classes take no type parameters
    _Paginator = Paginator
    _ModelAdmin = admin.ModelAdmin

REACH = 5_000
"""How many of the newest entries the admin pages through. The log's own list reaches all of them."""

_LONG_COLUMNS = ("attempts", "tools_called", "error_message", "decision_reason", "conversion_notes")


class NewestEntriesPaginator(_Paginator):
    """Counts no further than `REACH`: counting a whole log takes longer than showing a page of it."""

    object_list: QuerySet[Entry]

    @cached_property
    def count(self) -> int:
        return self.object_list[:REACH].count()


@admin.register(Entry)
class EntryAdmin(_ModelAdmin):
    list_display = ("received", "state", "asked_for", "routed_model", "provider", "session", "open_in_the_log")
    search_fields = ("session_id__exact",)
    search_help_text = f"A whole session id. Here are the newest {REACH} entries; the request log reaches all."
    ordering = ("-id",)
    sortable_by = ()
    list_per_page = 50
    show_full_result_count = False
    paginator = NewestEntriesPaginator
    readonly_fields: ClassVar[tuple[str, ...]] = (
        "open_in_the_log",
        *(field.name for field in Entry._meta.concrete_fields),
    )
    fields = readonly_fields
    actions = None
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return super().get_queryset(request).defer(*_LONG_COLUMNS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False

    @admin.display(description="received")
    def received(self, entry: Entry) -> str:
        return clock(entry.received_at)

    @admin.display(description="state")
    def state(self, entry: Entry) -> str:
        return badge_of(entry.outcome, entry.status).text

    @admin.display(description="model")
    def asked_for(self, entry: Entry) -> str:
        return short(entry.requested_model, 60) or f"{entry.method} {short(entry.path, 60)}"

    @admin.display(description="session")
    def session(self, entry: Entry) -> str:
        return short(entry.session_id, 40)

    @admin.display(description="request log")
    def open_in_the_log(self, entry: Entry) -> str:
        return format_html('<a href="{}">open in the log</a>', entry.get_absolute_url())
