from __future__ import annotations

from collections.abc import Sequence

import pytest

from gateway.configuration.comparing import as_text
from gateway.configuration.document import read_configuration
from gateway.configuration.problems import ConfigurationError
from gateway.configuration.restoring import StateNotKept, restore, what_restoring_changes
from gateway.models import ClientKey, Revision
from gateway.revisions import changes_made_by
from providers.models import Provider
from tests.gateway.configuration.samples import RICH, loaded

pytestmark = pytest.mark.django_db

EMPTY = "{providers: {}, aliases: {}, subagents: {}, rules: [], agent_definitions: {}}"


def newest() -> Revision:
    revision = Revision.objects.first()
    assert revision is not None
    return revision


def provider_with_secret() -> Provider:
    provider = Provider(name="a", base_url="https://llm.example")
    provider.set_credential("a-secret")
    provider.save()
    return provider


def restored(revision: Revision) -> Sequence[str]:
    with changes_made_by(lambda: "ada"):
        return restore(revision)


def test_everything_comes_back_as_one_new_revision() -> None:
    loaded(RICH)
    then, revision = read_configuration(), newest()
    loaded(EMPTY)
    assert restored(revision) == []
    assert read_configuration() == then == newest().read_state()
    assert (newest().changed_by, newest().note) == ("ada", f"restored revision {revision.pk}")
    assert newest().pk == revision.pk + 2


def test_what_is_as_it_was_makes_no_revision() -> None:
    loaded(RICH)
    revision = newest()
    assert what_restoring_changes(revision) == ()
    restored(revision)
    assert newest() == revision


def test_what_it_would_change_can_be_seen_first() -> None:
    loaded(RICH)
    revision = newest()
    loaded("aliases: {}")
    assert "+  claude-gpt:" in as_text(what_restoring_changes(revision))


def test_client_keys_stay_as_they_are() -> None:
    loaded(RICH)
    revision = newest()
    ClientKey.issue("laptop")
    restored(revision)
    assert ClientKey.objects.count() == 1


def test_a_secret_stays_where_its_provider_is_still_on_the_same_host() -> None:
    stored, revision = provider_with_secret().credential, newest()
    provider = Provider.objects.get(name="a")
    provider.base_url, provider.enabled = "https://llm.example/v2", False
    provider.save()
    assert restored(revision) == []
    provider.refresh_from_db()
    assert (provider.base_url, provider.enabled, provider.credential) == ("https://llm.example", True, stored)


def test_the_secret_of_another_host_does_not_come_along() -> None:
    provider_with_secret()
    revision = newest()
    provider = Provider.objects.get(name="a")
    provider.base_url = "https://other.example"
    provider.save()
    assert restored(revision) == ["a"]
    provider.refresh_from_db()
    assert (provider.base_url, provider.credential) == ("https://llm.example", "")


def test_a_provider_that_was_deleted_comes_back_without_its_secret_and_says_so() -> None:
    provider_with_secret()
    revision = newest()
    Provider.objects.get(name="a").delete()
    assert restored(revision) == ["a"]
    provider = Provider.objects.get(name="a")
    assert provider.credential == ""
    assert "There is no credential" in provider.to_config().problem


def test_a_reference_to_the_environment_comes_back() -> None:
    provider = Provider(name="a", base_url="https://llm.example")
    provider.set_credential("$LLM_KEY")
    provider.save()
    revision = newest()
    provider.delete()
    assert restored(revision) == []
    assert Provider.objects.get(name="a").credential == "$LLM_KEY"


def test_a_state_that_is_not_kept_cannot_be_restored() -> None:
    revision = Revision.objects.create(changed_by="ada")
    with pytest.raises(StateNotKept, match="is not kept any more"):
        restore(revision)


def test_what_is_not_valid_any_more_changes_nothing() -> None:
    loaded(RICH)
    revision = newest()
    state = revision.read_state()
    assert state is not None
    state["providers"]["openai"]["kind"] = "soap"
    revision.keep_state(state)
    loaded("aliases: {}")
    before = read_configuration()
    with pytest.raises(ConfigurationError, match="providers.openai.kind: Value 'soap' is not a valid choice"):
        restore(revision)
    assert read_configuration() == before
