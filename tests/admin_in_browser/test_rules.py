from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from gateway.snapshot import Snapshot
from providers.models import Provider
from routing.models import RoutingRule
from tests.admin_in_browser.browsing import Browsing
from tests.routing.rows import make_rule

RULES = reverse("admin:routing_routingrule_changelist")


@pytest.fixture
def three_rules(gemini: Provider) -> None:
    for number, name in enumerate(("first", "second", "third"), 1):
        make_rule(name, gemini, ("model", f"claude-{name}-*"), order=10 * number)


def order_in_force() -> list[str]:
    return [rule.name for rule in Snapshot.load().routes.rules]


def names(page: Page) -> list[str]:
    return page.locator("#result_list tbody .field-name").all_inner_texts()


def test_rules_are_reordered_by_drag_and_drop(browsing: Browsing, three_rules: None) -> None:
    def drag(page: Page) -> list[str]:
        with page.expect_navigation():
            third = page.locator("tr:has-text('third') .drag-handle")
            third.drag_to(page.locator("tr:has-text('first')"), target_position={"x": 40, "y": 3})
        return names(page)

    assert browsing.do(drag, path=RULES) == ["third", "first", "second"]
    assert order_in_force() == ["third", "first", "second"]


def test_dropping_a_rule_where_it_was_changes_nothing(browsing: Browsing, three_rules: None) -> None:
    def drag(page: Page) -> list[str]:
        handle = page.locator("tr:has-text('second') .drag-handle")
        handle.drag_to(page.locator("tr:has-text('second') .field-name"))
        return names(page)

    assert browsing.do(drag, path=RULES) == ["first", "second", "third"]
    assert order_in_force() == ["first", "second", "third"]


def test_rules_are_reordered_by_the_keyboard(browsing: Browsing, three_rules: None) -> None:
    def move(page: Page) -> list[str]:
        page.get_by_role("button", name="Move third up").focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.get_by_role("button", name="Move first down").focus()
        with page.expect_navigation():
            page.keyboard.press("Space")
        return names(page)

    assert browsing.do(move, path=RULES) == ["third", "first", "second"]


def test_a_number_that_was_typed_is_saved_by_enter(browsing: Browsing, three_rules: None) -> None:
    def renumber(page: Page) -> list[str]:
        page.fill("tr:has-text('third') input[type=number]", "5")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        return names(page)

    assert browsing.do(renumber, path=RULES) == ["third", "first", "second"]
    assert RoutingRule.objects.get(name="third").order == 5
