"""The announcements of config models, seen through `Provider`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from providers.config import config_changed
from providers.models import Provider
from tests.providers.conftest import SECRET, make_provider

Announcement = tuple[str, str, dict[str, list[str]]]


@pytest.fixture
def announced() -> Iterator[list[Announcement]]:
    """What was announced: action, name and changes."""
    seen: list[Announcement] = []

    def note(instance: Provider, action: str, changes: dict[str, list[str]], **_: Any) -> None:
        seen.append((action, instance.name, changes))

    config_changed.connect(note)
    yield seen
    config_changed.disconnect(note)


def test_a_new_row_is_announced_with_all_that_it_holds(db: None, announced: list[Announcement]) -> None:
    Provider(name="elsewhere", base_url="https://llm.example", credential_source="none").save()
    [(action, name, changes)] = announced
    assert (action, name) == ("added", "elsewhere")
    assert changes["base_url"] == ["", "https://llm.example"]
    assert changes["connect_timeout"] == ["", "10.0"]
    assert "credential" not in changes and "extra_headers" not in changes


def test_a_change_is_announced_with_the_old_and_the_new_value(
    provider: Provider, announced: list[Announcement]
) -> None:
    provider.enabled = False
    provider.extra_headers = {"x-team": "search"}
    provider.save()
    assert announced == [
        ("changed", "elsewhere", {"enabled": ["True", "False"], "extra_headers": ["", '{"x-team": "search"}']})
    ]


def test_only_what_was_written_is_announced(provider: Provider, announced: list[Announcement]) -> None:
    provider.enabled, provider.idle_timeout = False, 5
    provider.save(update_fields=["idle_timeout"])
    assert [changes for _, _, changes in announced] == [{"idle_timeout": ["300.0", "5.0"]}]


def test_a_save_that_changes_nothing_announces_nothing(provider: Provider, announced: list[Announcement]) -> None:
    provider.save()
    Provider.objects.get(name="elsewhere").save()
    assert announced == []


def test_a_deletion_is_announced_with_what_is_lost(provider: Provider, announced: list[Announcement]) -> None:
    provider.delete()
    [(action, name, changes)] = announced
    assert (action, name) == ("deleted", "elsewhere")
    assert changes["base_url"] == ["https://llm.example", ""]


def test_a_querysets_delete_announces_every_row(db: None, announced: list[Announcement]) -> None:
    make_provider(name="one")
    make_provider(name="two")
    announced.clear()
    Provider.objects.filter(name__in=["one", "two"]).delete()
    assert sorted((action, name) for action, name, _ in announced) == [("deleted", "one"), ("deleted", "two")]


def test_a_secret_is_announced_without_any_part_of_it(db: None, announced: list[Announcement]) -> None:
    provider = make_provider()
    provider.set_credential("$ANOTHER")
    provider.save()
    provider.set_credential("")
    provider.save()
    assert [changes["credential"] for _, _, changes in announced] == [
        ["", "set"],
        ["set", "changed"],
        ["set", "removed"],
    ]
    assert SECRET not in str(announced) and "ANOTHER" not in str(announced)


def test_a_listener_that_fails_undoes_the_change(provider: Provider) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("no room")

    config_changed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            make_provider(name="never")
        provider.enabled = False
        with pytest.raises(RuntimeError):
            provider.save()
    finally:
        config_changed.disconnect(fail)
    assert not Provider.objects.filter(name="never").exists()
    assert Provider.objects.get(name="elsewhere").enabled
