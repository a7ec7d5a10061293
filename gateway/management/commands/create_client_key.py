"""`manage.py create_client_key NAME`: a client key without the admin, as before the first start on a public address."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gateway.models import ClientKey


class Command(BaseCommand):
    help = "Makes a client key and prints it; nobody can find it out later."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="who or what will use the key; shown in the request log")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        if ClientKey.objects.filter(name=name).exists():
            raise CommandError(f"There is a client key “{name}” already: choose another name.")
        _, key = ClientKey.issue(name)
        self.stdout.write(key)
