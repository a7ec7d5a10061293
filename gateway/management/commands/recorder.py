"""`manage.py recorder`: takes the journal into the database. The server starts it by itself."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gateway.digest import digest_response
from requestlog.lifetime import Lifetime, yield_to_requests
from requestlog.recorder import Recorder
from requestlog.recorder_process import take_lock

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Takes the request log's journal into the database. The server starts one by itself."
    requires_system_checks: list[str] = []  # the server has made them, and a start should be quick

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--lock", type=int, help="the locked descriptor of recorder.lock, from the worker that starts this"
        )

    def handle(self, *, lock: int | None, **options: Any) -> None:
        lifetime = Lifetime(follows_parent=lock is not None)
        lifetime.handle_signals()
        if lock is None and take_lock(settings.JOURNAL_DIR) is None:
            raise CommandError(f"a recorder is already running for {settings.JOURNAL_DIR}")
        yield_to_requests()
        Recorder(settings.JOURNAL_DIR, digest_response).run(lifetime)
