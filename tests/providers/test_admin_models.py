"""The models of a provider in the admin: their list, and fetching it from the provider."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from gateway.models import RevisionChange
from providers.models import Provider, ProviderModel
from tests.providers.conftest import Upstream, make_provider
from tests.providers.test_admin import change_url, text

LIST = reverse("admin:providers_providermodel_changelist")


@pytest.fixture
def listing(db: None, upstream: Upstream) -> Provider:
    """A provider that lists two models, of which one is known."""
    upstream.body = b'{"data":[{"id":"known"},{"id":"new/one:7b","name":"New <One>","context_length":131072}]}'
    provider = make_provider(kind="openai", base_url=upstream.url)
    ProviderModel(provider=provider, name="known").save()
    return provider


def fetch_url(provider: Provider) -> str:
    return reverse("admin:providers_provider_models", args=[provider.pk])


def test_the_page_of_a_provider_leads_to_its_models(admin_client: Client, listing: Provider) -> None:
    page = text(admin_client.get(change_url(listing)))
    assert ">1 model</a>" in page
    assert f"{LIST}?provider__id__exact={listing.pk}" in page and fetch_url(listing) in page
    assert "known" in text(admin_client.get(LIST, {"provider__id__exact": listing.pk}))


def test_models_that_are_not_known_yet_are_offered(admin_client: Client, listing: Provider) -> None:
    page = text(admin_client.get(fetch_url(listing)))
    assert "new/one:7b – New &lt;One&gt;, context 131,072" in page
    assert 'value="known"' not in page and "1 of the models that it lists is here already" in page


def test_the_models_that_are_ticked_are_added(admin_client: Client, listing: Provider) -> None:
    response = admin_client.post(fetch_url(listing), {"models": ["new/one:7b"]}, follow=True)
    assert "Added 1 model of elsewhere." in text(response)
    model = ProviderModel.objects.get(name="new/one:7b")
    assert (model.provider, model.display_name, model.context_window) == (listing, "New <One>", 131_072)
    newest = RevisionChange.objects.order_by("id").last()
    assert newest and newest.object_name == "elsewhere:new/one:7b"


@pytest.mark.parametrize("chosen", [{}, {"models": ["never-listed"]}])
def test_what_is_not_on_the_list_is_not_added(admin_client: Client, listing: Provider, chosen: dict[str, str]) -> None:
    response = admin_client.post(fetch_url(listing), chosen)
    assert "errorlist" in text(response)
    assert ProviderModel.objects.count() == 1


def test_a_listed_name_that_no_model_can_have_is_told_of(
    admin_client: Client, listing: Provider, upstream: Upstream
) -> None:
    upstream.body = b'{"data":[{"id":"two words"},{"id":"fine"}]}'
    page = text(admin_client.post(fetch_url(listing), {"models": ["two words", "fine"]}, follow=True))
    assert "words: The name holds a space" in page and "Added 1 model" in page


def test_a_provider_that_cannot_be_asked_is_told_of(
    admin_client: Client, listing: Provider, upstream: Upstream
) -> None:
    upstream.status = 401
    page = text(admin_client.get(fetch_url(listing), follow=True))
    assert "does not accept the stored credential" in page


def test_a_provider_without_new_models_says_so(admin_client: Client, listing: Provider, upstream: Upstream) -> None:
    upstream.body = b'{"data":[{"id":"known"}]}'
    assert "no model to add" in text(admin_client.get(fetch_url(listing)))


def test_models_of_a_provider_that_is_not_there_are_not_found(admin_client: Client) -> None:
    assert admin_client.get(reverse("admin:providers_provider_models", args=["0"])).status_code == 404
    assert admin_client.get(reverse("admin:providers_provider_models", args=["x"])).status_code == 404


@pytest.mark.parametrize("allowed", ["view_provider", "change_provider", "add_providermodel"])
def test_who_may_not_both_change_the_provider_and_add_models_is_kept_out(
    client: Client, listing: Provider, upstream: Upstream, allowed: str
) -> None:
    user = User.objects.create_user("someone", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename=allowed))
    client.force_login(user)
    assert client.get(fetch_url(listing)).status_code == 403
    assert upstream.received == []


def test_models_go_with_their_provider(listing: Provider) -> None:
    listing.delete()
    assert ProviderModel.objects.count() == 0
