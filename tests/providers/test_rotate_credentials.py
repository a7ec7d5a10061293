from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from providers.models import Provider
from tests.providers.conftest import SECRET, make_provider

pytestmark = pytest.mark.django_db


def rotate() -> str:
    output = StringIO()
    call_command("rotate_credentials", stdout=output)
    return output.getvalue()


def test_all_secrets_move_under_the_first_key(settings: Settings) -> None:
    settings.CREDENTIALS_KEYS = ["old"]
    for name in ("one", "two"):
        make_provider(name=name)
    settings.CREDENTIALS_KEYS = ["new", "old"]
    output = rotate()
    assert "Encrypted 2 credentials" in output and "remove the other keys" in output
    settings.CREDENTIALS_KEYS = ["new"]
    assert [provider.resolve_credential() for provider in Provider.objects.exclude(credential="")] == [SECRET, SECRET]


def test_the_date_of_a_rotated_secret_stays(provider: Provider) -> None:
    rotate()
    assert Provider.objects.get(name="elsewhere").credential_set_at == provider.credential_set_at


def test_variables_are_left_alone(provider: Provider) -> None:
    provider.set_credential("$UPSTREAM_KEY")
    provider.save()
    assert "nothing to do" in rotate()
    assert Provider.objects.get(name="elsewhere").credential == "$UPSTREAM_KEY"


def test_a_wrong_key_is_named_in_one_line_and_nothing_is_changed(settings: Settings) -> None:
    settings.CREDENTIALS_KEYS = ["known"]
    make_provider(name="a-first")
    settings.CREDENTIALS_KEYS = ["lost"]
    make_provider(name="b-second")
    settings.CREDENTIALS_KEYS = ["new", "known"]
    before = list(Provider.objects.values_list("name", "credential"))
    with pytest.raises(CommandError) as caught:
        rotate()
    message = str(caught.value)
    assert "Provider b-second" in message and "CREDENTIALS_KEYS" in message and "\n" not in message
    assert list(Provider.objects.values_list("name", "credential")) == before
