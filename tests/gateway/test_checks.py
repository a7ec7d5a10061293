from __future__ import annotations

import math
from typing import Any

import pytest
from django.test import override_settings

from gateway.checks import check_settings


def problems() -> list[tuple[str, str]]:
    return [(error.msg, str(error.id)) for error in check_settings()]


def test_the_settings_of_a_fresh_clone_are_fine() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("PORT", 0, 1),
        ("PORT", 65536, 1),
        ("PORT", -1, 1),
        ("WORKERS", 0, 2),
        ("PING_SECONDS", 0.0, 3),
        ("PING_SECONDS", 15.1, 3),
        ("PING_SECONDS", math.nan, 3),
        ("CLIENT_CREDENTIAL_HOSTS", ["api.anthropic.com", "https://api.anthropic.com"], 4),
        ("CLIENT_CREDENTIAL_HOSTS", ["api.anthropic.com:https"], 4),
        ("JOURNAL_BODIES_LIMIT", 0, 5),
        ("JOURNAL_LIMIT", 1, 5),
        ("LOG_ENTRIES_DAYS", -1, 6),
        ("LOG_BODIES_DAYS", -1, 6),
        ("MAX_REQUEST_BYTES", -1, 6),
        ("ALLOWED_HOSTS", [], 7),
        ("REDIS_URL", "localhost:6379", 8),
    ],
)
def test_a_wrong_setting_is_one_error_with_its_name_and_a_hint(name: str, value: Any, number: int) -> None:
    with override_settings(**{name: value}):
        [error] = check_settings()
    assert name in error.msg
    assert error.hint
    assert error.id == f"gateway.E00{number}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", 65535),
        ("PING_SECONDS", 15.0),
        ("CLIENT_CREDENTIAL_HOSTS", []),
        ("CLIENT_CREDENTIAL_HOSTS", ["127.0.0.1:8081", "[::1]:8081", " llm.example "]),
        ("LOG_BODIES_DAYS", 0),
    ],
)
def test_the_edge_of_what_is_allowed_is_allowed(name: str, value: Any) -> None:
    with override_settings(**{name: value}):
        assert problems() == []
