from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from providers.models import Provider
from routing.checks import check_routes
from routing.criteria import parse_criterion
from routing.models import MappingFallback, RoutingRule, RuleCriterion, RuleFallback, SubagentMapping
from routing.problems import route_problems
from routing.route_builder import BrokenRow, RouteBuilder
from routing.routes import Route, Routes, Rule
from routing.tables import build_routes
from tests.routing.calls import route
from tests.routing.rows import make_mapping, make_provider, make_rule

pytestmark = pytest.mark.django_db


def built() -> Routes:
    return build_routes(list(Provider.objects.all()), [], SubagentMapping.in_force(), RoutingRule.in_force())


def test_rows_become_mappings_and_rules() -> None:
    openai, gemini = make_provider("openai"), make_provider("gemini")
    MappingFallback(mapping=make_mapping("planner", openai), order=1, provider=gemini, model="").save()
    rule = make_rule("night", gemini, ("time", "22:00–06:00"), ("kind", "subagent"))
    RuleFallback(rule=rule, order=1, provider=openai, model="gpt-5").save()
    criteria = (parse_criterion("kind", "subagent"), parse_criterion("time", "22:00–06:00"))
    assert built().mappings == {"planner": route("openai:m", "gemini:")}
    assert built().rules == (Rule("night", route("gemini:m", "openai:gpt-5"), criteria),)
    assert built().problems == ()


def test_the_order_of_rows_makes_no_difference() -> None:
    provider = make_provider("p")
    spare = {name: make_provider(name) for name in ("x", "y")}
    for name, order in (("c", 2), ("a", 1), ("b", 1)):
        rule = make_rule(name, provider, order=order)
        for fallback in ("y", "x"):
            RuleFallback(rule=rule, order=5, provider=spare[fallback], model="m").save()
    builder = RouteBuilder(Provider.objects.all())
    forwards = builder.rules(RoutingRule.objects.order_by("pk"))
    assert forwards == builder.rules(RoutingRule.objects.order_by("-pk"))
    assert [rule.name for rule in forwards] == ["a", "b", "c"]
    assert forwards[0].route == route("p:m", "x:m", "y:m")


def test_what_is_not_enabled_is_not_there() -> None:
    provider = make_provider("p")
    make_rule("off", provider, enabled=False)
    make_mapping("off", provider, enabled=False)
    assert (built().rules, built().mappings) == ((), {})


def test_a_provider_that_is_not_enabled_is_told_by_the_route() -> None:
    asleep, awake = make_provider("asleep", enabled=False), make_provider("awake")
    mapping = make_mapping("planner", asleep)
    make_rule("rule", asleep)
    MappingFallback(mapping=mapping, order=1, provider=awake, model="m").save()
    assert built().mappings == {"planner": route("awake:m", disabled=("asleep",))}
    assert built().rules[0].route == Route((), ("asleep",))


def test_a_target_that_is_there_twice_is_tried_once() -> None:
    provider = make_provider("p")
    MappingFallback(mapping=make_mapping("a", provider), provider=provider, model="m").save()
    assert built().mappings["a"] == route("p:m")


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"value": "at noon"}, "“time at noon” cannot be read: enter two times"),
        ({"kind": "wings"}, "“wings 10:00–11:00” cannot be read: there is no criterion “wings”"),
    ],
)
def test_a_rule_with_a_broken_criterion_is_left_out_and_told(broken: dict[str, str], reason: str) -> None:
    provider = make_provider("p", is_default=True)
    make_rule("broken", provider, ("time", "10:00–11:00"), order=1)
    make_rule("sound", provider, ("kind", "subagent"), order=2)
    RuleCriterion.objects.filter(rule__name="broken").update(**broken)
    assert [rule.name for rule in built().rules] == ["sound"]
    assert len(built().problems) == 1
    assert built().problems[0].startswith("The rule ‘broken’ is left out: ") and reason in built().problems[0]
    assert route_problems() == list(built().problems)
    assert [warning.msg for warning in check_routes(["default"])] == route_problems()
    assert check_routes(None) == []


def test_a_row_whose_provider_is_gone_is_left_out_and_told() -> None:
    gone, there = make_provider("gone"), make_provider("there")
    make_rule("rule", gone)
    MappingFallback(mapping=make_mapping("planner", there), provider=gone, model="m").save()
    routes = build_routes([there], [], SubagentMapping.in_force(), RoutingRule.in_force())
    assert (routes.rules, routes.mappings) == ((), {})
    assert routes.problems == (
        "The mapping of the subagent ‘planner’ is left out: the provider that it leads to is gone; choose another one.",
        "The rule ‘rule’ is left out: the provider that it leads to is gone; choose another one.",
    )


def test_a_rule_that_is_not_saved_yet_can_be_tried() -> None:
    provider = make_provider("p")
    unsaved = RoutingRule(name="new", provider=provider, model="m")
    builder = RouteBuilder([provider])
    criteria = [RuleCriterion(kind="tools", value="no")]
    rule = builder.rule(unsaved, criteria, [RuleFallback(order=1, provider=provider, model="n")])
    assert rule == Rule("new", route("p:m", "p:n"), (parse_criterion("tools", "no"),))
    with pytest.raises(BrokenRow, match="cannot be read"):
        builder.rule(unsaved, [RuleCriterion(kind="time", value="")], [])


def test_hundreds_of_rows_are_read_with_few_queries() -> None:
    provider = make_provider("p")
    for number in range(20):
        rule = make_rule(f"r{number}", provider, ("kind", "subagent"))
        RuleFallback(rule=rule, provider=provider, model="n").save()
        MappingFallback(mapping=make_mapping(f"a{number}", provider), provider=provider, model="n").save()
    providers = list(Provider.objects.all())
    with CaptureQueriesContext(connection) as queries:
        routes = build_routes(providers, [], SubagentMapping.in_force(), RoutingRule.in_force())
    assert (len(routes.rules), len(routes.mappings)) == (20, 20)
    assert len(queries) - sum("providers_providermodel" in query["sql"] for query in queries) == 5
