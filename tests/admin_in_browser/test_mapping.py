from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import Page, expect

from gateway.snapshot import Snapshot
from providers.models import Provider
from routing.engine import decide
from routing.models import Subagent, SubagentMapping
from tests.admin_in_browser.browsing import Browsing
from tests.routing.calls import make_call
from tests.routing.rows import make_mapping

SUBAGENTS = reverse("admin:routing_subagent_changelist")


def test_a_seen_subagent_is_mapped_in_three_clicks(browsing: Browsing, gemini: Provider) -> None:
    Subagent.objects.create(name="Explore", known_by="launched", requests=4)
    make_mapping("Explore", gemini)
    Subagent.objects.create(name="code-reviewer", known_by="launched", requests=2)

    def map_it(page: Page) -> str:
        page.click("#result_list tbody tr:first-child a:text('Map…')")
        page.select_option("select.target-choice", label="gemini: gemini-2.5-flash")
        with page.expect_navigation():
            page.click("input[name=_save]")
        return page.inner_text("#result_list tbody tr:has-text('code-reviewer')")

    row = browsing.do(map_it, path=SUBAGENTS)
    assert "gemini:gemini-2.5-flash" in row and "Map…" not in row
    decision = decide(make_call(subagent="code-reviewer"), Snapshot.load().routes)
    assert decision.reason == "subagent code-reviewer → mapping → gemini:gemini-2.5-flash"


def test_a_model_that_the_list_does_not_have_is_named_beside_it(browsing: Browsing, gemini: Provider) -> None:
    Subagent.objects.create(name="planner", known_by="launched")

    def map_it(page: Page) -> None:
        page.click("a:text('Map…')")
        expect(page.locator("input.target-other").first).to_be_hidden()
        page.select_option("select.target-choice", label="gemini: another model…")
        page.keyboard.type("gemini-9-ultra")
        page.click("input[name=_save]")
        page.wait_for_selector("#result_list")

    browsing.do(map_it, path=SUBAGENTS)
    assert SubagentMapping.objects.get().target_text == "gemini:gemini-9-ultra"
