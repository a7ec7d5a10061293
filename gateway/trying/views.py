"""The page on which a request is tried. It reads what the log and the forms hold, and changes and sends nothing."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from gateway.trying.edited_rule import EditedRule, read_edited_rule
from gateway.trying.errors import RequestUnusable, RuleUnusable
from gateway.trying.forms import TryForm
from gateway.trying.trial import Trial, try_request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Only the admin's own scripts: should a request's text ever reach the page unescaped, it stays without effect."""
_REMEMBERED = "tried_request"
_REMEMBERED_CHARACTERS = 300_000


@require_http_methods(["GET", "HEAD", "POST"])
def try_routes(request: HttpRequest) -> HttpResponse:
    """`?exchange=<id>` tries that exchange at once; the page's own form posts to here."""
    _check_permission(request)
    if request.method == "POST":
        return _page(request, TryForm(request.POST), request.POST.get("edited", ""), request.POST.get("rule", ""))
    if "exchange" in request.GET:
        return _page(request, TryForm(request.GET))
    return _page(request, TryForm(initial=_remembered(request)))


@require_POST
def try_edited_rule(request: HttpRequest) -> HttpResponse:
    """Takes what a rule's page would save, `?rule=<id>` where it is stored already, and tries the last request."""
    _check_permission(request)
    edited = request.POST.copy()
    edited.pop("csrfmiddlewaretoken", None)
    remembered = _remembered(request)
    form = TryForm(remembered) if remembered else TryForm()
    return _page(request, form, edited.urlencode(), request.GET.get("rule", ""))


def _check_permission(request: HttpRequest) -> None:
    """The log is for all staff, as which everybody has come who is here; rules are not."""
    if not request.user.has_perm("routing.view_routingrule"):
        raise PermissionDenied("Trying the routes takes the permission to view routing rules.")


def _page(request: HttpRequest, form: TryForm, edited_text: str = "", rule_id: str = "") -> HttpResponse:
    mistakes: tuple[str, ...] = ()
    edited: EditedRule | None = None
    trial: Trial | None = None
    try:
        if edited_text:
            edited = read_edited_rule(request, QueryDict(edited_text), rule_id)
        trial = _try(request, form, edited)
    except RuleUnusable as error:
        mistakes = error.mistakes
    context = {
        **admin.site.each_context(request),
        "title": "Try the routes",
        "form": form,
        "trial": trial,
        "edited": edited,
        "edited_text": edited_text,
        "rule_id": rule_id,
        "mistakes": mistakes,
    }
    return _harden(TemplateResponse(request, "admin/gateway/try_routes.html", context))


def _try(request: HttpRequest, form: TryForm, edited: EditedRule | None) -> Trial | None:
    """None where there is no request to try; the form says why. Raises `RuleUnusable`."""
    if not form.is_bound or not form.is_valid():
        return None
    _remember(request, form)
    try:
        return try_request(form.request(), edited)
    except RequestUnusable as error:
        form.add_error(None, str(error))
        return None


def _remember(request: HttpRequest, form: TryForm) -> None:
    """For the rule that is edited next. A request that is too long for a session has to be pasted again."""
    values = form.remembered()
    if sum(map(len, values.values())) <= _REMEMBERED_CHARACTERS:
        request.session[_REMEMBERED] = values


def _remembered(request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.session.get(_REMEMBERED, {})
    return found


def _harden(response: HttpResponse) -> HttpResponse:
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
