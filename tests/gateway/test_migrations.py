"""What an update makes of the rows that are there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from gateway.models import Revision

BEFORE = ("gateway", "0001_initial")


def migrate(*targets: tuple[str, str]) -> MigrationExecutor:
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets) or executor.loader.graph.leaf_nodes())
    return MigrationExecutor(connection)


@pytest.fixture
def before_the_update(transactional_db: None) -> Iterator[MigrationExecutor]:
    yield migrate(BEFORE)
    migrate()


def test_a_revision_of_one_change_keeps_its_number_and_its_change(before_the_update: MigrationExecutor) -> None:
    old = before_the_update.loader.project_state([BEFORE]).apps.get_model("gateway", "Revision")
    for number in (4, 7):
        old.objects.create(
            id=number,
            changed_by="ada",
            action="changed",
            model="providers.provider",
            object_name=f"p{number}",
            changes={"enabled": ["True", "False"]},
        )
    migrate()
    assert Revision.current() == 7
    revision = Revision.objects.get(pk=4)
    [change] = revision.changes.all()
    assert (revision.changed_by, str(change)) == ("ada", "provider p4 changed")
    assert change.fields == {"enabled": ["True", "False"]}
    assert revision.read_state() is None
