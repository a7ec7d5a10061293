from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from gateway import models
from gateway.models import ClientKey, Revision, RevisionChange
from gateway.revisions import NOBODY, changes_made_by, keep_first_state, one_revision
from providers.models import Provider, ProviderModel

SECRET = "a-secret-that-must-not-show-4711"

pytestmark = pytest.mark.django_db


def changes() -> list[tuple[str, str, str]]:
    """Oldest first: action, model and name."""
    return list(RevisionChange.objects.values_list("action", "model", "object_name"))


def test_adding_changing_and_deleting_make_one_revision_each() -> None:
    key, _ = ClientKey.issue("laptop")
    key.enabled = False
    key.save()
    key.delete()
    assert changes() == [(action, "gateway.clientkey", "laptop") for action in ("added", "changed", "deleted")]
    assert Revision.objects.count() == 3
    assert RevisionChange.objects.get(action="changed").fields == {"enabled": ["True", "False"]}


def test_a_save_without_a_change_makes_no_revision() -> None:
    key, _ = ClientKey.issue("laptop")
    key.save()
    assert len(changes()) == 1


def test_a_bulk_deletion_records_every_row() -> None:
    ClientKey.issue("laptop")
    ClientKey.issue("desktop")
    ClientKey.objects.all().delete()
    assert sorted(changes()[2:]) == [
        ("deleted", "gateway.clientkey", "desktop"),
        ("deleted", "gateway.clientkey", "laptop"),
    ]


def test_a_new_default_provider_is_recorded_as_a_change_of_the_old_one_too() -> None:
    Provider(name="new", base_url="https://llm.example", credential_source="none", is_default=True).save()
    assert changes() == [
        ("changed", "providers.provider", "anthropic"),
        ("added", "providers.provider", "new"),
    ]
    assert RevisionChange.objects.get(object_name="anthropic").fields == {"is_default": ["True", "False"]}


def test_secrets_and_digests_are_not_in_a_revision() -> None:
    provider = Provider(name="new", base_url="https://llm.example")
    provider.set_credential(SECRET)
    provider.save()
    key, _ = ClientKey.issue("laptop")
    states = [revision.read_state() for revision in Revision.objects.all()]
    stored = str([*Revision.objects.values(), *RevisionChange.objects.values(), *states])
    for hidden in (SECRET, provider.credential, key.digest):
        assert hidden not in stored
    assert RevisionChange.objects.get(object_name="new").fields["credential"] == ["", "set"]


def test_a_save_that_fails_leaves_neither_row_nor_revision() -> None:
    ClientKey.issue("laptop")
    before = Revision.current()
    with pytest.raises(IntegrityError), transaction.atomic():
        ClientKey.issue("laptop")
    assert (ClientKey.objects.count(), Revision.current()) == (1, before)


def test_a_revision_that_cannot_be_written_undoes_the_change(monkeypatch: pytest.MonkeyPatch) -> None:
    key, _ = ClientKey.issue("laptop")

    def fail(**_: object) -> None:
        raise IntegrityError("no room")

    monkeypatch.setattr(Revision.objects, "create", fail)
    for change in (lambda: ClientKey.issue("desktop"), key.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert [key.name for key in ClientKey.objects.all()] == ["laptop"]


def test_an_undone_transaction_takes_its_revisions_along() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        ClientKey.issue("laptop")
        raise RuntimeError("changed my mind")
    assert Revision.current() == 0


def test_a_revision_says_who_made_the_change() -> None:
    with changes_made_by(lambda: "ada"):
        ClientKey.issue("laptop")
    ClientKey.issue("desktop")
    names = dict(RevisionChange.objects.values_list("object_name", "revision__changed_by"))
    assert names == {"laptop": "ada", "desktop": NOBODY}


def test_who_it_is_is_not_asked_without_a_change() -> None:
    def who() -> str:
        raise AssertionError("asked")

    with changes_made_by(who):
        assert ClientKey.objects.count() == 0


def test_a_long_name_is_cut_to_fit(db: None) -> None:
    with changes_made_by(lambda: "a" * 300):
        ClientKey.issue("laptop")
    assert Revision.objects.get().changed_by == "a" * 200


def states() -> dict[str, list[str] | None]:
    """The names of the providers in each revision's state, by the object that it changed first."""
    kept = {revision.changes.first(): revision.read_state() for revision in Revision.objects.order_by("id")}
    return {change.object_name: state and list(state["providers"]) for change, state in kept.items() if change}


def make_provider(name: str) -> Provider:
    provider = Provider(name=name, base_url="https://llm.example", credential_source="none")
    provider.save()
    return provider


@pytest.mark.django_db(transaction=True)
def test_what_one_request_commits_at_once_is_one_revision() -> None:
    with changes_made_by(lambda: "ada"):
        with transaction.atomic():
            provider = make_provider("new")
            ProviderModel(provider=provider, name="m").save()
        make_provider("later")
    assert [[str(change) for change in revision.changes.all()] for revision in Revision.objects.order_by("id")] == [
        ["provider new added", "model new:m added"],
        ["provider later added"],
    ]


@pytest.mark.django_db(transaction=True)
def test_a_revision_that_was_undone_is_not_added_to() -> None:
    with changes_made_by(lambda: "ada"):
        with pytest.raises(RuntimeError), transaction.atomic():
            make_provider("undone")
            raise RuntimeError("changed my mind")
        other = Revision.objects.create(changed_by="somebody else")
        make_provider("made")
    assert [str(change) for change in other.changes.all()] == []
    assert changes() == [("added", "providers.provider", "made")]


@pytest.mark.django_db(transaction=True)
def test_a_part_of_a_transaction_that_was_undone_takes_its_revision_along() -> None:
    with changes_made_by(lambda: "ada"), transaction.atomic():
        with pytest.raises(RuntimeError), transaction.atomic():
            make_provider("undone")
            raise RuntimeError("changed my mind")
        make_provider("made")
    [revision] = Revision.objects.all()
    assert [str(change) for change in revision.changes.all()] == ["provider made added"]


def test_many_changes_can_be_one_revision_with_a_note() -> None:
    with changes_made_by(lambda: "ada"), one_revision("loaded gateway.yaml"):
        make_provider("first")
        make_provider("second")
    [revision] = Revision.objects.all()
    assert (revision.changed_by, revision.note) == ("ada", "loaded gateway.yaml")
    assert [change.object_name for change in revision.changes.all()] == ["first", "second"]


def test_one_revision_without_a_change_is_none() -> None:
    with one_revision("loaded gateway.yaml"):
        pass
    assert not Revision.objects.exists()


def test_every_revision_keeps_the_configuration_as_it_then_was() -> None:
    make_provider("first")
    make_provider("second")
    with one_revision():
        make_provider("third")
        make_provider("fourth")
    assert states() == {
        "first": ["anthropic", "first"],
        "second": ["anthropic", "first", "second"],
        "third": ["anthropic", "first", "fourth", "second", "third"],
    }


def test_only_the_newest_revisions_keep_their_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "KEPT_STATES", 2)
    for name in ("first", "second", "third"):
        make_provider(name)
    assert [name for name, state in states().items() if state is None] == ["first"]


def test_the_configuration_of_the_first_start_is_kept_once() -> None:
    keep_first_state()
    keep_first_state()
    [revision] = Revision.objects.all()
    state = revision.read_state()
    assert state is not None and list(state["providers"]) == ["anthropic"]


def test_a_start_after_an_update_keeps_the_configuration_with_the_newest_revision() -> None:
    older = Revision.objects.create(changed_by="ada")
    newer = Revision.objects.create(changed_by="ada")
    keep_first_state()
    older.refresh_from_db()
    newer.refresh_from_db()
    assert older.state is None and newer.read_state() is not None
    assert Revision.current() == newer.pk
