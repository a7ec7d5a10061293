"""The log's pages in a real browser: what reads well in a string may still run there."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.requestlog.hostile import hostile_exchange
from tests.support.log_entries import store_entries
from tests.support.parts import require

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
PASSWORD = "beans and peas"
EXECUTED = "() => window.executed === undefined ? 'nothing' : 'log text'"


@dataclass
class Visit:
    """What a browser saw: the addresses of pages, what was executed, its complaints, and the widest overflow."""

    executed: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    heading: str = ""


@pytest.fixture
def browser_thread() -> Iterator[ThreadPoolExecutor]:
    """Playwright runs an event loop in its thread, where the ORM refuses to work: it gets a thread of its own."""
    require(CHROMIUM.exists(), "no Chromium", "install Debian's package chromium")
    with ThreadPoolExecutor(1) as executor:
        yield executor


def _look_at(site: str, paths: list[str], width: int, scheme: Any) -> Visit:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        try:
            return _visit(browser, site, paths, width, scheme)
        finally:
            browser.close()


def _visit(browser: Browser, site: str, paths: list[str], width: int, scheme: Any) -> Visit:
    visit = Visit()
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.on("console", lambda message: visit.complaints.append(message.text))
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("dialog", lambda dialog: visit.executed.add(dialog.message))
    _log_in(page, site)
    visit.heading = page.inner_text("h1")
    for path in paths:
        page.goto(site + path)
        _open_everything(page)
        visit.executed.add(page.evaluate(EXECUTED))
        if page.evaluate("document.documentElement.scrollWidth") > width:
            visit.too_wide.append(path)
    return visit


def _log_in(page: Page, site: str) -> None:
    page.goto(f"{site}/log/")
    page.fill("#id_username", "ada")
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")


def _open_everything(page: Page) -> None:
    while folded := page.query_selector("details:not([open]) > summary:visible"):
        folded.click()
    page.mouse.move(200, 300)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_hostile_log_text_does_nothing_in_a_browser_and_fits_its_window(
    live_server: LiveServer, browser_thread: ThreadPoolExecutor, width: int, scheme: str
) -> None:
    User.objects.create_superuser("ada", password=PASSWORD)
    store_entries(60)
    paths = ["/log/", hostile_exchange().get_absolute_url()]
    visit = browser_thread.submit(_look_at, live_server.url, paths, width, scheme).result(timeout=60)
    assert visit.heading == "Request log"
    assert visit.executed == {"nothing"}
    assert visit.complaints == []
    assert visit.too_wide == []
