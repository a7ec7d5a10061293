"""The admin's pages of revisions: what changed, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from gateway.configuration.comparing import Hunk, compare
from gateway.configuration.problems import ConfigurationError
from gateway.configuration.restoring import StateNotKept, restore, what_restoring_changes
from gateway.models import Revision

if TYPE_CHECKING:
    RevisionModelAdmin = admin.ModelAdmin[Revision]
else:
    RevisionModelAdmin = admin.ModelAdmin

_NAMED_IN_A_SUMMARY = 3


@admin.register(Revision)
class RevisionAdmin(RevisionModelAdmin):
    """Revisions come from changes and stay. One can be restored, which makes a new one."""

    list_display = ["id", "created_at", "changed_by", "summary"]
    list_filter = ["changes__action", "changes__model"]
    search_fields = ["changes__object_name", "changed_by", "note"]
    date_hierarchy = "created_at"
    fields = ["created_at", "changed_by", "note"]
    change_form_template = "admin/gateway/revision/detail.html"

    class Media:
        css = {"all": ["gateway/revision.css"]}

    @admin.display(description="what changed")
    def summary(self, revision: Revision) -> str:
        changes = list(revision.changes.all())
        named = ", ".join(map(str, changes[:_NAMED_IN_A_SUMMARY]))
        more = len(changes) - _NAMED_IN_A_SUMMARY
        what = f"{named} and {more} more" if more > 0 else named
        return ": ".join(filter(None, [revision.note, what]))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revision]:
        return super().get_queryset(request).defer("state").prefetch_related("changes")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.restore_view)
        return [path("<path:object_id>/restore/", view, name="gateway_revision_restore"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        revision = self.get_object(request, object_id)
        context = {} if revision is None else self._shown(request, revision)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def _shown(self, request: HttpRequest, revision: Revision) -> dict[str, Any]:
        is_kept = revision.state is not None
        return {
            "title": f"Revision {revision.pk}",
            "subtitle": None,
            "changes": revision.changes.all(),
            "hunks": _what_it_changed(revision),
            "may_restore": is_kept and may_restore(request),
            "is_kept": is_kept,
            "is_current": revision.pk == Revision.current(),
        }

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Shows what would change, and changes it when that is confirmed for the configuration that was shown."""
        revision = self.get_object(request, object_id)
        if revision is None:
            raise Http404
        if not may_restore(request):
            raise PermissionDenied
        try:
            if request.method == "POST" and request.POST.get("current") == str(Revision.current()):
                return self._restore(request, revision)
            return self._confirm(request, revision)
        except (StateNotKept, ConfigurationError) as error:
            self.message_user(request, f"Revision {revision.pk} cannot be restored: {error}", messages.ERROR)
            return self._to(revision)

    def _confirm(self, request: HttpRequest, revision: Revision) -> HttpResponse:
        if request.method == "POST":
            self.message_user(request, "The configuration has changed meanwhile: look at it again.", messages.WARNING)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Restore revision {revision.pk}",
            "opts": self.opts,
            "revision": revision,
            "hunks": what_restoring_changes(revision),
            "current": Revision.current(),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/gateway/revision/restore.html", context)

    def _restore(self, request: HttpRequest, revision: Revision) -> HttpResponse:
        before = Revision.current()
        lost = restore(revision)
        if Revision.current() == before:
            self.message_user(request, "There was nothing to change.", messages.INFO)
        else:
            self.message_user(request, f"Revision {revision.pk} was restored.", messages.SUCCESS)
        for provider in lost:
            self.message_user(
                request,
                f"Enter the credential of provider {provider} again: it is not stored for this host any more.",
                messages.WARNING,
            )
        return self._to(Revision.objects.defer("state").get(pk=Revision.current()))

    def _to(self, revision: Revision) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:gateway_revision_change", args=[revision.pk]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Revision | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Revision | None = None) -> bool:
        return False


def may_restore(request: HttpRequest) -> bool:
    return request.user.has_perm("gateway.restore_revision")


def _what_it_changed(revision: Revision) -> tuple[Hunk, ...]:
    """Empty too where the states are not kept, or the change is of what they do not hold."""
    before, after = revision.state_before(), revision.read_state()
    return () if before is None or after is None else compare(before, after)
