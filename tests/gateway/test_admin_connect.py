"""The admin's page “Connect Claude Code”."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from gateway.models import ClientKey, Revision
from providers.models import Provider, ProviderModel
from routing.models import ModelAlias
from tests.support.database import database_dump

CONNECT = reverse("admin:gateway_connect")
CHOICES = {"address": "https://gateway.example", "access": "key", "discovers_models": "on"}


def text(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode()


def settings(shown: str) -> dict[str, str]:
    """The variables of the settings.json that a page shows."""
    [found] = re.findall(r'<pre id="settings"[^>]*>([^<]*)<', shown)
    variables: dict[str, str] = json.loads(html.unescape(found))["env"]
    return variables


def staff(*permissions: str) -> Client:
    user = User.objects.create_user("grace", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_it_shows_at_once_how_to_reach_this_gateway_from_here(admin_client: Client) -> None:
    shown = text(admin_client.get(CONNECT, headers={"host": "localhost:8123"}))
    assert settings(shown) == {
        "ANTHROPIC_BASE_URL": "http://localhost:8123",
        "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1",
    }
    assert "export ANTHROPIC_BASE_URL=http://localhost:8123" in shown


def test_with_keys_it_shows_a_place_for_one_and_offers_no_open_way(admin_client: Client) -> None:
    key, plain = ClientKey.issue("laptop")
    shown = text(admin_client.get(CONNECT))
    assert settings(shown)["ANTHROPIC_AUTH_TOKEN"] == "A-KEY-OF-THIS-GATEWAY"
    assert "no key: on this machine" not in shown and "put it in place of the words in capitals" in shown
    named = text(admin_client.post(CONNECT, {**CHOICES, "key": "laptop"}))
    assert settings(named)["ANTHROPIC_AUTH_TOKEN"] == "THE-KEY-OF-laptop"
    assert plain not in shown + named and key.digest not in shown + named


def test_an_own_login_keeps_its_place(admin_client: Client) -> None:
    shown = text(admin_client.post(CONNECT, {**CHOICES, "access": "own login", "new_key": "laptop"}))
    found = settings(shown)
    assert re.fullmatch(r"x-gateway-key: ccgw-[\w-]{43}", found["ANTHROPIC_CUSTOM_HEADERS"])
    assert "ANTHROPIC_AUTH_TOKEN" not in found


def test_a_key_is_made_on_the_spot_and_shown_once(admin_client: Client) -> None:
    response = admin_client.post(CONNECT, {**CHOICES, "new_key": "laptop"})
    shown = text(response)
    plain = settings(shown)["ANTHROPIC_AUTH_TOKEN"]
    key = ClientKey.objects.get()
    assert (key.name, key.digest) == ("laptop", ClientKey.digest_of(plain))
    assert "The key is shown only now." in shown and "no-store" in response["Cache-Control"]
    assert Revision.objects.get().changed_by == "admin"
    assert plain not in database_dump() and plain not in str(dict(admin_client.session))
    assert '<option value="laptop" selected>' in shown


def test_the_same_form_twice_makes_no_second_key(admin_client: Client) -> None:
    admin_client.post(CONNECT, {**CHOICES, "new_key": "laptop"})
    again = text(admin_client.post(CONNECT, {**CHOICES, "new_key": "laptop"}))
    assert "There is a client key “laptop” already" in again and "ccgw-" not in again
    assert ClientKey.objects.count() == 1


def test_a_key_is_not_made_for_who_has_none(admin_client: Client) -> None:
    shown = text(admin_client.post(CONNECT, {**CHOICES, "access": "open", "new_key": "laptop"}))
    assert "Say above that Claude Code has a key." in shown
    assert not ClientKey.objects.exists()


def test_models_and_aliases_of_the_gateway_can_be_chosen(admin_client: Client) -> None:
    provider = Provider.objects.get()
    ProviderModel(provider=provider, name="qwen3:8b", context_window=32_000).save()
    ModelAlias(name="claude-small", provider=provider, model="qwen3:8b").save()
    models = {"main": "qwen3:8b", "haiku": "claude-small", "opus": ""}
    found = settings(text(admin_client.post(CONNECT, {**CHOICES, **models})))
    assert (found["ANTHROPIC_MODEL"], found["ANTHROPIC_DEFAULT_HAIKU_MODEL"]) == ("qwen3:8b", "claude-small")
    assert found["CLAUDE_CODE_MAX_CONTEXT_TOKENS"] == "32000"
    assert "ANTHROPIC_DEFAULT_OPUS_MODEL" not in found


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"address": "gateway"}, "Enter a URL with scheme and host"),
        ({"address": ""}, "This field is required"),
        ({"main": "unheard-of"}, "Select a valid choice"),
        ({"access": "magic"}, "Select a valid choice"),
    ],
)
def test_mistakes_are_told_and_nothing_is_shown(admin_client: Client, changed: dict[str, str], expected: str) -> None:
    shown = text(admin_client.post(CONNECT, {**CHOICES, "new_key": "laptop", **changed}))
    assert expected in shown and '<pre id="settings"' not in shown
    assert not ClientKey.objects.exists()


def test_text_from_outside_is_inert(admin_client: Client) -> None:
    ClientKey.issue("<b>laptop</b>")
    shown = text(admin_client.post(CONNECT, {**CHOICES, "key": "<b>laptop</b>"}))
    assert "<b>" not in shown and "THE-KEY-OF-&lt;b&gt;" in shown


def test_making_a_key_takes_the_permission_for_it(db: None) -> None:
    client = staff("view_clientkey")
    shown = text(client.post(CONNECT, {**CHOICES, "new_key": "laptop"}))
    assert 'name="new_key"' not in shown
    assert not ClientKey.objects.exists()


def test_the_page_is_for_those_who_may_see_keys(db: None) -> None:
    client = staff()
    assert client.get(CONNECT).status_code == 403
    assert CONNECT not in text(client.get(reverse("admin:index")))
    assert Client().get(CONNECT).status_code == 302


def test_it_is_linked_from_the_admins_index_the_app_and_the_list_of_keys(admin_client: Client) -> None:
    pages = [
        reverse("admin:index"),
        reverse("admin:app_list", args=["gateway"]),
        reverse("admin:gateway_clientkey_changelist"),
    ]
    for page in pages:
        assert CONNECT in text(admin_client.get(page)), page
