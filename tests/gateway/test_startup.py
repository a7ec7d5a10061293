"""What `manage.py serve` does before it serves."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError
from django.test import override_settings

from gateway import startup
from gateway.models import ClientKey

pytestmark = pytest.mark.django_db


def test_the_first_admin_gets_a_password_that_is_told_once() -> None:
    made = startup.create_first_admin()
    assert made is not None
    name, password = made
    user = get_user_model().objects.get(username=name)
    assert user.is_superuser and user.is_staff
    assert len(password) >= 16 and user.check_password(password)
    assert startup.create_first_admin() is None


def test_a_password_of_the_users_own_is_not_told() -> None:
    with override_settings(ADMIN_USERNAME="boss", ADMIN_PASSWORD="my own secret"):
        assert startup.create_first_admin() == ("boss", "")
    assert get_user_model().objects.get(username="boss").check_password("my own secret")


def test_an_ordinary_user_with_the_admins_name_is_left_alone() -> None:
    user = get_user_model().objects.create_user("admin", password="mine")
    with pytest.raises(CommandError, match="Set ADMIN_USERNAME to another name"):
        startup.create_first_admin()
    user.refresh_from_db()
    assert not user.is_superuser and user.check_password("mine")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_on_loopback_no_key_is_asked_for(host: str) -> None:
    with override_settings(HOST=host):
        startup.refuse_to_be_open_to_others()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "gateway.example"])
def test_on_another_address_a_client_key_must_exist(host: str) -> None:
    with override_settings(HOST=host):
        with pytest.raises(CommandError, match="create_client_key"):
            startup.refuse_to_be_open_to_others()
        ClientKey.issue("laptop")
        startup.refuse_to_be_open_to_others()


def test_a_database_that_cannot_be_written_is_told_with_its_name() -> None:
    error = OperationalError("attempt to write a readonly database")
    words = r"The database .+ cannot be written: attempt to write .+DATABASE_URL"
    with mock.patch("gateway.startup.MigrationExecutor", side_effect=error), pytest.raises(CommandError, match=words):
        startup.prepare_database()


def test_a_journal_folder_is_made_and_one_that_cannot_be_is_told(tmp_path: Path) -> None:
    with override_settings(JOURNAL_DIR=tmp_path / "deep/journal"):
        startup.prepare_journal()
    assert list((tmp_path / "deep/journal").iterdir()) == []
    (tmp_path / "file").write_text("in the way")
    with override_settings(JOURNAL_DIR=tmp_path / "file"), pytest.raises(CommandError, match="set JOURNAL_DIR"):
        startup.prepare_journal()


def test_a_client_key_is_made_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_client_key", "laptop")
    plain = capsys.readouterr().out.strip()
    assert ClientKey.objects.get(name="laptop").digest == ClientKey.digest_of(plain)


def test_a_name_that_has_a_key_gets_no_second_one() -> None:
    _, plain = ClientKey.issue("laptop")
    with pytest.raises(CommandError, match="choose another name"):
        call_command("create_client_key", "laptop")
    assert ClientKey.objects.get().digest == ClientKey.digest_of(plain)
