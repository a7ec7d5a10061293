from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from gateway.models import RevisionChange
from providers.models import Provider, ProviderModel
from routing.models import ModelAlias

pytestmark = pytest.mark.django_db


def complaints(**fields: object) -> dict[str, list[str]]:
    """What validation says about a new alias, by field."""
    alias = ModelAlias(**{"name": "claude-x", "provider": Provider.objects.get(), "model": "m", **fields})
    try:
        alias.full_clean()
    except ValidationError as error:
        return error.message_dict
    return {}


@pytest.mark.parametrize("name", ["claude-gpt-5", "openai/gpt-5", "qwen3:8b", "mein-größtes", "a[b]*?"])
def test_a_name_may_be_anything_that_a_client_can_ask_for(name: str) -> None:
    assert complaints(name=name) == {}


@pytest.mark.parametrize("name", ["", "two words", "line\n", "nul\0", "claude-opus[1m]", "claude-opus[1M][1m]"])
def test_a_name_that_no_client_can_ask_for_is_refused(name: str) -> None:
    assert "name" in complaints(name=name)


def test_a_name_is_given_once() -> None:
    ModelAlias(name="claude-x", provider=Provider.objects.get(), model="m").save()
    assert "already exists" in complaints()["name"][0]


def test_an_alias_leads_to_a_model() -> None:
    assert "model" in complaints(model="")


def test_a_name_that_means_a_providers_model_already_is_refused() -> None:
    assert complaints(name="anthropic:gpt-5")["name"] == [
        "“anthropic:gpt-5” means the model gpt-5 of the provider anthropic already: choose another name."
    ]
    assert complaints(name="anthropic:") == {}


def test_aliases_do_not_lead_in_circles() -> None:
    provider = Provider.objects.get()
    ModelAlias(name="a", provider=provider, model="b").save()
    assert complaints(name="b", model="a")["model"] == [
        "“a” is an alias itself, and an alias leads to a provider's model, not to another alias. "
        "a leads to anthropic:b: choose that, or add a model of this name to the provider."
    ]
    ProviderModel(provider=provider, name="a").save()
    assert complaints(name="b", model="a") == {}


def test_an_alias_may_have_its_models_own_name_to_say_which_provider_serves_it() -> None:
    alias = ModelAlias(name="gpt-5", provider=Provider.objects.get(), model="gpt-5")
    alias.full_clean()
    alias.save()
    alias.full_clean()


def test_a_provider_that_an_alias_leads_to_stays() -> None:
    provider = Provider.objects.get()
    ModelAlias(name="claude-x", provider=provider, model="m").save()
    with pytest.raises(ProtectedError):
        provider.delete()


def test_a_change_of_an_alias_makes_a_revision() -> None:
    alias = ModelAlias(name="claude-x", provider=Provider.objects.get(), model="m")
    alias.save()
    alias.model = "n"
    alias.save()
    newest = RevisionChange.objects.order_by("id").last()
    assert newest and (newest.model, newest.fields) == ("routing.modelalias", {"model": ["m", "n"]})
