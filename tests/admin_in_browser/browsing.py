"""A real browser, logged in to the admin.

Playwright runs an event loop in its thread, where the ORM refuses to work: the browser has a thread of its own, and a
test hands it what is to be done there. What the browser complains of is collected.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
USER, PASSWORD = "ada", "beans and peas"
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
_SECONDS = 60
Result = TypeVar("Result")

UNREADABLE = Path(__file__).with_name("unreadable.js").read_text()


class Browsing:
    def __init__(self, site: str) -> None:
        self.site = site
        self.complaints: list[str] = []
        self._thread = ThreadPoolExecutor(1)
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def do(
        self, steps: Callable[[Page], Result], *, path: str = "/admin/", width: int = 1280, scheme: Any = "light"
    ) -> Result:
        """What `steps` does on the page at `path`, in a new window with a user who has logged in."""
        return self._thread.submit(self._do, steps, path, width, scheme).result(_SECONDS)

    def close(self) -> None:
        self._thread.submit(self._close).result(_SECONDS)
        self._thread.shutdown()

    def _do(self, steps: Callable[[Page], Result], path: str, width: int, scheme: Any) -> Result:
        context = self._started().new_context(
            base_url=self.site,
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(10_000)
        context.on("console", lambda message: self.complaints.append(message.text))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        try:
            page = context.new_page()
            _log_in(page, path)
            return steps(page)
        finally:
            context.close()

    def _started(self) -> Browser:
        if self._browser is None:
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        return self._browser

    def _close(self) -> None:
        if self._browser is not None:
            self._browser.close()
        if self._playwright is not None:
            self._playwright.stop()


def _log_in(page: Page, path: str) -> None:
    page.goto(path)
    page.fill("#id_username", USER)
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    page.wait_for_load_state()
