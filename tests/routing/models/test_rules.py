from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from gateway.models import Revision
from providers.models import Provider
from routing.models import RoutingRule, RuleCriterion, RuleFallback
from tests.routing.rows import make_provider, make_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def openai() -> Provider:
    return make_provider("openai")


def in_order() -> list[tuple[str, int]]:
    return [(rule.name, rule.order) for rule in RoutingRule.objects.all()]


def ids(*names: str) -> list[int]:
    return [RoutingRule.objects.get(name=name).pk for name in names]


def test_rules_stand_in_the_order_of_their_numbers_then_of_their_names(openai: Provider) -> None:
    for name, order in (("z", 1), ("b", 2), ("a", 2)):
        make_rule(name, openai, order=order)
    assert [name for name, _ in in_order()] == ["z", "a", "b"]


def test_rules_change_places_by_their_numbers_so_that_few_rows_change(openai: Provider) -> None:
    for name, order in (("a", 5), ("b", 7), ("c", 100)):
        make_rule(name, openai, order=order)
    RoutingRule.arrange(ids("b", "a", "c"))
    assert in_order() == [("b", 5), ("a", 7), ("c", 100)]


def test_rules_with_the_same_number_get_new_ones(openai: Provider) -> None:
    for name in "abc":
        make_rule(name, openai, order=0)
    RoutingRule.arrange(ids("c", "a", "b"))
    assert in_order() == [("c", 10), ("a", 20), ("b", 30)]


def test_rules_that_are_not_named_stay_where_they_are(openai: Provider) -> None:
    for name, order in (("a", 1), ("b", 2), ("c", 3), ("d", 4)):
        make_rule(name, openai, order=order)
    RoutingRule.arrange([*ids("d", "b"), 999, *ids("d")])
    assert [name for name, _ in in_order()] == ["a", "d", "c", "b"]


@pytest.mark.parametrize(
    ("name", "steps", "expected"),
    [("a", 1, "bac"), ("c", -1, "acb"), ("a", -1, "abc"), ("c", 1, "abc"), ("a", 9, "bca")],
)
def test_a_rule_moves_by_places_and_not_past_the_ends(openai: Provider, name: str, steps: int, expected: str) -> None:
    for order, each in enumerate("abc"):
        make_rule(each, openai, order=order)
    RoutingRule.move(*ids(name), steps)
    assert "".join(name for name, _ in in_order()) == expected


def test_a_rule_that_is_gone_moves_nothing(openai: Provider) -> None:
    make_rule("a", openai)
    RoutingRule.move(999, 1)
    assert in_order() == [("a", 0)]


def test_an_order_that_is_as_it_was_makes_no_revision(openai: Provider) -> None:
    make_rule("a", openai, order=1)
    make_rule("b", openai, order=2)
    before = Revision.current()
    RoutingRule.arrange(ids("a", "b"))
    assert Revision.current() == before
    RoutingRule.arrange(ids("b", "a"))
    assert Revision.current() > before


def test_the_next_number_leaves_room_before_it(openai: Provider) -> None:
    assert RoutingRule.next_order() == 10
    make_rule("a", openai, order=25)
    assert RoutingRule.next_order() == 35


def test_a_criterion_is_stored_in_one_form(openai: Provider) -> None:
    criterion = RuleCriterion(rule=make_rule("a", openai), kind="time", value="22:00-6:00")
    criterion.full_clean()
    assert criterion.value == "22:00–06:00"


@pytest.mark.parametrize(
    ("kind", "value", "field", "message"),
    [
        ("time", "noon", "value", "Enter two times, such as 22:00–06:00"),
        ("subagent", "", "value", "Enter a name or a pattern such as code-*."),
        ("wings", "yes", "kind", "not a valid choice"),
        ("subagent", "x" * 501, "value", "at most 500 characters"),
    ],
)
def test_a_criterion_that_cannot_be_read_is_refused(
    openai: Provider, kind: str, value: str, field: str, message: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        RuleCriterion(rule=make_rule("a", openai), kind=kind, value=value).full_clean()
    assert message in " ".join(refusal.value.message_dict[field])


@pytest.mark.parametrize("model", ["two words", "claude-opus-5-5[1m]"])
def test_a_target_is_a_models_name_or_none(openai: Provider, model: str) -> None:
    RoutingRule(name="a", provider=openai, model="").full_clean()
    with pytest.raises(ValidationError) as refusal:
        RoutingRule(name="a", provider=openai, model=model).full_clean()
    assert "model" in refusal.value.message_dict


def test_a_provider_that_a_rule_or_a_fallback_leads_to_stays(openai: Provider) -> None:
    spare = make_provider("spare")
    rule = make_rule("a", openai)
    RuleFallback(rule=rule, provider=spare, model="m").save()
    for provider in (openai, spare):
        with pytest.raises(ProtectedError):
            provider.delete()
    rule.delete()
    spare.delete()
    openai.delete()


def test_what_belongs_to_a_rule_goes_with_it_and_is_told(openai: Provider) -> None:
    rule = make_rule("a", openai, ("kind", "subagent"))
    RuleFallback(rule=rule, order=1, provider=openai, model="m").save()
    before = Revision.current()
    rule.delete()
    assert not RuleCriterion.objects.exists() and not RuleFallback.objects.exists()
    assert Revision.current() > before


def test_rows_say_what_they_are(openai: Provider) -> None:
    rule = make_rule("a", openai, ("images", "yes"), model="")
    fallback = RuleFallback(rule=rule, order=2, provider=openai, model="gpt-5")
    assert [str(rule), rule.target_text] == ["a", "openai, the requested model"]
    assert [str(rule.criteria.get()), str(fallback)] == ["a: has images yes", "a: fallback 2 openai:gpt-5"]
