from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import Page

from tests.admin_in_browser.browsing import Browsing

CONNECT = reverse("admin:gateway_connect")
CLIPBOARD = "navigator.clipboard.readText()"


def test_the_text_to_connect_with_is_copied(browsing: Browsing) -> None:
    def copy(page: Page) -> tuple[str, str]:
        shown = page.inner_text("#shell")
        page.click("[data-copy=shell]")
        page.wait_for_selector("[data-copy=shell]:text('Copied')")
        return shown, page.evaluate(CLIPBOARD)

    shown, copied = browsing.do(copy, path=CONNECT)
    assert copied.strip() == shown.strip()
    assert f'ANTHROPIC_BASE_URL="{browsing.site}"' in copied or f"ANTHROPIC_BASE_URL={browsing.site}" in copied
