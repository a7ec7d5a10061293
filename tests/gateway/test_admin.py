from __future__ import annotations

import re

from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from gateway.models import ClientKey, Revision
from tests.support.database import database_dump

LIST = reverse("admin:gateway_clientkey_changelist")
ADD = reverse("admin:gateway_clientkey_add")
REVISIONS = reverse("admin:gateway_revision_changelist")


def text(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode()


def issue(client: Client) -> tuple[str, HttpResponse]:
    """Add a key by the form. Returns the key that the page showed, and the page."""
    response = client.post(ADD, {"name": "laptop", "enabled": "on"})
    [plain] = re.findall(r"ccgw-[\w-]{43}", text(response))
    return plain, response


def test_a_new_key_is_shown_on_a_page_that_no_browser_keeps(admin_client: Client) -> None:
    plain, response = issue(admin_client)
    assert ClientKey.objects.get().digest == ClientKey.digest_of(plain)
    assert "no-store" in response["Cache-Control"]


def test_a_key_is_shown_once_only(admin_client: Client) -> None:
    plain, _ = issue(admin_client)
    key = ClientKey.objects.get()
    pages = [
        LIST,
        ADD,
        reverse("admin:gateway_clientkey_change", args=[key.pk]),
        reverse("admin:gateway_clientkey_history", args=[key.pk]),
        reverse("admin:gateway_revision_change", args=[Revision.current()]),
        REVISIONS,
        reverse("admin:index"),
    ]
    for page in pages:
        assert plain not in text(admin_client.get(page)), page


def test_sending_the_form_again_shows_no_key_and_makes_none(admin_client: Client) -> None:
    plain, _ = issue(admin_client)
    again = text(admin_client.post(ADD, {"name": "laptop", "enabled": "on"}))
    assert "already exists" in again and "ccgw-" not in again
    assert ClientKey.objects.get().digest == ClientKey.digest_of(plain)


def test_a_key_is_neither_in_the_database_nor_in_the_session(admin_client: Client) -> None:
    plain, _ = issue(admin_client)
    assert plain not in database_dump()
    assert plain not in str(dict(admin_client.session))
    assert plain not in str(list(LogEntry.objects.values()))


def test_changing_a_key_leaves_its_digest(admin_client: Client) -> None:
    key, _ = ClientKey.issue("laptop")
    response = admin_client.post(reverse("admin:gateway_clientkey_change", args=[key.pk]), {"name": "desktop"})
    assert response.status_code == 302
    changed = ClientKey.objects.get()
    assert (changed.name, changed.enabled, changed.digest) == ("desktop", False, key.digest)


def test_the_list_shows_how_a_key_begins(admin_client: Client) -> None:
    key, _ = ClientKey.issue("laptop")
    assert f"{key.prefix}…" in text(admin_client.get(LIST))


def test_deleting_the_selected_keys_makes_revisions_with_the_users_name(admin_client: Client) -> None:
    keys = [ClientKey.issue(name)[0] for name in ("laptop", "desktop")]
    chosen = {"action": "delete_selected", "_selected_action": [key.pk for key in keys], "post": "yes"}
    admin_client.post(LIST, chosen)
    assert not ClientKey.objects.exists()
    [revision] = Revision.objects.filter(changes__action="deleted").distinct()
    assert revision.changed_by == "admin"
    assert sorted(change.object_name for change in revision.changes.all()) == ["desktop", "laptop"]


def test_the_admin_bears_the_gateways_name(admin_client: Client) -> None:
    assert "Claude Code gateway" in text(admin_client.get(reverse("admin:index")))
