from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from gateway.models import Revision
from providers.models import Provider
from routing.models import AgentDefinition, RoutingRule, Subagent, SubagentMapping
from tests.admin_in_browser.browsing import UNREADABLE, Browsing
from tests.requestlog.hostile import HOSTILE
from tests.routing.rows import make_mapping, make_rule
from tests.support.log_entries import messages_request

LONG = "reviews-" * 20


@dataclass
class Seen:
    too_wide: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def look(self, page: Page, path: str) -> None:
        size = page.viewport_size
        assert size is not None
        if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
            self.too_wide.append(path)
        self.unreadable += [f"{path}: {text}" for text in page.evaluate(UNREADABLE)]


@pytest.fixture
def paths(gemini: Provider) -> list[str]:
    """Of all pages about routes, with long names on them."""
    for name in ("code-reviewer", LONG):
        Subagent.objects.create(name=name, known_by="launched", description=LONG)
    mapping = make_mapping("planner", gemini, note=LONG)
    for number in range(3):
        rule = make_rule(f"{number} {LONG}"[:100], gemini, ("model", "claude-*"), ("header", f"x-team: {LONG}"))
    definition = AgentDefinition(text="---\nname: planner\ndescription: plans\n---\nYou plan.\n")
    definition.full_clean()
    definition.save()
    lists = [model._meta.model_name for model in (Subagent, SubagentMapping, RoutingRule, AgentDefinition)]
    return [
        *(reverse(f"admin:routing_{name}_changelist") for name in lists),
        reverse("admin:routing_subagentmapping_change", args=[mapping.pk]),
        reverse("admin:routing_routingrule_change", args=[rule.pk]),
        reverse("admin:gateway_revision_changelist"),
        reverse("admin:gateway_revision_change", args=[Revision.current()]),
        reverse("admin:gateway_revision_restore", args=[Revision.current() - 4]),
        reverse("admin:gateway_connect"),
        reverse("admin:index"),
    ]


def look_at(paths: list[str]) -> Callable[[Page], Seen]:
    def look(page: Page) -> Seen:
        seen = Seen()
        for path in paths:
            response = page.goto(path)
            assert response is not None and response.ok, f"{path}: {response}"
            seen.look(page, path)
        page.goto(reverse("try_routes"))
        page.fill("#id_body", json.dumps(messages_request(system=HOSTILE, top_k=3)))
        page.fill("#id_subagent", "planner")
        with page.expect_navigation():
            page.click("input[value=Try]")
        seen.look(page, page.inner_text(".route"))
        return seen

    return look


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_their_window_and_are_readable(
    browsing: Browsing, paths: list[str], width: int, scheme: str
) -> None:
    seen = browsing.do(look_at(paths), width=width, scheme=scheme)
    assert seen.too_wide == []
    assert seen.unreadable == []
