"""What `/readyz` says: whether requests can be served and logged, and how far the log is behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpResponse, JsonResponse

from gateway.snapshot import SnapshotUnavailable, snapshots
from requestlog.database import DatabaseUnavailable, file_identity
from requestlog.journal import JournalFull, check_writable, folder_size
from requestlog.status import RecorderStatus, read_status

_SILENT_AFTER_SECONDS = 10.0


async def readiness() -> HttpResponse:
    """200 when all parts work, 503 with the reasons otherwise. Requests are served even then, while the journal has
    room."""
    parts = {
        "database": await sync_to_async(_database, thread_sensitive=False)(),
        "snapshot": await _snapshot(),
        "recorder": _recorder(),
    }
    ready = all(part["ok"] for part in parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


def _database() -> dict[str, Any]:
    try:
        file_identity()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, DatabaseUnavailable) as error:
        return {"ok": False, "error": str(error)}
    finally:
        connection.close()
    return {"ok": True}


async def _snapshot() -> dict[str, Any]:
    try:
        snapshot = await snapshots.current()
    except SnapshotUnavailable as error:
        return {"ok": False, "error": str(error)}
    return {"ok": True, "revision": snapshot.revision}


def _recorder() -> dict[str, Any]:
    status, backlog = read_status(settings.JOURNAL_DIR), folder_size(settings.JOURNAL_DIR)
    error = "; ".join([*_recorder_problems(status, backlog), *_journal_problems(backlog)])
    return {
        "ok": not error,
        "error": error,
        "journal_bytes": backlog,
        "bodies_limit": settings.JOURNAL_BODIES_LIMIT,
        "limit": settings.JOURNAL_LIMIT,
        "backlog_bytes": status.backlog_bytes if status else backlog,
        "bodies_not_kept": status.bodies_not_kept if status else 0,
        "damaged_segments": status.damaged_segments if status else [],
    }


def _recorder_problems(status: RecorderStatus | None, backlog: int) -> Iterator[str]:
    if status is None:
        if backlog:
            yield "no recorder has run yet"
        return
    if status.error:
        yield status.error
    if status.heartbeat_age() > _SILENT_AFTER_SECONDS:
        yield f"the recorder has been silent for {status.heartbeat_age():.0f} s"


def _journal_problems(backlog: int) -> Iterator[str]:
    """Why requests are refused."""
    if backlog > settings.JOURNAL_LIMIT:
        yield "the journal is full: requests are refused until the recorder has caught up"
    try:
        check_writable(settings.JOURNAL_DIR)
    except JournalFull as error:
        yield f"{error}: requests are refused until the disk has room"
