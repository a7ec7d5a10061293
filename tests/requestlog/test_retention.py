from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from requestlog.exchange import BodiesState, Outcome
from requestlog.models import Block, Body, BodyKind, Entry
from requestlog.retention import Housekeeping, Pruned, Retention, first_id_of, preview, prune
from tests.support.log_entries import messages_request, store_entries, store_exchange

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def store(days: float, text: str, **columns: object) -> Entry:
    """An exchange of so many days ago with a block of its own, last used on that day, and one that all share."""
    request = messages_request(*({"role": "user", "content": part * 50} for part in (text, "shared by all ")))
    known = set(Block.objects.values_list("pk", flat=True))
    entry = store_exchange(days_ago(days), request=request, request_headers=[("x-a", "b")], **columns)
    Block.objects.exclude(pk__in=known).update(used_on=days_ago(days).date())
    shared = min(known | set(Block.objects.values_list("pk", flat=True)))
    Block.objects.filter(pk=shared).update(used_on=NOW.date())
    return entry


def run(entries_days: int, bodies_days: int) -> Pruned:
    retention = Retention(entries_days, bodies_days)
    expected = preview(retention)
    pruned = sum(prune(retention), Pruned())
    assert (pruned.entries, pruned.blocks) == (expected.entries, expected.blocks)
    return pruned


def states() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("bodies", flat=True))


def assert_all_kept_bodies_are_whole() -> None:
    for body in Body.objects.all():
        assert len(body.content) == body.size


def test_bodies_go_before_their_entries() -> None:
    store(400, "first ")
    store(40, "second ")
    kept = store(4, "third ")
    assert run(365, 30) == Pruned(entries=1, bodies=2, blocks=2)
    assert states() == [BodiesState.PRUNED, BodiesState.KEPT]
    assert set(Body.objects.values_list("entry", flat=True)) == {kept.pk}
    assert_all_kept_bodies_are_whole()


def test_zero_days_keep_for_good() -> None:
    store(4000, "old ")
    assert not run(0, 0)
    assert Entry.objects.count() == 1


def test_bodies_that_are_kept_for_good_go_with_their_entries() -> None:
    store(40, "old ")
    store(4, "young ")
    assert run(30, 0) == Pruned(entries=1, bodies=1, blocks=1)
    assert_all_kept_bodies_are_whole()


def test_what_is_in_flight_stays_and_so_do_the_blocks_since_its_day() -> None:
    running = store(50, "running ", outcome=Outcome.IN_FLIGHT.value, finished_at=None)
    store(45, "ended ")
    store(60, "long ended ")
    assert run(40, 30) == Pruned(entries=2, bodies=2, blocks=1)
    assert Entry.objects.get() == running
    assert_all_kept_bodies_are_whole()


def test_a_block_of_the_day_before_the_oldest_body_is_left() -> None:
    store(30.5, "just past ")
    store(29.5, "just kept ")
    run(0, 30)
    assert_all_kept_bodies_are_whole()
    assert Body.objects.exists()
    assert Block.objects.count() == 3


def test_a_block_that_comes_into_use_during_a_run_is_left() -> None:
    store(60, "old ")
    run_of_pruning = prune(Retention(0, 30))
    next(run_of_pruning)
    old = Block.objects.filter(used_on__lt=days_ago(50)).get()
    Block.objects.filter(pk=old.pk).update(used_on=NOW.date())
    assert sum(run_of_pruning, Pruned()) == Pruned()
    assert Block.objects.filter(pk=old.pk).exists()


def test_pruning_goes_in_small_batches() -> None:
    store_entries(1200, days_ago(40))
    batches = list(prune(Retention(30, 0)))
    assert [batch.entries for batch in batches] == [500, 500, 200]
    assert not Entry.objects.exists()


def test_a_second_run_finds_nothing_left() -> None:
    store(60, "old ")
    assert run(0, 30)
    assert not run(0, 30)


def test_housekeeping_takes_one_batch_at_a_time() -> None:
    store_entries(700, days_ago(40), bodies=BodiesState.NOT_KEPT.value)
    housekeeping = Housekeeping(Retention(30, 0))
    left = []
    for _ in range(4):
        housekeeping.step()
        left.append(Entry.objects.count())
    assert left == [200, 0, 0, 0]
    store_entries(1, days_ago(40))
    housekeeping.step()
    assert Entry.objects.count() == 1, "the next run is due in an hour"


def test_the_first_id_of_a_moment_divides_the_log() -> None:
    before, after = store_entries(1, days_ago(2) - timedelta(milliseconds=2)) + store_entries(1, days_ago(2))
    assert before.id < first_id_of(days_ago(2)) <= after.id


def prunelog(*arguments: str) -> str:
    output = StringIO()
    call_command("prunelog", *arguments, stdout=output)
    return output.getvalue()


def test_the_command_only_says_what_it_would_do_when_asked_to(settings: Settings) -> None:
    settings.LOG_ENTRIES_DAYS, settings.LOG_BODIES_DAYS = 365, 30
    store(40, "old ")
    said = "delete 0 entries, the bodies of 1 exchanges, 1 unused blocks"
    assert prunelog("--dry-run") == f"would {said}\n"
    assert states() == [BodiesState.KEPT]
    assert prunelog() == f"{said.replace('delete', 'deleted')}\n"
    assert states() == [BodiesState.PRUNED]
    assert Entry.objects.get().body(BodyKind.REQUEST) is None


def test_the_commands_options_override_the_settings() -> None:
    store(4, "young ")
    assert prunelog("--entries-days", "3", "--bodies-days", "2").startswith("deleted 1 entries")
    with pytest.raises(CommandError, match="0 \\(keep for good\\) or more"):
        prunelog("--entries-days", "-1")
