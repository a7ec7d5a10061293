"""What must be true before the server starts, done or refused in words. Each step raises `CommandError`."""

from __future__ import annotations

import os
import secrets
import tempfile

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from gateway.access import is_loopback
from gateway.models import ClientKey
from gateway.revisions import keep_first_state


def prepare_database() -> None:
    """Bring the database to the current schema, and make sure that it can be written."""
    os.umask(0o077)  # what is written from here on holds people's conversations: it is for this user only
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
        with transaction.atomic():
            connection.cursor().execute("UPDATE django_migrations SET app = app WHERE id = 0")
        keep_first_state()
    except (DatabaseError, OSError) as error:
        name = connection.settings_dict["NAME"]
        raise CommandError(
            f"The database {name} cannot be written: {error}. Check its folder's permissions, or set DATABASE_URL."
        ) from error


def prepare_journal() -> None:
    """Make sure that the journal's folder is there and takes files: without it no request could be served."""
    try:
        settings.JOURNAL_DIR.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.JOURNAL_DIR):
            pass
    except OSError as error:
        raise CommandError(
            f"The journal's folder {settings.JOURNAL_DIR} cannot be written: {error.strerror}. "
            "Check its permissions, or set JOURNAL_DIR."
        ) from error


def create_first_admin() -> tuple[str, str] | None:
    """Name and password of the first admin user, which is made when there is none; None when there is one."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    if users.filter(username=settings.ADMIN_USERNAME).exists():
        raise CommandError(
            f"The first admin user cannot be made: {settings.ADMIN_USERNAME} is an ordinary user already. "
            "Set ADMIN_USERNAME to another name."
        )
    password = settings.ADMIN_PASSWORD or secrets.token_urlsafe(12)
    users.create_superuser(settings.ADMIN_USERNAME, password=password)
    return settings.ADMIN_USERNAME, "" if settings.ADMIN_PASSWORD else password


def refuse_to_be_open_to_others() -> None:
    """An open gateway is for this machine alone."""
    if not is_loopback(settings.HOST) and not ClientKey.objects.exists():
        raise CommandError(
            f"HOST={settings.HOST} lets other machines in, and there is no client key that they would have to show. "
            "Make one first: .venv/bin/python manage.py create_client_key NAME"
        )
