from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from providers.models import Provider
from routing.criteria import CRITERIA
from routing.models import RoutingRule, RuleCriterion
from tests.routing.admin.pages import errors, inline_errors, rows, text
from tests.routing.rows import make_provider, make_rule

ADD = reverse("admin:routing_routingrule_add")
LIST = reverse("admin:routing_routingrule_changelist")
ARRANGE = reverse("admin:routing_routingrule_arrange")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def openai() -> Provider:
    return make_provider("openai", "gpt-5")


@pytest.fixture
def three(openai: Provider) -> list[RoutingRule]:
    return [make_rule(name, openai, order=order) for name, order in (("a", 10), ("b", 20), ("c", 30))]


def filled(*criteria: dict[str, Any], **changes: Any) -> dict[str, Any]:
    form = {"name": "images elsewhere", "order": "10", "target": "openai:gpt-5", "enabled": "on", "note": "", **changes}
    return {**form, **rows("criteria", *criteria), **rows("fallbacks")}


def in_order() -> list[str]:
    return [rule.name for rule in sorted(RoutingRule.objects.all(), key=RoutingRule.sort_key)]


def test_a_rule_is_added_with_its_criteria(admin_client: Client) -> None:
    criteria = ({"kind": "images", "value": ""}, {"kind": "time", "value": "mon-fri 9:00-17:00"})
    assert admin_client.post(ADD, filled(*criteria)).status_code == 302
    rule = RoutingRule.objects.get()
    assert {str(criterion) for criterion in rule.criteria.all()} == {
        "images elsewhere: has images yes",
        "images elsewhere: time of day Mon–Fri 09:00–17:00",
    }
    shown = text(admin_client.get(LIST))
    assert "with images and time of day Mon–Fri 09:00–17:00" in shown and "openai:gpt-5" in shown


def test_a_criterion_that_cannot_be_read_is_refused_in_its_row_and_nothing_is_lost(admin_client: Client) -> None:
    response = admin_client.post(ADD, filled({"kind": "time", "value": "25:00–06:00"}, note="kept"))
    assert inline_errors(response) == [{"value": ["25:00 is no time of day."]}]
    assert "kept" in text(response) and "25:00–06:00" in text(response)
    assert not RoutingRule.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": ""}, "name"), ({"order": "-1"}, "order"), ({"order": "first"}, "order"), ({"target": ""}, "target")],
)
def test_bad_input_is_refused_at_its_field(admin_client: Client, changes: dict[str, str], field: str) -> None:
    assert field in errors(admin_client.post(ADD, filled(**changes)))


def test_a_rule_without_criteria_is_saved_with_a_warning(admin_client: Client) -> None:
    shown = text(admin_client.post(ADD, filled(), follow=True))
    assert "The rule “images elsewhere” has no criteria: it takes every call" in shown
    assert "always" in shown
    with_one = filled({"kind": "tools", "value": "no"}, name="other")
    assert "has no criteria" not in text(admin_client.post(ADD, with_one, follow=True))


def test_a_new_rule_comes_last(admin_client: Client, three: list[RoutingRule]) -> None:
    assert 'name="order" value="40"' in text(admin_client.get(ADD))


def test_the_page_says_what_each_criterion_takes(admin_client: Client) -> None:
    page = text(admin_client.get(ADD))
    for key in CRITERIA:
        assert f'<dd data-kind="{key}"' in page


def test_rules_are_put_in_order_by_their_numbers(admin_client: Client, three: list[RoutingRule]) -> None:
    numbers = [{"id": rule.pk, "order": order} for rule, order in zip(three, (10, 5, 30), strict=True)]
    saved = admin_client.post(LIST, {**rows("form", *numbers, initial=3), "_save": "Save"})
    assert saved.status_code == 302
    assert in_order() == ["b", "a", "c"]


def test_a_number_that_is_none_is_refused_in_its_row(admin_client: Client, three: list[RoutingRule]) -> None:
    numbers = [{"id": rule.pk, "order": order} for rule, order in zip(three, ("x", 5, 30), strict=True)]
    shown = text(admin_client.post(LIST, {**rows("form", *numbers, initial=3), "_save": "Save"}))
    assert "Enter a whole number." in shown
    assert in_order() == ["a", "b", "c"]


def test_rules_are_moved_up_and_down(admin_client: Client, three: list[RoutingRule]) -> None:
    a, b, c = three
    assert admin_client.post(ARRANGE, {"up": c.pk}).status_code == 302
    assert in_order() == ["a", "c", "b"]
    admin_client.post(ARRANGE, {"down": a.pk})
    assert in_order() == ["c", "a", "b"]
    admin_client.post(ARRANGE, {"up": c.pk})
    admin_client.post(ARRANGE, {"down": b.pk})
    assert in_order() == ["c", "a", "b"]


def test_rules_are_dropped_where_they_belong(admin_client: Client, three: list[RoutingRule]) -> None:
    a, b, c = three
    admin_client.post(ARRANGE, {"rule": [c.pk, a.pk, b.pk]})
    assert in_order() == ["c", "a", "b"]


@pytest.mark.parametrize("sent", [{}, {"up": "x"}, {"rule": ["999", "²", ""]}, {"down": "9" * 30}])
def test_an_order_of_rules_that_are_not_there_changes_nothing(
    admin_client: Client, three: list[RoutingRule], sent: dict[str, Any]
) -> None:
    assert admin_client.post(ARRANGE, sent)["Location"] == LIST
    assert in_order() == ["a", "b", "c"]


def test_an_order_is_only_taken_by_post_with_a_token_from_who_may_change_rules(
    admin_client: Client, admin_user: User, three: list[RoutingRule]
) -> None:
    assert admin_client.get(ARRANGE).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)
    assert strict.post(ARRANGE, {"up": three[2].pk}).status_code == 403
    reader = Client()
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_routingrule"))
    reader.force_login(user)
    assert reader.post(ARRANGE, {"up": three[2].pk}).status_code == 403
    assert "drag-handle" not in text(reader.get(LIST))
    assert in_order() == ["a", "b", "c"]


def test_the_list_reads_no_row_by_itself(
    admin_client: Client, openai: Provider, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        make_rule(f"r{number}", openai, ("kind", "subagent"), order=number)
    with django_assert_max_num_queries(20):
        assert "r29" in text(admin_client.get(LIST))


def test_a_rule_that_cannot_be_used_is_told_on_top_of_the_list(admin_client: Client, openai: Provider) -> None:
    make_rule("broken", openai, ("time", "at noon"))
    RuleCriterion.objects.update(kind="wings")
    shown = text(admin_client.get(LIST))
    assert "The rule ‘broken’ is left out: its criterion “wings at noon” cannot be read" in shown
    assert "wings at noon (cannot be read: there is no criterion “wings”" in shown


def test_a_provider_that_rules_lead_to_is_not_deleted_and_the_page_says_why(
    admin_client: Client, openai: Provider, three: list[RoutingRule]
) -> None:
    page = text(admin_client.post(reverse("admin:providers_provider_delete", args=[openai.pk]), {"post": "yes"}))
    assert "would require deleting the following protected related objects" in page and "Routing rule: " in page
    assert Provider.objects.filter(pk=openai.pk).exists()


def test_a_rule_is_deleted_with_what_belongs_to_it(admin_client: Client, openai: Provider) -> None:
    rule = make_rule("a", openai, ("kind", "subagent"))
    admin_client.post(reverse("admin:routing_routingrule_delete", args=[rule.pk]), {"post": "yes"})
    assert not RoutingRule.objects.exists() and not RuleCriterion.objects.exists()
