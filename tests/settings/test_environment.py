from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from settings.environment import Environment

SQLITE = "sqlite:///var/db.sqlite3"


def environment(**variables: str) -> Environment:
    made = Environment()
    made.ENVIRON = variables
    return made


def refusal(read: Callable[[Environment], Any], value: str) -> str:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(environment(NAME=value))
    return str(refused.value)


def test_a_setting_that_is_not_there_has_its_default() -> None:
    assert environment().int("NAME", default=7) == 7
    assert environment().bool("NAME", default=True) is True
    assert environment().choice("NAME", ("ONE", "TWO"), default="ONE") == "ONE"


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), ("Yes", True), ("False", False), ("0", False)]
)
def test_yes_and_no_have_many_words(text: str, value: bool) -> None:
    assert environment(NAME=text).bool("NAME", default=not value) is value


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (lambda env: env.int("NAME"), "abc", "a whole number"),
        (lambda env: env.int("NAME"), "", "a whole number"),
        (lambda env: env.int("NAME"), "1.5", "a whole number"),
        (lambda env: env.float("NAME"), "fast", "a number"),
        (lambda env: env.bool("NAME", default=False), "maybe", "true or false"),
        (lambda env: env.choice("NAME", ("ONE", "TWO"), default="ONE"), "three", "one of ONE, TWO"),
        (lambda env: env.time_zone("NAME", default="UTC"), "Mars/Base", "a time zone such as Europe/Berlin"),
        (lambda env: env.time_zone("NAME", default="UTC"), "", "a time zone such as Europe/Berlin"),
        (lambda env: env.time_zone("NAME", default="UTC"), "../etc", "a time zone such as Europe/Berlin"),
    ],
)
def test_a_wrong_value_is_told_with_its_name_and_what_it_should_be(read: Any, value: str, expected: str) -> None:
    text = refusal(read, value)
    assert text.startswith("NAME=")
    assert text.endswith(f"is not valid: it takes {expected}.")


def test_a_choice_may_be_written_small() -> None:
    assert environment(NAME="two").choice("NAME", ("ONE", "TWO"), default="ONE") == "TWO"


@pytest.mark.parametrize(
    ("url", "engine", "name"),
    [
        (SQLITE, "sqlite3", "var/db.sqlite3"),
        ("sqlite:////srv/gateway.sqlite3", "sqlite3", "/srv/gateway.sqlite3"),
        ("postgres://me:p%2Fw@db.example:5433/gateway", "postgresql", "gateway"),
        ("postgresql://db.example/gateway", "postgresql", "gateway"),
    ],
)
def test_a_database_is_named_by_its_url(url: str, engine: str, name: str) -> None:
    config = environment(NAME=url).database("NAME", default=SQLITE)
    assert (config["ENGINE"], config["NAME"]) == (f"django.db.backends.{engine}", name)


@pytest.mark.parametrize(
    "url", ["", "foo://x", "nonsense", "mysql://a/b", "sqlite://", "sqlite://:memory:", "postgres://me:p/w@db:54x2/g"]
)
def test_a_database_that_cannot_be_used_is_refused_without_showing_a_password(url: str) -> None:
    text = refusal(lambda env: env.database("NAME", default=SQLITE), url)
    assert text.startswith("NAME is not ")
    assert "p/w" not in text
