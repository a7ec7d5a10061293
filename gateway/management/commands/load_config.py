"""`manage.py load_config FILE`: takes over a configuration from YAML, this program's own or the Go proxy's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gateway.configuration.comparing import as_text
from gateway.configuration.loading import Loaded, load
from gateway.configuration.problems import ConfigurationError

_STANDARD_INPUT = "-"


class Command(BaseCommand):
    help = (
        "Makes the configuration be what a YAML file says, all of it or nothing. A section that the file has replaces "
        "what is there of it; a section that it does not have is left alone. Client keys are never touched."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", default=_STANDARD_INPUT, help="as dump_config writes it, or the Go proxy's; - for stdin"
        )
        parser.add_argument("--dry-run", action="store_true", help="only show what would change")

    def handle(self, *args: Any, file: str, dry_run: bool, **options: Any) -> None:
        try:
            loaded = load(
                _content(file), "from standard input" if file == _STANDARD_INPUT else Path(file).name, dry_run
            )
        except ConfigurationError as error:
            raise CommandError(f"Nothing was changed:\n{error}") from error
        self._report(loaded, dry_run)

    def _report(self, loaded: Loaded, dry_run: bool) -> None:
        for remark in loaded.remarks:
            self.stdout.write(remark)
        if not loaded.changes:
            self.stdout.write("Nothing to change: the configuration is as the file says.")
            return
        self.stdout.write("This would change:" if dry_run else "Changed:")
        for change in loaded.changes:
            self.stdout.write(f"  {change}")
        if dry_run and loaded.differences:
            self.stdout.write(as_text(loaded.differences))


def _content(file: str) -> bytes:
    if file == _STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
