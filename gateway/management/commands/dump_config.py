"""`manage.py dump_config`: the whole configuration as YAML, without secrets and client keys."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from gateway.configuration.document import read_configuration
from gateway.configuration.dumping import as_file


class Command(BaseCommand):
    help = (
        "Prints the configuration as YAML, for load_config. A stored secret is not in it: “kept” stands in its place. "
        "Client keys are not in it either, since only their digests are known."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(as_file(read_configuration()), ending="")
