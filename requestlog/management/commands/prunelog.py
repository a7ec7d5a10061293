"""`manage.py prunelog`: deletes old entries and bodies of the request log now. The recorder does it once an hour."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from requestlog.retention import Pruned, Retention, preview, prune, refresh_statistics


class Command(BaseCommand):
    help = "Deletes entries and bodies of the request log that are past their retention. The recorder does it hourly."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--entries-days", type=int, default=settings.LOG_ENTRIES_DAYS, help="keep entries so many days; 0: for good"
        )
        parser.add_argument(
            "--bodies-days", type=int, default=settings.LOG_BODIES_DAYS, help="keep bodies so many days; 0: for good"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")

    def handle(self, *, entries_days: int, bodies_days: int, dry_run: bool, **options: Any) -> None:
        if entries_days < 0 or bodies_days < 0:
            raise CommandError("a number of days is 0 (keep for good) or more")
        retention = Retention(entries_days, bodies_days)
        pruned = preview(retention) if dry_run else sum(prune(retention), Pruned())
        if pruned and not dry_run:
            refresh_statistics()
        verb = "would delete" if dry_run else "deleted"
        self.stdout.write(
            f"{verb} {pruned.entries} entries, the bodies of {pruned.bodies} exchanges, {pruned.blocks} unused blocks"
        )
