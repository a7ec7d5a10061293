"""The admin's pages of revisions."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from gateway.models import ClientKey, Revision
from providers.models import Provider
from routing.models import ModelAlias
from tests.gateway.configuration.samples import RICH, loaded
from tests.support.log_entries import entry_at

LIST = reverse("admin:gateway_revision_changelist")
SECRET = "a-secret-that-must-not-show-4711"


def text(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode()


def page(name: str, revision: int | None = None) -> str:
    return reverse(f"admin:gateway_revision_{name}", args=[revision or Revision.current()])


def make_provider(**fields: object) -> Provider:
    provider = Provider(**{"name": "new", "base_url": "https://llm.example", "credential_source": "none", **fields})
    provider.save()
    return provider


def lines(shown: str, kind: str) -> list[str]:
    """The removed or added lines on a page."""
    return re.findall(rf'class="line {kind}">([^<]*)<', shown)


def test_the_list_says_who_changed_what_and_from_where(admin_client: Client) -> None:
    loaded(RICH)
    shown = text(admin_client.get(LIST))
    assert "provider ollama added, model ollama:qwen3:8b added, provider openai added and 19 more" in shown
    assert "command line" in shown and "loaded gateway.yaml" in shown


def test_the_list_costs_the_same_number_of_queries_for_many_revisions(
    admin_client: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(20):
        make_provider(name=f"p{number}")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        admin_client.get(LIST)


def test_a_revision_is_shown_as_a_difference_and_a_table_of_inert_text(admin_client: Client) -> None:
    make_provider()
    provider = Provider.objects.get(name="new")
    provider.extra_headers, provider.enabled = {"x": "<b>"}, False
    provider.save()
    shown = text(admin_client.get(page("change")))
    assert "Revision 2" in shown and "provider new changed" in shown
    assert lines(shown, "added") == ["    enabled: false", "    extra_headers:", "      x: &lt;b&gt;"]
    assert lines(shown, "removed") == []
    assert '<th scope="row">enabled</th><td>True</td><td>False</td>' in shown
    assert "<b>" not in shown


def test_a_secret_shows_nowhere(admin_client: Client) -> None:
    provider = make_provider(credential_source="stored")
    provider.set_credential(SECRET)
    provider.save()
    shown = text(admin_client.get(page("change")))
    assert lines(shown, "added") == ["    credential: kept"]
    assert '<th scope="row">credential</th><td></td><td>set</td>' in shown
    for where in (shown, text(admin_client.get(LIST)), text(admin_client.get(page("restore", 1)))):
        assert SECRET not in where and provider.credential not in where


def test_a_change_of_what_the_configuration_does_not_hold_is_a_table_alone(admin_client: Client) -> None:
    ClientKey.issue("laptop")
    shown = text(admin_client.get(page("change")))
    assert "What it changed" not in shown
    assert '<th scope="row">name</th><td></td><td>laptop</td>' in shown


def test_a_revision_is_restored_in_two_steps_under_the_users_name(admin_client: Client) -> None:
    loaded(RICH)
    loaded("aliases: {}")
    question = text(admin_client.get(page("restore", 1)))
    assert "  claude-gpt:" in lines(question, "added")
    assert Revision.current() == 2 and not ModelAlias.objects.exists()
    answer = admin_client.post(page("restore", 1), {"current": "2"}, follow=True)
    shown = text(answer)
    assert answer.redirect_chain == [(page("change", 3), 302)]
    assert "Revision 1 was restored." in shown and "restored revision 1" in shown
    assert Revision.objects.get(pk=3).changed_by == "admin"
    assert ModelAlias.objects.count() == 2


def test_a_configuration_that_changed_after_it_was_shown_is_shown_again(admin_client: Client) -> None:
    loaded(RICH)
    loaded("aliases: {}")
    make_provider()
    shown = text(admin_client.post(page("restore", 1), {"current": "2"}))
    assert "The configuration has changed meanwhile" in shown
    assert "  new:" in lines(shown, "removed")
    assert Revision.current() == 3


def test_a_lost_secret_is_asked_for(admin_client: Client) -> None:
    provider = make_provider(credential_source="stored")
    provider.set_credential(SECRET)
    provider.save()
    provider.delete()
    shown = text(admin_client.post(page("restore", 2), {"current": "3"}, follow=True))
    assert "Enter the credential of provider new again" in shown


def test_the_configuration_in_force_is_not_restored(admin_client: Client) -> None:
    make_provider()
    shown = text(admin_client.get(page("change")))
    assert "This is the configuration in force." in shown and page("restore") not in shown
    assert "there is nothing to restore" in text(admin_client.get(page("restore")))


def test_a_revision_without_its_configuration_says_that_it_cannot_be_restored(admin_client: Client) -> None:
    make_provider()
    make_provider(name="other")
    Revision.objects.update(state=None)
    assert "it cannot be restored" in text(admin_client.get(page("change", 1)))
    answer = admin_client.post(page("restore", 1), {"current": "2"}, follow=True)
    assert "Revision 1 cannot be restored: The configuration of revision 1 is not kept any more." in text(answer)


def test_a_configuration_that_is_not_valid_any_more_is_refused_with_the_reason(admin_client: Client) -> None:
    loaded(RICH)
    loaded("aliases: {}")
    revision = Revision.objects.get(pk=1)
    state = revision.read_state()
    assert state is not None
    state["providers"]["openai"]["kind"] = "soap"
    revision.keep_state(state)
    shown = text(admin_client.post(page("restore", 1), {"current": "2"}, follow=True))
    assert "providers.openai.kind: Value &#x27;soap&#x27; is not a valid choice." in shown
    assert Revision.current() == 2


@pytest.mark.parametrize(
    ("permissions", "status"), [(["view_revision"], 403), (["view_revision", "restore_revision"], 200)]
)
def test_restoring_takes_a_permission(db: None, permissions: list[str], status: int) -> None:
    make_provider()
    make_provider(name="other")
    user = User.objects.create_user("grace", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    assert client.get(page("restore", 1)).status_code == status
    assert (page("restore", 1) in text(client.get(page("change", 1)))) == (status == 200)


def test_a_revision_that_does_not_exist_is_not_found(admin_client: Client) -> None:
    assert admin_client.get(page("restore", 77)).status_code == 404
    assert admin_client.get(page("change", 77)).status_code == 302


def test_revisions_can_only_be_read(admin_client: Client) -> None:
    make_provider()
    assert admin_client.post(page("change"), {"changed_by": "me"}).status_code == 403
    assert admin_client.post(page("delete"), {"post": "yes"}).status_code == 403
    assert admin_client.get(reverse("admin:gateway_revision_add")).status_code == 403
    assert Revision.objects.count() == 1


def test_a_log_entry_links_to_the_revision_that_decided_it(admin_client: Client) -> None:
    make_provider()
    entry = entry_at(config_revision=Revision.current())
    entry.save()
    assert f'<a href="{page("change")}">1</a>' in text(admin_client.get(entry.get_absolute_url()))


@pytest.mark.parametrize("revision", [0, None])
def test_a_log_entry_of_no_revision_has_no_link(admin_client: Client, revision: int | None) -> None:
    entry = entry_at(config_revision=revision)
    entry.save()
    assert "/revision/" not in text(admin_client.get(entry.get_absolute_url()))


def test_a_log_entry_has_no_link_for_those_who_may_not_see_revisions(db: None) -> None:
    make_provider()
    entry = entry_at(config_revision=Revision.current())
    entry.save()
    client = Client()
    client.force_login(User.objects.create_user("grace", is_staff=True))
    assert "/revision/" not in text(client.get(entry.get_absolute_url()))
