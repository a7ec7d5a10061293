"""The configuration in memory: what it holds, when it follows the database, and what it does without one."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from unittest import mock

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError, transaction

from gateway import snapshot as module
from gateway.models import ClientKey, Revision
from gateway.snapshot import KnownClient, Snapshot, SnapshotCache, SnapshotUnavailable, snapshots
from providers.models import Provider, ProviderModel
from routing.engine import Target
from routing.models import ModelAlias, RoutingRule, RuleCriterion

pytestmark = pytest.mark.django_db(transaction=True)


class Source:
    """Loads snapshots in place of the database, as the test says."""

    def __init__(self) -> None:
        self.loads = 0
        self.before_load: Callable[[], None] = lambda: None

    def __call__(self) -> Snapshot:
        self.loads += 1
        self.before_load()
        return Snapshot(revision=Revision.current())


def out_of_reach() -> None:
    raise OperationalError("the database is out of reach")


def current(cache: SnapshotCache) -> Snapshot:
    return async_to_sync(cache.current)()


def a_second_later(cache: SnapshotCache) -> None:
    cache._checked_at -= module.CHECK_SECONDS + 0.01


def make_provider(name: str = "elsewhere", **fields: object) -> Provider:
    provider = Provider(**{"name": name, "base_url": "https://llm.example", "credential_source": "none", **fields})
    provider.save()
    return provider


def test_it_holds_the_enabled_providers_and_the_clients() -> None:
    make_provider(is_default=True)
    make_provider("asleep", enabled=False)
    expiry = datetime(2030, 1, 1, tzinfo=UTC)
    _, plain = ClientKey.issue("laptop", expires_at=expiry)
    loaded = Snapshot.load()
    assert "elsewhere" in loaded.providers and "asleep" not in loaded.providers
    assert loaded.default_provider == "elsewhere"
    assert loaded.clients == {ClientKey.digest_of(plain): KnownClient("laptop", True, expiry.timestamp())}
    assert loaded.revision == Revision.current()


def test_it_holds_the_routes_and_what_clients_are_told_of() -> None:
    provider = make_provider(is_default=True)
    ProviderModel(provider=provider, name="m").save()
    ModelAlias(name="claude-m", provider=provider, model="m").save()
    loaded = Snapshot.load()
    assert loaded.routes.aliases == {"claude-m": Target("elsewhere", "m")}
    assert loaded.routes.models == {"m": Target("elsewhere", "m")}
    assert [offer.name for offer in loaded.offers] == ["claude-m", "m"]


def test_a_change_of_a_model_or_an_alias_is_followed_at_once() -> None:
    snapshots.expire()
    model = ProviderModel(provider=make_provider(), name="m", max_output_tokens=5)
    model.save()
    assert current(snapshots).providers["elsewhere"].capabilities.of("m").max_output_tokens == 5
    alias = ModelAlias(name="a", provider=model.provider, model="m")
    alias.save()
    assert "a" in current(snapshots).routes.aliases
    alias.delete()
    model.delete()
    assert (current(snapshots).routes.aliases, current(snapshots).routes.models) == ({}, {})


def test_a_default_provider_that_is_not_enabled_is_none() -> None:
    make_provider(is_default=True, enabled=False)
    assert Snapshot.load().default_provider == ""


def test_the_revision_is_read_before_the_rows() -> None:
    """A change in between must lead to one rebuild too many, and never to one too few."""
    before = Revision.current()
    with mock.patch.object(Revision, "current", side_effect=[before]) as asked:
        asked.side_effect = lambda: (before, make_provider("in-between"))[0]
        loaded = Snapshot.load()
    assert "in-between" in loaded.providers
    assert loaded.revision == before < Revision.current()


def test_a_process_that_made_the_change_follows_at_once() -> None:
    snapshots.expire()
    assert "elsewhere" not in current(snapshots).providers
    make_provider()
    assert "elsewhere" in current(snapshots).providers
    Provider.objects.filter(name="elsewhere").delete()
    assert "elsewhere" not in current(snapshots).providers


def test_a_change_counts_when_it_is_committed_and_not_before() -> None:
    snapshots.expire()
    known = current(snapshots).revision
    with transaction.atomic():
        make_provider()
        assert snapshots._checked_at > 0
    assert current(snapshots).revision > known


def test_another_process_follows_within_a_second() -> None:
    cache = SnapshotCache()
    first = current(cache)
    make_provider()
    assert current(cache) is first
    a_second_later(cache)
    assert "elsewhere" in current(cache).providers


def test_without_a_change_nothing_is_read_again() -> None:
    source = Source()
    cache = SnapshotCache(source)
    first = current(cache)
    a_second_later(cache)
    assert current(cache) is first
    assert source.loads == 1


def test_requests_that_come_together_at_the_first_load_share_it() -> None:
    source = Source()
    cache = SnapshotCache(source)

    async def together() -> list[Snapshot]:
        return await asyncio.gather(*(cache.current() for _ in range(20)))

    assert len({id(found) for found in async_to_sync(together)()}) == 1
    assert source.loads == 1


def test_a_database_that_is_down_keeps_the_old_snapshot() -> None:
    source = Source()
    cache = SnapshotCache(source)
    first = current(cache)
    make_provider()
    source.before_load = out_of_reach
    a_second_later(cache)
    assert current(cache) is first
    source.before_load = lambda: None
    a_second_later(cache)
    assert current(cache).revision > first.revision


def test_a_database_that_was_never_reached_is_told_in_words() -> None:
    source = Source()
    source.before_load = out_of_reach
    cache = SnapshotCache(source)
    with pytest.raises(SnapshotUnavailable, match="out of reach"):
        current(cache)
    source.before_load = lambda: None
    assert current(cache).revision == Revision.current()


def test_a_database_that_hangs_costs_a_bounded_time() -> None:
    source, answers = Source(), threading.Event()
    cache = SnapshotCache(source)
    first = current(cache)
    make_provider()
    source.before_load = lambda: answers.wait(20) or None  # type: ignore[func-returns-value]
    a_second_later(cache)
    started = time.monotonic()
    assert current(cache) is first
    assert time.monotonic() - started < 10 * module.DATABASE_SECONDS
    answers.set()
    cache._thread.shutdown()


def test_a_broken_model_stops_its_own_provider_and_no_other() -> None:
    make_provider("sound", is_default=True)
    ProviderModel(provider=make_provider("broken"), name="m").save()
    ProviderModel.objects.update(capabilities={"wings": True})
    loaded = Snapshot.load()
    assert loaded.providers["sound"].problem == ""
    assert "model m" in loaded.providers["broken"].problem and "wings" in loaded.providers["broken"].problem


def test_a_broken_rule_stops_itself_and_no_other() -> None:
    provider = make_provider("sound", is_default=True)
    for name in ("broken", "whole"):
        rule = RoutingRule(name=name, provider=provider, model="m")
        rule.save()
        RuleCriterion(rule=rule, kind="time", value="10:00–11:00").save()
    RuleCriterion.objects.filter(rule__name="broken").update(value="at noon")
    routes = Snapshot.load().routes
    assert [rule.name for rule in routes.rules] == ["whole"]
    assert "‘broken’ is left out" in routes.problems[0] and "at noon" in routes.problems[0]


@pytest.mark.parametrize(
    "broken",
    [
        {"base_url": "http://["},
        {"base_url": ""},
        {"extra_headers": ["x"]},
        {"kind": "unheard-of"},
        {"preset": "unheard-of"},
        {"capabilities": ["x"]},
        {"capabilities": {"tools": "perhaps"}},
    ],
)
def test_a_broken_row_stops_its_own_provider_and_no_other(broken: dict[str, object]) -> None:
    make_provider("sound", is_default=True)
    make_provider("broken")
    Provider.objects.filter(name="broken").update(**broken)
    loaded = Snapshot.load()
    assert loaded.default_provider == "sound"
    assert loaded.providers["sound"].problem == ""
    assert loaded.providers["broken"].problem
