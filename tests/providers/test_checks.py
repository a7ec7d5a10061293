from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.db import OperationalError
from pytest_django import Settings

from providers.checks import provider_problems
from providers.models import Provider
from tests.providers.conftest import make_provider


def test_a_new_database_has_no_problems(db: None) -> None:
    assert provider_problems() == []


def test_a_missing_variable_is_reported_for_enabled_providers_only(provider: Provider) -> None:
    provider.set_credential("$GATEWAY_TEST_UNSET")
    provider.save()
    [problem] = provider_problems()
    assert "elsewhere" in problem and "GATEWAY_TEST_UNSET" in problem
    provider.enabled = False
    provider.save()
    assert provider_problems() == []


def test_an_unreadable_credential_is_reported(provider: Provider, settings: Settings) -> None:
    settings.CREDENTIALS_KEYS = ["another"]
    assert "cannot be decrypted" in provider_problems()[0]


def test_the_lack_of_a_default_provider_is_reported(db: None) -> None:
    make_provider()
    Provider.objects.get(name="anthropic").delete()
    assert "default" in provider_problems()[0]


def test_the_problems_are_warnings_of_a_database_check(provider: Provider) -> None:
    provider.set_credential("$GATEWAY_TEST_UNSET")
    provider.save()
    assert "providers.W001" in [message.id for message in run_checks(databases=["default"])]
    assert "providers.W001" not in [message.id for message in run_checks()]


def test_a_database_without_tables_has_no_problems_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_table(**_: object) -> None:
        raise OperationalError("no such table")

    monkeypatch.setattr(Provider.objects, "filter", no_such_table)
    assert provider_problems() == []
