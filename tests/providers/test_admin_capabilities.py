"""Presets and capabilities in the admin: what is shown, what is stored, and what comes back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.forms import BooleanField
from django.test import Client
from django.urls import reverse

from providers.capabilities_form import form_field_name
from providers.capability_labels import HELP_TEXTS, LABELS
from providers.models import Provider, ProviderModel
from providers.protocol.chat.capabilities import CAPABILITY_NAMES
from tests.providers.conftest import make_provider
from tests.providers.test_admin import ADD, change_url, errors, form, text

MODEL_ADD = reverse("admin:providers_providermodel_add")


def openai_form(**fields: Any) -> dict[str, Any]:
    return form(kind="openai", credential_source="none", **fields)


def model_url(model: ProviderModel) -> str:
    return reverse("admin:providers_providermodel_change", args=[model.pk])


def added(admin_client: Client, **fields: Any) -> Provider:
    response = admin_client.post(ADD, openai_form(**fields))
    assert response.status_code == 302, errors(response)
    return Provider.objects.get(name="elsewhere")


def filled_in(page: Any) -> dict[str, Any]:
    """What a browser would send back without a change."""
    bound = page.context["adminform"].form
    values = {name: bound[name].value() for name in bound.fields}
    unticked = {name for name, field in bound.fields.items() if isinstance(field, BooleanField) and not values[name]}
    return {name: value for name, value in values.items() if value is not None and name not in unticked}


def test_every_capability_is_explained() -> None:
    assert set(LABELS) == set(CAPABILITY_NAMES)
    assert set(HELP_TEXTS) <= set(CAPABILITY_NAMES)


def test_every_capability_can_be_set(admin_client: Client) -> None:
    shown = admin_client.get(ADD).context["adminform"].form.fields
    assert {form_field_name(name) for name in CAPABILITY_NAMES} <= set(shown)


def test_only_what_was_entered_is_stored(admin_client: Client) -> None:
    provider = added(
        admin_client,
        capability_images="False",
        capability_tools="True",
        capability_reasoning="thinking",
        capability_tool_name_length="128",
        capability_reasoning_efforts=" low, max ,",
        capability_top_k="",
    )
    assert provider.capabilities == {
        "images": False,
        "tools": True,
        "reasoning": "thinking",
        "tool_name_length": 128,
        "reasoning_efforts": ["low", "max"],
    }
    assert provider.to_config().problem == ""
    assert provider.to_config().capabilities.of("m").reasoning_efforts == ("low", "max")


def test_what_was_stored_comes_back_and_can_be_taken_back(admin_client: Client) -> None:
    stored = {"images": False, "reasoning": "thinking", "tool_name_length": 128, "reasoning_efforts": ["low", "max"]}
    provider = make_provider(kind="openai", credential_source="none", capabilities=stored)
    unchanged = filled_in(admin_client.get(change_url(provider)))
    admin_client.post(change_url(provider), unchanged)
    assert Provider.objects.get(pk=provider.pk).capabilities == stored
    admin_client.post(change_url(provider), {**unchanged, "capability_images": "", "capability_reasoning_efforts": ""})
    assert set(Provider.objects.get(pk=provider.pk).capabilities) == {"reasoning", "tool_name_length"}


def test_the_form_says_what_holds_where_nothing_is_entered(admin_client: Client) -> None:
    page = text(admin_client.get(change_url(make_provider(kind="openai", preset="deepseek"))))
    assert "as the preset says (no)" in page and "as the preset says (yes)" in page
    assert "as the preset says (thinking)" in page
    assert 'placeholder="as the preset says (low, high, max)"' in page
    assert 'placeholder="as the preset says (16)"' in page
    assert 'placeholder="as the preset says (no limit is known)"' in page


@pytest.mark.parametrize(
    "entered", [{"capability_tool_name_length": "-1"}, {"capability_tools": "perhaps"}, {"capability_reasoning": "x"}]
)
def test_what_a_capability_cannot_be_is_refused(admin_client: Client, entered: dict[str, str]) -> None:
    response = admin_client.post(ADD, openai_form(**entered))
    assert set(errors(response)) == set(entered)


def test_stored_json_that_cannot_be_used_is_shown_around_and_healed_by_saving(admin_client: Client) -> None:
    provider = make_provider(
        kind="openai", credential_source="none", capabilities={"wings": 2, "reasoning_efforts": [1]}
    )
    assert "wings" in provider.to_config().problem
    sent = {**filled_in(admin_client.get(change_url(provider))), "capability_reasoning_efforts": ""}
    assert admin_client.post(change_url(provider), sent).status_code == 302
    healed = Provider.objects.get(pk=provider.pk)
    assert (healed.capabilities, healed.to_config().problem) == ({}, "")


@pytest.mark.parametrize("stored", [[], "x", 7])
def test_stored_json_of_any_kind_can_be_opened(admin_client: Client, stored: object) -> None:
    assert "Base URL" in text(admin_client.get(change_url(make_provider(kind="openai", capabilities=stored))))


def test_the_preset_fills_in_an_empty_base_url(admin_client: Client) -> None:
    assert added(admin_client, preset="groq", base_url="").base_url == "https://api.groq.com/openai/v1"


def test_a_base_url_that_is_entered_stays(admin_client: Client) -> None:
    assert added(admin_client, preset="groq", base_url="https://llm.example/").base_url == "https://llm.example"


@pytest.mark.parametrize("preset", ["", "azure"])
def test_without_a_preset_that_knows_it_the_base_url_must_be_entered(admin_client: Client, preset: str) -> None:
    assert "Enter the URL" in errors(admin_client.post(ADD, openai_form(preset=preset, base_url="")))["base_url"][0]


def test_a_base_url_without_a_scheme_is_refused(admin_client: Client) -> None:
    response = admin_client.post(ADD, openai_form(base_url="llm.example/v1"))
    assert "Enter a URL with scheme" in errors(response)["base_url"][0]


def test_a_base_url_that_was_copied_with_its_path_is_cut(admin_client: Client) -> None:
    provider = added(admin_client, base_url="https://llm.example/v1/chat/completions")
    assert provider.base_url == "https://llm.example/v1"


def test_a_preset_goes_with_its_kind_only(admin_client: Client) -> None:
    response = admin_client.post(ADD, form(kind="anthropic", credential_source="none", preset="groq"))
    assert "OpenAI Chat Completions API" in errors(response)["preset"][0]


def test_a_secret_does_not_follow_a_preset_to_another_host(admin_client: Client) -> None:
    provider = make_provider(kind="openai")
    sent = form(kind="openai", preset="groq", base_url="")
    assert "another host" in errors(admin_client.post(change_url(provider), sent))["credential"][0]


def test_kinds_and_presets_have_names_that_people_know(admin_client: Client) -> None:
    page = text(admin_client.get(ADD))
    for words in ("Anthropic Messages API", "OpenAI Chat Completions API", "Google Gemini", "llama.cpp"):
        assert words in page


def test_the_page_brings_the_script_that_fills_in_the_rest(admin_client: Client) -> None:
    page = text(admin_client.get(ADD))
    assert "providers/preset.js" in page and "data-presets=" in page


def test_who_may_only_look_sees_the_stored_value_in_place_of_the_inputs(client: Client, db: None) -> None:
    provider = make_provider(kind="openai", capabilities={"images": False})
    model = ProviderModel(provider=provider, name="m", capabilities={"top_k": True})
    model.save()
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename__in=["view_provider", "view_providermodel"]))
    client.force_login(reader)
    shown = text(client.get(change_url(provider)))
    assert "&quot;images&quot;: false" in shown and "capability_images" not in shown
    assert "&quot;top_k&quot;: true" in text(client.get(model_url(model)))


def test_a_model_stores_what_differs_from_its_provider(admin_client: Client) -> None:
    provider = make_provider(kind="openai", preset="openai", capabilities={"images": False})
    sent = {"provider": provider.pk, "name": "gpt-4o", "enabled": "on", "max_output_tokens": "7"}
    response = admin_client.post(MODEL_ADD, {**sent, "capability_images": "True"})
    assert response.status_code == 302, errors(response)
    model = ProviderModel.objects.get()
    assert (model.capabilities, model.max_output_tokens) == ({"images": True}, 7)
    found = Provider.objects.get(pk=provider.pk).to_config().capabilities
    assert (found.of("gpt-4o").images, found.of("gpt-4o").max_output_tokens) == (True, 7)
    assert (found.of("gpt-4o-mini").images, found.of("gpt-4o-mini").max_output_tokens) == (False, 16_384)


def test_a_model_is_told_what_its_provider_says_of_it(admin_client: Client) -> None:
    model = ProviderModel(provider=make_provider(kind="openai", preset="openai"), name="gpt-5")
    model.save()
    page = admin_client.get(model_url(model))
    assert "as the provider says (max_completion_tokens)" in text(page)
    assert "as the provider says (minimal, low, medium, high)" in text(page)
    assert form_field_name("max_output_tokens") not in page.context["adminform"].form.fields


def test_before_a_model_has_a_provider_nothing_is_claimed(admin_client: Client) -> None:
    assert "as the provider says</option>" in text(admin_client.get(MODEL_ADD))


@pytest.mark.parametrize("broken", [{"preset": "unheard-of"}, {"capabilities": {"wings": True}}])
def test_a_model_of_a_broken_provider_can_be_opened(admin_client: Client, broken: dict[str, Any]) -> None:
    model = ProviderModel(provider=make_provider(kind="openai", **broken), name="m")
    model.save()
    assert "as the provider says" in text(admin_client.get(model_url(model)))
