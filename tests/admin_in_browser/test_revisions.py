from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import Page

from gateway.models import Revision
from gateway.snapshot import Snapshot
from providers.models import Provider
from routing.models import SubagentMapping
from tests.admin_in_browser.browsing import Browsing
from tests.routing.rows import make_mapping

REVISIONS = reverse("admin:gateway_revision_changelist")


def test_a_revision_is_looked_at_and_restored(browsing: Browsing, gemini: Provider) -> None:
    mapping = make_mapping("planner", gemini, model="gemini-2.5-flash")
    wanted = Revision.current()
    mapping.model = "gemini-2.5-pro"
    mapping.save()

    def restore(page: Page) -> tuple[str, str]:
        page.click(f"#result_list a:text-is('{wanted}')")
        page.click("a:text('Restore')")
        difference = page.inner_text(".hunk")
        with page.expect_navigation():
            page.click(".submit-row input[type=submit]")
        return difference, page.inner_text(".messagelist")

    difference, message = browsing.do(restore, path=REVISIONS)
    assert "gemini-2.5-pro" in difference and "gemini-2.5-flash" in difference
    assert f"Revision {wanted} was restored." in message
    assert SubagentMapping.objects.get().model == "gemini-2.5-flash"
    [target] = Snapshot.load().routes.mappings["planner"].targets
    assert target.model == "gemini-2.5-flash"
