from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from providers.models import Provider, ProviderModel
from routing.engine import Routes, Target
from routing.models import ModelAlias
from routing.tables import Offer, build_offers, build_routes

pytestmark = pytest.mark.django_db


def provider(name: str, *models: str, **fields: object) -> Provider:
    row = Provider(**{"name": name, "base_url": "https://llm.example", "credential_source": "none", **fields})
    row.save()
    for model in models:
        ProviderModel(provider=row, name=model).save()
    return row


def routes() -> Routes:
    return build_routes(list(Provider.objects.all()), ModelAlias.objects.filter(enabled=True))


def offers() -> tuple[Offer, ...]:
    return build_offers(list(Provider.objects.all()), ModelAlias.objects.filter(enabled=True))


def test_everything_that_is_enabled_can_be_routed_to() -> None:
    there = provider("there", "m", is_default=True)
    ModelAlias(name="a", provider=there, model="m").save()
    assert routes() == Routes(
        aliases={"a": Target("there", "m")},
        models={"m": Target("there", "m")},
        providers=frozenset({"anthropic", "there"}),
        default_provider="there",
    )


def test_of_several_providers_with_a_model_the_default_one_comes_first_then_the_order_of_names() -> None:
    for name in ("b", "a", "c"):
        provider(name, "common", "rare" if name != "c" else "other", is_default=name == "c")
    assert routes().models["common"] == Target("c", "common")
    assert routes().models["rare"] == Target("a", "rare")


def test_what_is_not_enabled_leads_nowhere_and_is_not_offered() -> None:
    ModelAlias(name="to-sleeper", provider=provider("sleeper", "m", enabled=False), model="m").save()
    awake = provider("awake")
    ModelAlias(name="off", provider=awake, model="m", enabled=False).save()
    ProviderModel(provider=awake, name="off", enabled=False).save()
    built = routes()
    assert (built.aliases, built.models, offers()) == ({}, {}, ())
    assert built.disabled_providers == {"sleeper"}
    assert built.disabled_aliases == {"to-sleeper": "sleeper"}


def test_a_default_provider_that_is_not_enabled_is_none() -> None:
    provider("asleep", is_default=True, enabled=False)
    assert routes().default_provider == ""


def test_aliases_are_offered_before_models_with_what_is_known_of_them() -> None:
    there = provider("there", "plain")
    ProviderModel(provider=there, name="known", display_name="Known One", context_window=1000).save()
    ModelAlias(name="z", provider=there, model="known").save()
    ModelAlias(name="y", provider=there, model="unheard-of", display_name="Why").save()
    assert offers() == (
        Offer("y", Target("there", "unheard-of"), "Why", None, is_alias=True),
        Offer("z", Target("there", "known"), "z", 1000, is_alias=True),
        Offer("known", Target("there", "known"), "Known One", 1000, is_alias=False),
        Offer("plain", Target("there", "plain"), "plain", None, is_alias=False),
    )


def test_rows_that_were_read_are_not_read_again() -> None:
    for name in ("a", "b", "c"):
        provider(name, "m", "n")
    providers = list(Provider.objects.prefetch_related("models"))
    with CaptureQueriesContext(connection) as queries:
        build_routes(providers, [])
        build_offers(providers, [])
        configs = [row.to_config() for row in providers]
    assert len(configs) == 4 and len(queries) == 0
