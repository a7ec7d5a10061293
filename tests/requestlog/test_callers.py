"""Who called: on the list, which can be narrowed to some callers, and on the page of an exchange."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from requestlog.exchange import Exchange
from requestlog.models import Entry
from tests.requestlog.exchanges import open_journal, serve
from tests.requestlog.installation import Installation
from tests.requestlog.pages import LIST, page_at
from tests.support.log_entries import store_entries, store_exchange

CALLERS: dict[str, dict[str, Any]] = {
    "main": {"call_kind": "main loop"},
    "scout": {"call_kind": "subagent", "subagent": "scout", "agent_id": "a91c22f4be01", "agent_fingerprint": "f1"},
    "cook & mate": {"call_kind": "subagent", "subagent": "cook & mate", "agent_id": "b2", "agent_fingerprint": "f2"},
    "unnamed": {"call_kind": "subagent", "agent_id": "c3", "agent_fingerprint": "f3"},
    "side": {"call_kind": "side call"},
}


def shown(client: Client, query: str) -> list[str]:
    """The callers on a page, newest first."""
    ids = {entry.pk: entry.provider for entry in Entry.objects.all()}
    return [ids[row.id] for row in client.get(LIST + query).context["page"].rows]


@pytest.fixture
def entries(db: None) -> dict[str, Entry]:
    return {name: store_exchange(provider=name, **columns) for name, columns in CALLERS.items()}


@pytest.mark.parametrize(
    ("query", "callers"),
    [
        ("", list(CALLERS)),
        ("?caller=main", ["main"]),
        ("?caller=subagents", ["scout", "cook & mate", "unnamed"]),
        ("?caller=unnamed", ["unnamed"]),
        ("?caller=side", ["side"]),
        ("?subagent=scout", ["scout"]),
        ("?subagent=cook+%26+mate", ["cook & mate"]),
        ("?subagent=nobody", []),
        ("?caller=nobody", list(CALLERS)),
    ],
)
def test_the_list_shows_some_callers_alone(
    admin_client: Client, entries: dict[str, Entry], query: str, callers: list[str]
) -> None:
    assert shown(admin_client, query) == callers[::-1]


def test_a_row_names_its_caller_and_leads_to_all_calls_of_the_subagent(
    admin_client: Client, entries: dict[str, Entry]
) -> None:
    page = page_at(admin_client, LIST)
    assert '<a href="?subagent=scout">scout</a> <span class="agent" title="a91c22f4be01">agent a91c22f4</span>' in page
    assert '<a href="?subagent=cook+%26+mate">cook &amp; mate</a>' in page
    assert '<a href="?caller=unnamed">name unknown</a>' in page
    assert '<td class="caller">main' in page
    assert '<td class="caller">side call' in page


def test_the_callers_that_are_shown_are_marked_and_stay_when_pages_are_turned(admin_client: Client, db: None) -> None:
    store_entries(60, **CALLERS["scout"])
    store_entries(60, **CALLERS["main"])
    page = page_at(admin_client, f"{LIST}?subagent=scout")
    assert '<a href="?subagent=scout" aria-current="true">scout</a>' in page
    older = admin_client.get(f"{LIST}?subagent=scout").context["page"].older
    assert f"?subagent=scout&amp;before={older}" in page
    second = page_at(admin_client, f"{LIST}?subagent=scout&before={older}")
    assert second.count('<a href="?subagent=scout">scout</a>') == 10
    assert "?subagent=scout&amp;after=" in second


def test_a_filter_that_finds_nothing_says_so(admin_client: Client, entries: dict[str, Entry]) -> None:
    assert "The log holds no such exchange." in page_at(admin_client, f"{LIST}?subagent=nobody")


def test_the_page_of_an_exchange_tells_all_that_is_known_of_its_caller(
    admin_client: Client, entries: dict[str, Entry]
) -> None:
    entry = store_exchange(**CALLERS["scout"], subagent_known_by="launched", parent_agent_id="a0")
    page = page_at(admin_client, entry.get_absolute_url())
    for text in ("<dd>subagent</dd>", 'href="/log/?subagent=scout">scout</a>', "known by: launched", "<dd>f1</dd>"):
        assert text in page, text
    assert "name unknown" in page_at(admin_client, entries["unnamed"].get_absolute_url())
    assert "<dd>main loop</dd>" in page_at(admin_client, entries["main"].get_absolute_url())


def test_the_recorder_writes_who_called(installation: Installation) -> None:
    journal = open_journal(installation.journal)
    serve(journal, call_kind="subagent", subagent="scout", subagent_known_by="launched", agent_fingerprint="f")
    journal.close()
    installation.record_everything()
    [row] = installation.entries()
    assert (row["call_kind"], row["subagent"], row["subagent_known_by"], row["agent_fingerprint"]) == (
        "subagent",
        "scout",
        "launched",
        "f",
    )


def test_an_exchange_without_a_caller_is_a_plain_one() -> None:
    exchange = Exchange()
    assert (exchange.call_kind, exchange.subagent, exchange.agent_fingerprint) == ("", "", "")
