from __future__ import annotations

from django.test import Client
from django.urls import reverse

from providers.models import Provider, ProviderModel
from routing.models import ModelAlias

ADD = reverse("admin:routing_modelalias_add")
LIST = reverse("admin:routing_modelalias_changelist")


def test_an_alias_is_added_and_listed(admin_client: Client) -> None:
    provider = Provider.objects.get()
    filled = {"name": "claude-x", "display_name": "X", "provider": provider.pk, "model": "m", "enabled": "on"}
    assert admin_client.post(ADD, filled).status_code == 302
    alias = ModelAlias.objects.get()
    assert (alias.name, alias.display_name, alias.provider, alias.model) == ("claude-x", "X", provider, "m")
    assert "claude-x" in admin_client.get(LIST).content.decode()


def test_models_that_are_known_are_proposed(admin_client: Client) -> None:
    ProviderModel(provider=Provider.objects.get(), name='a"<b>').save()
    page = admin_client.get(ADD).content.decode()
    assert '<option value="a&quot;&lt;b&gt;">anthropic</option>' in page
    assert 'list="known-model"' in page and '<datalist id="known-model">' in page


def test_the_page_says_which_names_claude_code_lists(admin_client: Client) -> None:
    assert "contains “claude” or “anthropic”" in admin_client.get(ADD).content.decode()
