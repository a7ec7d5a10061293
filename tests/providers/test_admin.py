from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.test import AsyncClient, Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from providers.models import Provider
from tests.providers.conftest import SECRET, Upstream, make_provider
from tests.support.database import database_dump

LIST = reverse("admin:providers_provider_changelist")
ADD = reverse("admin:providers_provider_add")


def form(**fields: Any) -> dict[str, Any]:
    """A filled-in form; None leaves a field out, as a browser does with an unticked box."""
    filled = {
        "name": "elsewhere",
        "kind": "anthropic",
        "base_url": "https://llm.example",
        "enabled": "on",
        "credential_source": "stored",
        "credential": "",
        "credential_header": "auto",
        "extra_headers": "{}",
        "connect_timeout": "10",
        "first_byte_timeout": "600",
        "idle_timeout": "300",
        **fields,
    }
    return {name: value for name, value in filled.items() if value is not None}


def change_url(provider: Provider) -> str:
    return reverse("admin:providers_provider_change", args=[provider.pk])


def errors(response: HttpResponse) -> dict[str, list[str]]:
    return response.context["adminform"].form.errors  # type: ignore[attr-defined]


def text(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_a_provider_is_added_with_its_secret(admin_client: Client) -> None:
    response = admin_client.post(ADD, form(credential=f" {SECRET} "))
    assert response.status_code == 302
    assert Provider.objects.get(name="elsewhere").resolve_credential() == SECRET


def test_a_secret_never_comes_back_out(admin_client: Client) -> None:
    admin_client.post(ADD, form(credential=SECRET))
    provider = Provider.objects.get(name="elsewhere")
    admin_client.post(change_url(provider), form(credential=SECRET, enabled=None))
    pages = [
        LIST,
        change_url(provider),
        reverse("admin:providers_provider_history", args=[provider.pk]),
        reverse("admin:gateway_revision_changelist"),
        reverse("admin:index"),
    ]
    for page in pages:
        shown = text(admin_client.get(page))
        assert SECRET not in shown, page
        assert provider.credential not in shown, page
    assert SECRET not in database_dump()


def test_a_form_with_a_mistake_does_not_repeat_the_secret(admin_client: Client) -> None:
    response = admin_client.post(ADD, form(credential=SECRET, base_url="nowhere"))
    assert "base_url" in errors(response)
    assert SECRET not in text(response)


def test_an_empty_field_keeps_the_credential(admin_client: Client, provider: Provider) -> None:
    admin_client.post(change_url(provider), form(idle_timeout="5"))
    stored = Provider.objects.get(pk=provider.pk)
    assert stored.idle_timeout == 5
    assert (stored.resolve_credential(), stored.credential_set_at) == (SECRET, provider.credential_set_at)


def test_a_secret_does_not_move_to_another_host_unless_it_is_entered_again(
    admin_client: Client, provider: Provider
) -> None:
    response = admin_client.post(change_url(provider), form(base_url="https://other.example"))
    assert "another host" in errors(response)["credential"][0]
    assert Provider.objects.get(pk=provider.pk).base_url == "https://llm.example"
    admin_client.post(change_url(provider), form(base_url="https://LLM.example/base"))
    assert Provider.objects.get(pk=provider.pk).base_url == "https://LLM.example/base"
    admin_client.post(change_url(provider), form(base_url="https://other.example", credential="for-the-other"))
    assert Provider.objects.get(pk=provider.pk).resolve_credential() == "for-the-other"


def test_who_may_only_look_sees_nothing_of_the_column(client: Client, provider: Provider) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_provider"))
    client.force_login(reader)
    shown = text(client.get(change_url(provider)))
    assert "stored, set on " in shown and "llm.example" in shown
    assert provider.credential not in shown and "field-credential " not in shown
    assert "Test connection" not in text(client.get(LIST))


def test_the_box_removes_the_credential(admin_client: Client, provider: Provider) -> None:
    admin_client.post(change_url(provider), form(credential_source="none", remove_credential="on"))
    assert Provider.objects.get(pk=provider.pk).credential == ""


def test_a_credential_that_is_to_be_sent_cannot_be_removed(admin_client: Client, provider: Provider) -> None:
    response = admin_client.post(change_url(provider), form(remove_credential="on"))
    assert "credential" in errors(response)
    assert Provider.objects.get(pk=provider.pk).resolve_credential() == SECRET


def test_entering_and_removing_at_once_is_refused(admin_client: Client, provider: Provider) -> None:
    response = admin_client.post(change_url(provider), form(credential="another", remove_credential="on"))
    assert "remove_credential" in errors(response)
    assert Provider.objects.get(pk=provider.pk).resolve_credential() == SECRET


def test_a_malformed_credential_is_refused(admin_client: Client, db: None) -> None:
    response = admin_client.post(ADD, form(credential="clé"))
    assert "HTTP header" in errors(response)["credential"][0]
    assert not Provider.objects.filter(name="elsewhere").exists()


def test_a_provider_without_a_credential_is_told_to_enter_one(admin_client: Client) -> None:
    assert "Enter a credential" in errors(admin_client.post(ADD, form()))["credential"][0]


def test_the_clients_credential_is_refused_to_another_host(admin_client: Client) -> None:
    response = admin_client.post(ADD, form(credential_source="client"))
    assert "CLIENT_CREDENTIAL_HOSTS" in errors(response)["credential_source"][0]


def test_a_new_default_is_accepted_and_replaces_the_old_one(admin_client: Client) -> None:
    response = admin_client.post(ADD, form(credential=SECRET, is_default="on"))
    assert response.status_code == 302
    assert [provider.name for provider in Provider.objects.filter(is_default=True)] == ["elsewhere"]


def test_the_form_says_what_credential_is_there(
    admin_client: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "stored, set on " in text(admin_client.get(change_url(provider)))
    provider.set_credential("$GATEWAY_TEST_KEY")
    provider.save()
    assert "$GATEWAY_TEST_KEY (not set in" in text(admin_client.get(change_url(provider)))
    monkeypatch.setenv("GATEWAY_TEST_KEY", SECRET)
    shown = text(admin_client.get(change_url(provider)))
    assert "$GATEWAY_TEST_KEY (set in" in shown and SECRET not in shown


def test_the_list_says_what_credential_is_sent(admin_client: Client) -> None:
    make_provider(name="stored-one")
    make_provider(name="silent-one", credential_source="none")
    variable = make_provider(name="variable-one")
    variable.set_credential("${GATEWAY_TEST_KEY}")
    variable.save()
    rows = admin_client.get(LIST).context["cl"].result_list
    model_admin = admin_client.get(LIST).context["cl"].model_admin
    assert {row.name: model_admin.credential_sent(row) for row in rows} == {
        "anthropic": "client's own",
        "stored-one": "stored",
        "silent-one": "none",
        "variable-one": "$GATEWAY_TEST_KEY",
    }


def test_a_save_can_be_followed_by_a_test_of_the_connection(
    admin_client: Client, upstream: Upstream, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    filled = form(base_url=upstream.url, credential=SECRET, _test_connection="Save and test connection")
    with django_capture_on_commit_callbacks() as callbacks:
        response = admin_client.post(ADD, filled)
    provider = Provider.objects.get(name="elsewhere")
    assert (response.status_code, response["Location"]) == (302, change_url(provider))
    assert upstream.received == [], "tested before the commit, while the database is locked"
    assert len(callbacks) >= 1


@pytest.mark.django_db(transaction=True)
def test_the_result_of_a_test_is_shown(admin_client: Client, upstream: Upstream) -> None:
    provider = make_provider(base_url=upstream.url)
    filled = form(base_url=upstream.url, _test_connection="Save and test connection")
    response = admin_client.post(change_url(provider), filled, follow=True)
    shown = text(response)
    assert "Provider elsewhere: http://127.0.0.1:" in shown and "all is well" in shown
    assert SECRET not in shown


def test_connections_are_tested_from_the_list(admin_client: Client, upstream: Upstream) -> None:
    upstream.status = 401
    provider = make_provider(base_url=upstream.url)
    chosen = {"action": "test_connections", "_selected_action": [provider.pk]}
    response = admin_client.post(LIST, chosen, follow=True)
    assert "does not accept the stored credential" in text(response)
    assert [headers["x-api-key"] for _, headers in upstream.received] == [SECRET]


def test_connections_are_tested_under_an_asynchronous_server_too(admin_user: User, upstream: Upstream) -> None:
    provider = make_provider(base_url=upstream.url)
    client = AsyncClient()
    client.force_login(admin_user)
    chosen = {"action": "test_connections", "_selected_action": [provider.pk]}
    response = async_to_sync(client.post)(LIST, chosen, follow=True)
    assert "all is well" in text(response)


def test_the_form_has_the_button_that_the_admin_listens_for(admin_client: Client, provider: Provider) -> None:
    assert 'name="_test_connection"' in text(admin_client.get(change_url(provider)))
