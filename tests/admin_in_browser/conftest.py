from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer

from providers.models import Provider
from tests.admin_in_browser.browsing import CHROMIUM, PASSWORD, USER, Browsing
from tests.routing.rows import make_provider
from tests.support.parts import require


@pytest.fixture
def browsing(live_server: LiveServer, transactional_db: None) -> Iterator[Browsing]:
    """The admin in a browser. Anything that the browser complains of fails the test."""
    require(CHROMIUM.exists(), "no Chromium", "install Debian's package chromium")
    User.objects.create_superuser(USER, password=PASSWORD)
    if not Provider.objects.filter(is_default=True).exists():  # another test's clean-up takes what migrations made
        make_provider("anthropic", base_url="https://api.anthropic.com", is_default=True)
    browser = Browsing(live_server.url)
    try:
        yield browser
    finally:
        browser.close()
    assert browser.complaints == []


@pytest.fixture
def gemini(transactional_db: None) -> Provider:
    return make_provider("gemini", "gemini-2.5-flash", "gemini-2.5-pro", kind="openai")
