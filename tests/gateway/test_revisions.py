from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from gateway.models import ClientKey, Revision
from gateway.revisions import NOBODY, changes_made_by
from providers.models import Provider

SECRET = "a-secret-that-must-not-show-4711"

pytestmark = pytest.mark.django_db


def revisions() -> list[tuple[str, str, str]]:
    """Oldest first: action, model and name."""
    return list(Revision.objects.order_by("id").values_list("action", "model", "object_name"))


def test_adding_changing_and_deleting_make_one_revision_each() -> None:
    key, _ = ClientKey.issue("laptop")
    key.enabled = False
    key.save()
    key.delete()
    assert revisions() == [(action, "gateway.clientkey", "laptop") for action in ("added", "changed", "deleted")]
    assert Revision.objects.get(action="changed").changes == {"enabled": ["True", "False"]}


def test_a_save_without_a_change_makes_no_revision() -> None:
    key, _ = ClientKey.issue("laptop")
    key.save()
    assert len(revisions()) == 1


def test_a_bulk_deletion_makes_a_revision_for_every_row() -> None:
    ClientKey.issue("laptop")
    ClientKey.issue("desktop")
    ClientKey.objects.all().delete()
    assert sorted(revisions()[2:]) == [
        ("deleted", "gateway.clientkey", "desktop"),
        ("deleted", "gateway.clientkey", "laptop"),
    ]


def test_a_new_default_provider_makes_a_revision_for_the_old_one_too() -> None:
    Provider(name="new", base_url="https://llm.example", credential_source="none", is_default=True).save()
    assert revisions() == [
        ("changed", "providers.provider", "anthropic"),
        ("added", "providers.provider", "new"),
    ]
    assert Revision.objects.get(object_name="anthropic").changes == {"is_default": ["True", "False"]}


def test_secrets_and_digests_are_not_in_a_revision() -> None:
    provider = Provider(name="new", base_url="https://llm.example")
    provider.set_credential(SECRET)
    provider.save()
    key, _ = ClientKey.issue("laptop")
    stored = str(list(Revision.objects.values()))
    for hidden in (SECRET, provider.credential, key.digest):
        assert hidden not in stored
    assert Revision.objects.get(object_name="new").changes["credential"] == ["", "set"]


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
    names = dict(Revision.objects.values_list("object_name", "changed_by"))
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
