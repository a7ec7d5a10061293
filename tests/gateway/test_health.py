"""What `/readyz` says of the parts, by the function behind it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError
from django.test import override_settings

from gateway import health
from gateway.snapshot import SnapshotCache
from requestlog.status import FILE_NAME, RecorderStatus

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Path]:
    with override_settings(JOURNAL_DIR=tmp_path, JOURNAL_LIMIT=1000):
        yield tmp_path


def answer() -> tuple[int, Any]:
    with mock.patch.object(health, "snapshots", SnapshotCache()):
        response = async_to_sync(health.readiness)()
    return response.status_code, json.loads(response.content)


def recorder_says(journal: Path, **fields: Any) -> None:
    status = RecorderStatus(**{"pid": os.getpid(), "heartbeat_at": time.time(), **fields})
    (journal / FILE_NAME).write_bytes(msgspec.json.encode(status))


def test_all_is_well_before_the_first_request(journal: Path) -> None:
    status, content = answer()
    assert (status, content["ready"]) == (200, True)
    assert [content[part]["ok"] for part in ("database", "snapshot", "recorder")] == [True, True, True]
    assert content["snapshot"]["revision"] >= 0


def test_the_recorders_numbers_are_shown(journal: Path) -> None:
    recorder_says(journal, backlog_bytes=12, bodies_not_kept=3, damaged_segments=["a.journal"])
    status, content = answer()
    assert status == 200
    assert content["recorder"]["backlog_bytes"] == 12
    assert content["recorder"]["bodies_not_kept"] == 3
    assert content["recorder"]["damaged_segments"] == ["a.journal"]
    assert content["recorder"]["limit"] == 1000


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"error": "the database is locked", "error_since": 1.0}, "the database is locked"),
        ({"heartbeat_at": 1.0}, "the recorder has been silent for"),
    ],
)
def test_a_recorder_that_does_not_work_makes_the_gateway_unready(
    journal: Path, fields: dict[str, Any], words: str
) -> None:
    recorder_says(journal, **fields)
    status, content = answer()
    assert (status, content["ready"]) == (503, False)
    assert words in content["recorder"]["error"]


def test_a_journal_without_any_recorder_makes_the_gateway_unready(journal: Path) -> None:
    (journal / "1-1.journal").write_bytes(b"x" * 10)
    status, content = answer()
    assert (status, content["recorder"]["error"]) == (503, "no recorder has run yet")
    assert content["recorder"]["journal_bytes"] == 10


def test_a_full_journal_makes_the_gateway_unready(journal: Path) -> None:
    recorder_says(journal)
    (journal / "1-1.journal").write_bytes(b"x" * 1001)
    status, content = answer()
    assert status == 503
    assert "the journal is full" in content["recorder"]["error"]


def test_a_database_out_of_reach_is_told_for_each_part_that_needs_it(journal: Path) -> None:
    with mock.patch("django.db.backends.utils.CursorWrapper.execute", side_effect=OperationalError("no such host")):
        status, content = answer()
    assert status == 503
    assert content["database"] == {"ok": False, "error": "no such host"}
    assert content["snapshot"]["ok"] is False
    assert content["recorder"]["ok"] is True
