"""`manage.py serve`: everything between a fresh clone and a running gateway."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from gateway import server, startup
from providers.checks import provider_problems


class Command(BaseCommand):
    help = "Prepares the database and runs the production server on HOST and PORT."

    def handle(self, *args: Any, **options: Any) -> None:
        startup.prepare_database()
        startup.prepare_journal()
        startup.refuse_to_be_open_to_others()
        try:
            listener = server.listen(settings.HOST, settings.PORT)
        except server.CannotListen as error:
            raise CommandError(str(error)) from error
        # Not before the server can listen: a password that is made up is only shown in the greeting.
        self._greet(startup.create_first_admin())
        connections.close_all()
        server.run(listener)

    def _greet(self, admin: tuple[str, str] | None) -> None:
        url = _own_url()
        self.stdout.write(f"Claude Code gateway on {url}\n\n")
        self.stdout.write(f"  Admin         {url}/admin/")
        if admin:
            name, password = admin
            self.stdout.write(f"                user {name}, password {password or 'as set in ADMIN_PASSWORD'}")
            if password:
                self.stdout.write("                (shown only this once: change it in the admin)")
        self.stdout.write(f"  Request log   {url}/log/")
        self.stdout.write(f"  Claude Code   ANTHROPIC_BASE_URL={url} claude\n\n")
        for problem in provider_problems():
            self.stderr.write(self.style.WARNING(problem))
        self.stdout.flush()


def _own_url() -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.HOST, settings.HOST)
    return f"http://{f'[{host}]' if ':' in host and '[' not in host else host}:{settings.PORT}"
