"""A rule as its page in the admin holds it: read by the page's own forms, and never saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import admin
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.forms import BaseForm
from django.forms.formsets import all_valid
from django.http import HttpRequest, QueryDict

from gateway.trying.errors import RuleUnusable
from providers.models import Provider
from routing.models import RoutingRule, RuleCriterion, RuleFallback
from routing.route_builder import BrokenRow, RouteBuilder
from routing.routes import Routes, Rule


@dataclass(frozen=True, slots=True)
class EditedRule:
    """Rows that are not saved."""

    row: RoutingRule
    criteria: Sequence[RuleCriterion]
    fallbacks: Sequence[RuleFallback]

    def put_among(self, routes: Routes) -> Routes:
        """The routes as they would be with this rule. Raises `RuleUnusable`."""
        builder = RouteBuilder(Provider.objects.all())
        others = [row for row in RoutingRule.in_force() if row.pk != self.row.pk]
        place = self.row.sort_key()
        before = builder.rules(row for row in others if row.sort_key() < place)
        after = builder.rules(row for row in others if row.sort_key() >= place)
        return replace(routes, rules=(*before, *self._built(builder), *after))

    def _built(self, builder: RouteBuilder) -> tuple[Rule, ...]:
        if not self.row.enabled:
            return ()
        try:
            return (builder.rule(self.row, self.criteria, self.fallbacks),)
        except BrokenRow as error:
            raise RuleUnusable(f"The rule cannot be used: {error}.") from error


def read_edited_rule(request: HttpRequest, posted: QueryDict, rule_id: str) -> EditedRule:
    """`posted` is what the rule's page sent, `rule_id` empty for a new rule.

    Raises `RuleUnusable` with the mistakes of its forms, and `PermissionDenied`.
    """
    page = admin.site.get_model_admin(RoutingRule)
    stored = page.get_object(request, rule_id) if rule_id else None
    if rule_id and stored is None:
        raise RuleUnusable("The rule that was edited is there no more.")
    may_edit = page.has_change_permission(request, stored) if stored else page.has_add_permission(request)
    if not may_edit:
        raise PermissionDenied
    form = page.get_form(request, stored, change=stored is not None)(posted, instance=stored)
    is_valid = form.is_valid()
    row = form.instance
    formsets = list(_formsets(page, request, posted, stored, row))
    if not all_valid(formsets) or not is_valid:
        raise RuleUnusable(*_mistakes([form, *(form for formset in formsets for form in formset)]))
    return EditedRule(row, _rows(formsets, RuleCriterion), _rows(formsets, RuleFallback))


def _formsets(
    page: Any, request: HttpRequest, posted: QueryDict, stored: RoutingRule | None, row: RoutingRule
) -> Iterator[Any]:
    """Those of the rule's criteria and fallbacks, as the admin itself makes them."""
    for formset, inline in page.get_formsets_with_inlines(request, stored):
        arguments = page.get_formset_kwargs(request, row, inline, formset.get_default_prefix())
        yield formset(**{**arguments, "data": posted, "files": None})


def _rows(formsets: Iterable[Any], model: type[Any]) -> list[Any]:
    forms = [
        (formset, form)
        for formset in formsets
        if formset.model is model
        for form in formset.forms
        if form.instance.pk or form.has_changed()
    ]
    return [form.instance for formset, form in forms if form not in formset.deleted_forms]


def _mistakes(forms: Iterable[BaseForm]) -> Iterator[str]:
    for form in forms:
        for name, errors in form.errors.items():
            label = "" if name == NON_FIELD_ERRORS else f"{form[name].label}: "
            yield from (f"{label}{error}" for error in errors)
