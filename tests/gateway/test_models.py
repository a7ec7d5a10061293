from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from gateway.models import ClientKey, Revision
from tests.support.database import database_dump

pytestmark = pytest.mark.django_db


def test_an_issued_key_has_the_gateways_own_form() -> None:
    _, plain = ClientKey.issue("laptop")
    assert re.fullmatch(r"ccgw-[A-Za-z0-9_-]{43}", plain)


def test_two_keys_are_never_the_same() -> None:
    assert ClientKey.issue("laptop")[1] != ClientKey.issue("desktop")[1]


def test_only_a_keys_digest_and_its_beginning_are_stored() -> None:
    key, plain = ClientKey.issue("laptop")
    stored = ClientKey.objects.get()
    assert stored == key
    assert stored.prefix == plain[:8]
    assert stored.digest == hashlib.sha256(plain.encode()).hexdigest() == ClientKey.digest_of(plain)
    assert stored.plain == ""
    assert plain not in database_dump()


def test_a_name_is_given_to_one_key_only() -> None:
    ClientKey.issue("laptop")
    with pytest.raises(IntegrityError), transaction.atomic():
        ClientKey.issue("laptop")


def test_a_key_expires_at_its_moment() -> None:
    now = timezone.now()
    key, _ = ClientKey.issue("laptop", expires_at=now)
    assert key.is_expired()
    assert not key.is_expired(at=now - timedelta(seconds=1))
    assert not ClientKey.issue("desktop")[0].is_expired()


def test_the_current_revision_is_the_newest_and_zero_in_a_new_database() -> None:
    assert Revision.current() == 0
    ClientKey.issue("laptop")
    first = Revision.current()
    ClientKey.objects.get().delete()
    assert Revision.current() == first + 1 == Revision.objects.first().pk
