from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from requestlog.models import Block, BodyKind, Entry
from tests.requestlog.hostile import HOSTILE
from tests.requestlog.pages import LIST
from tests.support.log_entries import (
    messages_request,
    store_exchange,
)

pytestmark = pytest.mark.django_db


def _urls(entry: Entry) -> list[str]:
    return [LIST, entry.get_absolute_url(), reverse("requestlog:body", args=[entry.pk, "request"])]


@pytest.mark.parametrize("page", range(3))
def test_a_stranger_is_sent_to_the_login(client: Client, page: int) -> None:
    url = _urls(store_exchange(request={}))[page]
    response = client.get(url)
    assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={url}")


@pytest.mark.parametrize("page", range(3))
def test_a_user_who_is_not_staff_is_refused(client: Client, page: int) -> None:
    client.force_login(User.objects.create_user("bob"))
    assert client.get(_urls(store_exchange(request={}))[page]).status_code == 403


@pytest.mark.parametrize("page", range(3))
def test_a_member_of_staff_may_read(client: Client, page: int) -> None:
    client.force_login(User.objects.create_user("ada", is_staff=True))
    assert client.get(_urls(store_exchange(request={}))[page]).status_code == 200


@pytest.mark.parametrize("page", range(3))
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_the_log_is_for_reading_only(admin_client: Client, page: int, method: str) -> None:
    assert getattr(admin_client, method)(_urls(store_exchange(request={}))[page]).status_code == 405


@pytest.mark.parametrize("page", range(3))
def test_pages_allow_no_script_and_are_not_cached(admin_client: Client, page: int) -> None:
    response = admin_client.get(_urls(store_exchange(request={}))[page])
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe-inline" not in policy
    assert (response["X-Content-Type-Options"], response["Cache-Control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize(
    "content", [b"", HOSTILE.encode(), bytes(range(256)) * 100, b"<html><script>alert(1)</script>"]
)
@pytest.mark.parametrize("kind", ["request", "response"])
def test_a_download_has_the_exact_bytes_and_is_never_opened(admin_client: Client, kind: str, content: bytes) -> None:
    entry = store_exchange(**{kind: content}, response_headers=[("content-encoding", "gzip")])
    response = admin_client.get(reverse("requestlog:body", args=[entry.pk, kind]))
    assert response.content == content
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith(f'attachment; filename="{entry.pk}-{kind}.')
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_request_that_is_stored_in_blocks_is_downloaded_whole(admin_client: Client) -> None:
    messages = [{"role": "user", "content": [{"type": "text", "text": f"{number} " * 300}]} for number in range(50)]
    entry = store_exchange(request=messages_request(*messages))
    stored = entry.body(BodyKind.REQUEST)
    assert Block.objects.count() >= 50
    assert admin_client.get(reverse("requestlog:body", args=[entry.pk, "request"])).content == stored


@pytest.mark.parametrize("kind", ["response", "hologram", "request_headers"])
def test_a_body_that_is_not_stored_is_not_found(admin_client: Client, kind: str) -> None:
    entry = store_exchange(request={})
    assert admin_client.get(reverse("requestlog:body", args=[entry.pk, kind])).status_code == 404
