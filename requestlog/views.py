"""The pages of the request log. They only read, and show what `requestlog.presentation` makes of it."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from requestlog.access import log_page
from requestlog.callers import read_callers
from requestlog.detail import read_detail
from requestlog.models import Body, BodyKind, Entry
from requestlog.paging import neighbours_in_session, parse_id, read_page
from requestlog.reading import BodyUnreadable, stored_content

_SUFFIXES: dict[str, str] = {BodyKind.RESPONSE: "bin", BodyKind.RECEIVED: "txt"}
"""The response has the content encoding in which it went to the client; what was received may be a stream of events."""


@log_page
def show_list(request: HttpRequest) -> HttpResponse:
    """The log, newest first. `?before=<id>` and `?after=<id>` turn the pages; any other value shows the first page.

    `?caller=` and `?subagent=` show the calls of some callers alone, see `requestlog.callers`.
    """
    callers = read_callers(request.GET)
    before, after = parse_id(request.GET.get("before")), parse_id(request.GET.get("after"))
    page = read_page(before, after, callers.select(Entry.objects.all()))
    site = request.build_absolute_uri("/").rstrip("/")
    return render(request, "requestlog/list.html", {"page": page, "callers": callers, "site": site})


@log_page
def show_detail(request: HttpRequest, entry_id: uuid.UUID) -> HttpResponse:
    """One exchange."""
    entry = get_object_or_404(Entry.objects.prefetch_related("stored_bodies"), pk=entry_id)
    older, newer = neighbours_in_session(entry)
    context = {"entry": entry, "detail": read_detail(entry), "older": older, "newer": newer}
    return render(request, "requestlog/detail.html", context)


@log_page
def download_body(request: HttpRequest, entry_id: uuid.UUID, kind: str) -> HttpResponse:
    """A body's stored bytes, exactly. Never as a type that a browser would open."""
    body = get_object_or_404(Body, entry=entry_id, kind=kind)
    try:
        content = stored_content(body)
    except BodyUnreadable as error:
        return HttpResponse(str(error), status=410, content_type="text/plain; charset=utf-8")
    name = f"{body.entry_id}-{body.kind}.{_SUFFIXES.get(body.kind, 'json')}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)
