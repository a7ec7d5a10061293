from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from gateway.models import ClientKey, Revision

if TYPE_CHECKING:
    ClientKeyModelAdmin = admin.ModelAdmin[ClientKey]
    ClientKeyForm = forms.ModelForm[ClientKey]
    RevisionModelAdmin = admin.ModelAdmin[Revision]
else:
    ClientKeyModelAdmin = RevisionModelAdmin = admin.ModelAdmin
    ClientKeyForm = forms.ModelForm

admin.site.site_header = "Claude Code gateway"
admin.site.site_title = "Claude Code gateway"
admin.site.index_title = "Configuration"


@admin.register(ClientKey)
class ClientKeyAdmin(ClientKeyModelAdmin):
    """A new key is shown on the page that answers the form, and nowhere else: that page cannot be opened again."""

    list_display = ["name", "shown_prefix", "enabled", "expires_at", "created_at"]
    list_filter = ["enabled"]
    search_fields = ["name", "prefix"]
    fields = ["name", "enabled", "expires_at"]

    @admin.display(description="key")
    def shown_prefix(self, client_key: ClientKey) -> str:
        return f"{client_key.prefix}…"

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        only_save = {"show_save_and_continue": False, "show_save_and_add_another": False}
        return super().add_view(request, form_url, {**(extra_context or {}), **only_save})

    def save_model(self, request: HttpRequest, obj: ClientKey, form: ClientKeyForm, change: bool) -> None:
        if not change:
            obj.generate()
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: ClientKey, post_url_continue: str | None = None) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"The key of {obj.name}",
            "opts": self.opts,
            "client_key": obj,
        }
        return TemplateResponse(request, "admin/gateway/clientkey/issued.html", context)


@admin.register(Revision)
class RevisionAdmin(RevisionModelAdmin):
    """For reading: revisions come from changes and stay."""

    list_display = ["id", "created_at", "changed_by", "action", "model", "object_name", "changed_fields"]
    list_filter = ["action", "model"]
    search_fields = ["object_name", "changed_by"]
    date_hierarchy = "created_at"
    fields = ["id", "created_at", "changed_by", "action", "model", "object_name", "changes_table"]
    readonly_fields = ["changes_table"]

    @admin.display(description="fields")
    def changed_fields(self, revision: Revision) -> str:
        return ", ".join(revision.changes)

    @admin.display(description="changes")
    def changes_table(self, revision: Revision) -> SafeString:
        rows = ((name, old, new) for name, (old, new) in revision.changes.items())
        return format_html(
            "<table><thead><tr><th>field</th><th>before</th><th>after</th></tr></thead><tbody>{}</tbody></table>",
            format_html_join("", "<tr><th>{}</th><td>{}</td><td>{}</td></tr>", rows),
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Revision | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Revision | None = None) -> bool:
        return False
