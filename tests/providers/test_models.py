from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from pytest_django import Settings

from providers.adapters.base import Timeouts
from providers.credentials import CredentialUnreadable, VariableNotSet
from providers.models import CredentialHeader, CredentialSource, Provider, ProviderModel
from tests.providers.conftest import SECRET, make_provider

pytestmark = pytest.mark.django_db


def complaints(**fields: object) -> dict[str, list[str]]:
    """What validation says about a new provider, by field."""
    provider = Provider(**{"name": "new", "base_url": "https://llm.example", "credential_source": "none", **fields})
    try:
        provider.full_clean()
    except ValidationError as error:
        return error.message_dict
    return {}


def test_a_new_database_has_anthropics_api_as_the_default_provider() -> None:
    provider = Provider.objects.get()
    assert (provider.name, provider.kind, provider.base_url) == ("anthropic", "anthropic", "https://api.anthropic.com")
    assert provider.enabled and provider.is_default
    assert provider.to_config().passes_client_credential
    provider.full_clean()


@pytest.mark.parametrize("name", ["", "Upper", "two words", "-dash", "a/b", "line\n", "é"])
def test_a_name_that_cannot_stand_in_a_header_is_refused(name: str) -> None:
    assert "name" in complaints(name=name)


def test_a_name_is_given_once() -> None:
    assert "already exists" in complaints(name="anthropic")["name"][0]


def test_an_unknown_kind_is_refused_and_is_a_problem_where_it_is_stored() -> None:
    assert "kind" in complaints(kind="telepathy")
    assert "telepathy" in make_provider(kind="telepathy").to_config().problem


@pytest.mark.parametrize("field", ["connect_timeout", "first_byte_timeout", "idle_timeout"])
@pytest.mark.parametrize("value", [0, -1, None, "soon"])
def test_a_timeout_is_a_positive_number(field: str, value: object) -> None:
    assert field in complaints(**{field: value})


def test_base_url_and_extra_headers_are_validated() -> None:
    assert set(complaints(base_url="llm.example", extra_headers={"host": "x"})) == {"base_url", "extra_headers"}


def test_the_slash_at_the_end_of_a_base_url_is_dropped() -> None:
    provider = Provider(name="new", base_url="https://llm.example/base/", credential_source="none")
    provider.full_clean()
    assert provider.base_url == "https://llm.example/base"


def test_a_clients_credential_is_refused_to_other_hosts(settings: Settings) -> None:
    [complaint] = complaints(credential_source="client")["credential_source"]
    assert "CLIENT_CREDENTIAL_HOSTS" in complaint
    settings.CLIENT_CREDENTIAL_HOSTS = ["llm.example"]
    assert complaints(credential_source="client") == {}


def test_a_host_that_leaves_the_setting_gets_no_clients_credential_any_more(settings: Settings) -> None:
    settings.CLIENT_CREDENTIAL_HOSTS = []
    config = Provider.objects.get(name="anthropic").to_config()
    assert not config.passes_client_credential
    assert "CLIENT_CREDENTIAL_HOSTS" in config.problem


def test_anthropics_own_api_and_what_stands_for_it_sign_thinking(settings: Settings) -> None:
    anthropics, other = Provider.objects.get(name="anthropic"), make_provider()
    assert anthropics.to_config().signs_thinking and not other.to_config().signs_thinking
    settings.CLIENT_CREDENTIAL_HOSTS = ["llm.example"]
    assert anthropics.to_config().signs_thinking and other.to_config().signs_thinking


def test_a_stored_credential_must_be_there() -> None:
    assert "Enter a credential" in complaints(credential_source="stored")["credential"][0]
    assert complaints(credential_source="stored", credential="$UPSTREAM_KEY") == {}


def test_a_credential_does_not_cross_the_network_in_the_clear(settings: Settings) -> None:
    stored = {"credential_source": "stored", "credential": "$UPSTREAM_KEY"}
    assert "use https" in complaints(base_url="http://llm.example", **stored)["credential_source"][0]
    assert complaints(base_url="http://127.0.0.1:9000", **stored) == {}
    assert complaints(base_url="http://llm.example") == {}
    settings.CLIENT_CREDENTIAL_HOSTS = ["llm.example:80"]
    assert "use https" in complaints(base_url="http://llm.example", credential_source="client")["credential_source"][0]


def test_plain_http_sends_no_credential_even_where_it_was_stored_unchecked() -> None:
    config = make_provider(base_url="http://llm.example").to_config()
    assert config.credential_header is None
    assert "use https" in config.problem


def test_a_new_default_replaces_the_old_one() -> None:
    provider = make_provider(is_default=True)
    assert list(Provider.objects.filter(is_default=True)) == [provider]
    assert complaints(is_default=True) == {}


def test_the_database_itself_refuses_a_second_default() -> None:
    make_provider()
    with pytest.raises(IntegrityError), transaction.atomic():
        Provider.objects.update(is_default=True)


def test_a_secret_is_stored_encrypted_with_its_date(provider: Provider) -> None:
    stored = Provider.objects.get(name="elsewhere")
    assert SECRET not in stored.credential
    assert stored.credential_set_at is not None
    assert stored.resolve_credential() == SECRET


def test_an_empty_text_removes_the_credential(provider: Provider) -> None:
    provider.set_credential("")
    assert (provider.credential, provider.credential_set_at) == ("", None)


@pytest.mark.parametrize("source", [CredentialSource.CLIENT, CredentialSource.NONE])
def test_a_credential_that_is_stored_but_not_to_be_sent_is_not_given_out(provider: Provider, source: str) -> None:
    provider.credential_source = source
    assert provider.resolve_credential() == ""
    assert provider.upstream_credential() is None


def test_an_unset_variable_and_an_unknown_key_are_told_apart(provider: Provider, settings: Settings) -> None:
    settings.CREDENTIALS_KEYS = ["another"]
    with pytest.raises(CredentialUnreadable):
        provider.resolve_credential()
    provider.set_credential("${GATEWAY_TEST_UNSET}")
    with pytest.raises(VariableNotSet, match="GATEWAY_TEST_UNSET"):
        provider.resolve_credential()


@pytest.mark.parametrize(
    ("header", "secret", "expected"),
    [
        (CredentialHeader.AUTO, "sk-ant-api-1", ("x-api-key", "sk-ant-api-1")),
        (CredentialHeader.AUTO, "sk-ant-oat-1", ("authorization", "Bearer sk-ant-oat-1")),
        (CredentialHeader.API_KEY, "sk-ant-oat-1", ("x-api-key", "sk-ant-oat-1")),
        (CredentialHeader.BEARER, "sk-ant-api-1", ("authorization", "Bearer sk-ant-api-1")),
    ],
)
def test_a_credential_goes_in_its_header(
    provider: Provider, header: CredentialHeader, secret: str, expected: tuple[str, str]
) -> None:
    provider.credential_header = header
    provider.set_credential(secret)
    assert provider.upstream_credential() == expected


def test_the_config_holds_what_an_adapter_needs() -> None:
    config = make_provider(
        base_url="https://llm.example/base", extra_headers={"X-Team": "search"}, connect_timeout=1, idle_timeout=2
    ).to_config()
    assert (config.name, config.kind, config.base_url) == ("elsewhere", "anthropic", "https://llm.example/base")
    assert config.credential_header == (b"x-api-key", SECRET.encode())
    assert config.extra_headers == ((b"x-team", b"search"),)
    assert config.timeouts == Timeouts(connect=1, first_byte=600, idle=2)
    assert not config.passes_client_credential and not config.problem


def test_a_config_whose_credential_is_missing_says_so_and_sends_none() -> None:
    provider = make_provider()
    provider.set_credential("$GATEWAY_TEST_UNSET")
    config = provider.to_config()
    assert "GATEWAY_TEST_UNSET" in config.problem
    assert config.credential_header is None


def test_a_key_of_an_openai_format_provider_goes_as_a_bearer_token() -> None:
    provider = make_provider(kind="openai")
    assert provider.upstream_credential() == ("authorization", f"Bearer {SECRET}")


def test_the_config_holds_what_the_models_take() -> None:
    provider = make_provider(kind="openai", preset="openai", capabilities={"images": False})
    ProviderModel(provider=provider, name="GPT-5[x]", max_output_tokens=9, capabilities={"temperature": True}).save()
    capabilities = provider.to_config().capabilities
    assert capabilities.of("gpt-5").max_output_tokens == 128_000
    model = capabilities.of("gpt-5[x]")
    assert (model.max_output_tokens, model.temperature, model.top_p, model.images) == (9, True, False, False)


def test_a_model_that_is_not_offered_keeps_its_capabilities() -> None:
    provider = make_provider(kind="openai")
    ProviderModel(provider=provider, name="m", enabled=False, max_output_tokens=9).save()
    assert provider.to_config().capabilities.of("m").max_output_tokens == 9


@pytest.mark.parametrize("capabilities", ["x", {"wings": True}, {"tools": 1}])
def test_capabilities_that_cannot_be_used_are_refused_and_a_problem_where_they_are_stored(capabilities: object) -> None:
    assert "cannot be used" in complaints(capabilities=capabilities)["capabilities"][0]
    assert "Its capabilities cannot be used" in make_provider(capabilities=capabilities).to_config().problem


@pytest.mark.parametrize("name", ["gpt-5", "meta-llama/llama-4", "qwen3:8b", "accounts/x/models/y", "a[b]*"])
def test_a_model_may_be_called_as_its_provider_calls_it(provider: Provider, name: str) -> None:
    ProviderModel(provider=provider, name=name).full_clean()


@pytest.mark.parametrize("name", ["", "two words", "nul\0", "claude-opus[1m]"])
def test_a_model_that_nobody_could_ask_for_is_refused(provider: Provider, name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        ProviderModel(provider=provider, name=name).full_clean()


def test_a_provider_has_a_model_once(provider: Provider) -> None:
    ProviderModel(provider=provider, name="m").save()
    with pytest.raises(ValidationError, match="already"):
        ProviderModel(provider=provider, name="m").full_clean()
    ProviderModel(provider=Provider.objects.get(name="anthropic"), name="m").full_clean()


@pytest.mark.parametrize("field", ["max_output_tokens", "context_window"])
def test_a_limit_of_a_model_is_a_positive_number(provider: Provider, field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        ProviderModel(provider=provider, name="m", **{field: 0}).full_clean()
