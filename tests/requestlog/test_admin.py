from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from requestlog import admin as log_admin
from requestlog.models import Block, Body, Entry
from tests.support.log_entries import store_entries, store_exchange

pytestmark = pytest.mark.django_db

CHANGELIST = "/admin/requestlog/entry/"


def test_the_admin_links_to_the_log_under_the_gateways_name(admin_client: Client) -> None:
    page = admin_client.get("/admin/").content.decode()
    assert f'<a href="{reverse("requestlog:list")}">Request log</a>' in page
    assert "Claude Code gateway" in page


def test_the_login_page_does_not_link_to_the_log(client: Client) -> None:
    page = client.get("/admin/login/").content.decode()
    assert "Claude Code gateway" in page
    assert "Request log" not in page


def test_entries_are_listed_with_a_link_to_the_log(admin_client: Client) -> None:
    entry = store_exchange(requested_model="model\x1b[31m<b>")
    page = admin_client.get(CHANGELIST).content.decode()
    assert f'<a href="{entry.get_absolute_url()}">open in the log</a>' in page
    assert "model⟨ESC⟩[31m&lt;b&gt;" in page


def test_an_entry_can_be_looked_at_and_not_changed(admin_client: Client) -> None:
    entry = store_exchange()
    change = f"{CHANGELIST}{entry.pk}/change/"
    page = admin_client.get(change)
    assert entry.get_absolute_url() in page.content.decode()
    assert 'name="_save"' not in page.content.decode()
    assert admin_client.post(change, {"outcome": "rejected"}).status_code == 403
    assert admin_client.get(f"{CHANGELIST}add/").status_code == 403
    assert admin_client.post(f"{CHANGELIST}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Entry.objects.get().outcome == entry.outcome


def test_there_are_no_actions_on_entries(admin_client: Client) -> None:
    entry = store_exchange()
    admin_client.post(CHANGELIST, {"action": "delete_selected", "_selected_action": str(entry.pk), "post": "yes"})
    assert Entry.objects.count() == 1


def test_the_list_never_counts_the_whole_log(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(log_admin, "REACH", 120)
    store_entries(200)
    with django_assert_max_num_queries(6) as queries:
        response = admin_client.get(CHANGELIST)
    assert response.context["cl"].result_count == 120
    counts = [query["sql"] for query in queries.captured_queries if "COUNT" in query["sql"]]
    assert counts
    assert all("LIMIT 120" in sql for sql in counts)
    assert admin_client.get(f"{CHANGELIST}?p=3").status_code == 200


def test_entries_are_found_by_their_session(admin_client: Client) -> None:
    store_exchange(session_id="one")
    store_exchange(session_id="two")
    response = admin_client.get(CHANGELIST, {"q": "two"})
    assert [entry.session_id for entry in response.context["cl"].result_list] == ["two"]


def test_bodies_and_blocks_are_not_in_the_admin() -> None:
    assert Body not in admin.site._registry
    assert Block not in admin.site._registry
