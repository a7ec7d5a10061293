from __future__ import annotations

import json

from django.urls import reverse
from playwright.sync_api import Page

from providers.models import Provider
from routing.models import RoutingRule
from tests.admin_in_browser.browsing import Browsing
from tests.routing.rows import make_rule
from tests.support.log_entries import messages_request, store_exchange

TRY = reverse("try_routes")


def steps_of(page: Page) -> list[str]:
    return page.locator(".steps tbody tr").all_inner_texts()


def test_a_logged_request_is_tried_from_its_page(browsing: Browsing, gemini: Provider) -> None:
    make_rule("sonnet", gemini, ("model", "claude-sonnet-*"), model="gemini-2.5-flash")
    entry = store_exchange(request=messages_request(), request_headers=[], call_kind="main loop")

    def try_it(page: Page) -> tuple[str, list[str], str]:
        with page.expect_navigation():
            page.click("text=Try the routes with this request")
        return page.inner_text(".route"), steps_of(page), page.inner_text("pre.body")

    route, steps, body = browsing.do(try_it, path=entry.get_absolute_url())
    assert route == "gemini:gemini-2.5-flash"
    assert ["no match" in step for step in steps] == [True, False]
    assert json.loads(body)["model"] == "gemini-2.5-flash"


def test_a_pasted_request_is_tried_and_can_be_changed(browsing: Browsing, gemini: Provider) -> None:
    make_rule("planner", gemini, ("subagent", "planner"))

    def try_it(page: Page) -> list[str]:
        page.fill("#id_body", json.dumps(messages_request()))
        with page.expect_navigation():
            page.click("input[value=Try]")
        first = page.inner_text(".route")
        page.fill("#id_subagent", "planner")
        with page.expect_navigation():
            page.click("input[value=Try]")
        return [first, page.inner_text(".route")]

    assert browsing.do(try_it, path=TRY) == ["anthropic:claude-sonnet-5", "gemini:m"]


def test_a_rule_is_tried_before_it_is_saved(browsing: Browsing, gemini: Provider) -> None:
    rule = make_rule("opus", gemini, ("model", "claude-opus-*"))
    change = reverse("admin:routing_routingrule_change", args=[rule.pk])

    def try_it(page: Page) -> tuple[str, str, str]:
        page.fill("#id_criteria-0-value", "claude-sonnet-*")
        with page.context.expect_page() as opened:
            page.click("input[value='Try with these values']")
        tab = opened.value
        question = tab.inner_text("#request")
        tab.fill("#id_body", json.dumps(messages_request()))
        tab.click("input[value='Try with the edited rule']")
        return question, tab.inner_text(".route"), page.input_value("#id_criteria-0-value")

    question, route, still_edited = browsing.do(try_it, path=change)
    assert (question, route) == ("Which request shall it be tried with?", "gemini:m")
    assert still_edited == "claude-sonnet-*"
    assert RoutingRule.objects.get().criteria.get().value == "claude-opus-*"
