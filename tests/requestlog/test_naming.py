"""Names that are learned after the calls had been logged."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from requestlog import naming
from requestlog.models import Entry, EntryQuerySet
from requestlog.naming import AgentName, name_by_agent, name_by_fingerprint, name_of_agent, unnamed_fingerprints
from tests.support.log_entries import store_entries, store_exchange

pytestmark = pytest.mark.django_db

SCOUT = AgentName("scout", "fingerprint")
SUBAGENT: dict[str, Any] = {"call_kind": "subagent", "session_id": "s", "agent_id": "a1", "agent_fingerprint": "f"}


def names() -> list[tuple[str, str]]:
    return list(Entry.objects.order_by("id").values_list("subagent", "subagent_known_by"))


def test_entries_without_a_name_get_it_by_their_prompt() -> None:
    store_entries(2, **SUBAGENT)
    store_exchange(**SUBAGENT | {"agent_fingerprint": "other"})
    store_exchange(call_kind="main loop")
    assert name_by_fingerprint("f", SCOUT) == 2
    assert sorted(names()) == [("", ""), ("", ""), ("scout", "fingerprint"), ("scout", "fingerprint")]
    assert name_by_fingerprint("f", SCOUT) == 0


def test_a_name_that_is_there_stays() -> None:
    store_exchange(**SUBAGENT, subagent="captain", subagent_known_by="launched")
    assert name_by_fingerprint("f", SCOUT) == 0
    assert name_by_agent("s", "a1", SCOUT) == 0
    assert names() == [("captain", "launched")]


def test_nothing_else_about_an_entry_changes() -> None:
    entry = store_exchange(**SUBAGENT, request={"model": "m"})
    before = Entry.objects.values().get()
    name_by_fingerprint("f", SCOUT)
    assert Entry.objects.values().get() == before | {"subagent": "scout", "subagent_known_by": "fingerprint"}
    assert entry.body("request")  # type: ignore[arg-type]


def test_one_batch_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "PER_BATCH", 3)
    store_entries(5, **SUBAGENT)
    assert [name_by_fingerprint("f", SCOUT) for _ in range(3)] == [3, 2, 0]


def test_calls_of_one_agent_get_its_name_but_not_what_the_client_asks_in_between() -> None:
    store_entries(2, **SUBAGENT)
    store_entries(1, **SUBAGENT | {"call_kind": "side call", "agent_fingerprint": ""})
    store_entries(1, **SUBAGENT | {"agent_id": "a2"})
    store_entries(1, **SUBAGENT | {"session_id": "other"})
    assert name_by_agent("s", "a1", SCOUT) == 2
    assert set(Entry.objects.exclude(subagent="").values_list("session_id", "agent_id", "call_kind")) == {
        ("s", "a1", "subagent")
    }


def test_an_agent_is_known_by_its_name_in_the_log() -> None:
    store_exchange(**SUBAGENT, subagent="captain", subagent_known_by="launched")
    store_exchange(**SUBAGENT)
    assert name_of_agent("s", "a1") == AgentName("captain", "launched")
    assert name_of_agent("other", "a1") is None
    assert name_of_agent("s", "a2") is None
    assert name_of_agent("s", "") is None


def test_fingerprints_that_have_no_name_are_listed_in_their_order() -> None:
    for fingerprint in ("c", "a", "b", "a", ""):
        store_exchange(**SUBAGENT | {"agent_fingerprint": fingerprint})
    store_exchange(**SUBAGENT | {"agent_fingerprint": "d", "subagent": "cook"})
    assert unnamed_fingerprints(10) == ["a", "b", "c"]
    assert unnamed_fingerprints(2) == ["a", "b"]
    assert unnamed_fingerprints(2, after="b") == ["c"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is read in SQLite's words")
@pytest.mark.parametrize(
    ("entries", "index"),
    [
        (Entry.objects.of_unnamed_subagents().filter(agent_fingerprint="f").order_by("id")[:5], "entry_unnamed"),
        (Entry.objects.of_agent("s", "a1").order_by()[:1], "entry_agent"),
        (Entry.objects.of_subagent("scout").order_by("-id")[:5], "entry_subagent"),
        (Entry.objects.filter(call_kind="side call").order_by("-id")[:5], "entry_call_kind"),
    ],
)
def test_every_search_has_an_index(entries: EntryQuerySet, index: str) -> None:
    plan = entries.explain()
    assert index in plan
    assert "TEMP B-TREE" not in plan
