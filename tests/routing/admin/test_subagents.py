from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from routing.models import KnownBy, Subagent, SubagentFingerprint
from tests.routing.admin.pages import text
from tests.routing.rows import make_mapping, make_provider

LIST = reverse("admin:routing_subagent_changelist")
PROMPTS = reverse("admin:routing_subagentfingerprint_changelist")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def seen(name: str, minutes: int = 0, **fields: Any) -> Subagent:
    at = NOON + timedelta(minutes=minutes)
    return Subagent.objects.create(name=name, known_by=KnownBy.LAUNCHED, first_seen=at, last_seen=at, **fields)


def listed(page: str) -> list[str]:
    return re.findall(r'class="field-name"><a [^>]*>([^<]*)<', page)


def test_those_whom_nobody_has_mapped_stand_on_top_the_latest_first(admin_client: Client) -> None:
    seen("mapped", minutes=9)
    seen("early", minutes=1)
    seen("late", minutes=5)
    make_mapping("mapped", make_provider("gemini"), model="flash")
    page = text(admin_client.get(LIST))
    assert listed(page) == ["late", "early", "mapped"]
    assert "gemini:flash" in page


def test_a_mapping_is_one_click_away(admin_client: Client) -> None:
    seen("plan: a&b")
    link = re.search(r'<a href="([^"]*)" aria-label="Map plan: a&amp;b">Map…</a>', text(admin_client.get(LIST)))
    assert link is not None
    assert 'value="plan: a&amp;b"' in text(admin_client.get(link[1]))


def test_a_mapping_that_is_not_enabled_says_so(admin_client: Client) -> None:
    seen("a")
    make_mapping("a", make_provider("gemini"), model="flash", enabled=False)
    assert "gemini:flash</a> (not enabled)" in text(admin_client.get(LIST))


@pytest.mark.parametrize(("mapped", "expected"), [("no", ["b"]), ("yes", ["a"]), ("", ["b", "a"])])
def test_the_list_is_filtered_by_who_is_mapped(admin_client: Client, mapped: str, expected: list[str]) -> None:
    seen("a")
    seen("b")
    make_mapping("a", make_provider("gemini"))
    assert listed(text(admin_client.get(LIST, {"mapped": mapped} if mapped else {}))) == expected


def test_nobody_makes_up_what_was_seen(admin_client: Client) -> None:
    subagent = seen("a", description="Reads code. <b>")
    assert admin_client.get(reverse("admin:routing_subagent_add")).status_code == 403
    page = text(admin_client.get(reverse("admin:routing_subagent_change", args=[subagent.pk])))
    assert "Reads code. &lt;b&gt;" in page and "Map…" in page and 'name="_save"' not in page


def test_ten_thousand_subagents_are_listed_in_pages_with_few_queries(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [
        Subagent(name=f"agent-{n:05}", last_seen=NOON + timedelta(seconds=n), known_by="file") for n in range(10_000)
    ]
    Subagent.objects.bulk_create(rows)
    make_mapping("agent-09999", make_provider("gemini"))
    with django_assert_max_num_queries(12):
        started = time.perf_counter()
        page = text(admin_client.get(LIST))
        seconds = time.perf_counter() - started
    names = listed(page)
    assert (names[0], len(names)) == ("agent-09998", 100)
    assert seconds < 2
    assert listed(text(admin_client.get(LIST, {"p": 100})))[-1] == "agent-09999"


def test_prompts_whose_agent_is_not_known_stand_on_top(admin_client: Client) -> None:
    SubagentFingerprint.objects.create(fingerprint="a" * 64, subagent=seen("known"), sample="You review")
    SubagentFingerprint.objects.create(fingerprint="b" * 64, sample="You <plan>")
    SubagentFingerprint.objects.create(fingerprint="c" * 64, source=KnownBy.AMBIGUOUS)
    page = text(admin_client.get(PROMPTS))
    assert page.index("b" * 12) < page.index("a" * 12)
    assert page.count("paste its definition") == 1 and "several names" in page
    assert "You &lt;plan&gt;" in page and "paste its definition" in page
