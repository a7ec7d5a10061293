from __future__ import annotations

import pytest

from gateway.configuration.document import read_configuration
from gateway.configuration.dumping import as_file
from gateway.models import ClientKey, Revision
from gateway.revisions import changes_made_by
from providers.models import Provider
from routing.models import AgentDefinition, ModelAlias, RoutingRule, SubagentMapping
from tests.gateway.configuration.samples import DEFINITION, RICH, loaded

pytestmark = pytest.mark.django_db

SECRET = "a-secret-that-must-not-show-4711"


def provider_with_secret(**fields: object) -> Provider:
    provider = Provider(name="a", base_url="https://llm.example", **fields)
    provider.set_credential(SECRET)
    provider.save()
    return provider


def test_a_file_is_one_revision_with_its_name_and_who_loaded_it() -> None:
    with changes_made_by(lambda: "ada"):
        changes = loaded(RICH).changes
    [revision] = Revision.objects.all()
    assert (revision.changed_by, revision.note) == ("ada", "loaded gateway.yaml")
    assert revision.changes.count() == len(changes) > 10
    assert revision.read_state() == read_configuration()


def test_the_same_file_twice_changes_nothing() -> None:
    assert "subagent mapping planner added" in loaded(RICH).changes
    again = loaded(RICH)
    assert (again.changes, again.differences) == ((), ())
    assert Revision.objects.count() == 1


def test_a_section_that_the_file_has_replaces_what_is_there() -> None:
    loaded(RICH)
    loaded("aliases: {claude-other: 'openai:gpt-5'}\nrules:\n")
    assert [alias.name for alias in ModelAlias.objects.all()] == ["claude-other"]
    assert not RoutingRule.objects.exists()


def test_a_section_that_the_file_does_not_have_is_left_alone() -> None:
    loaded(RICH)
    before = read_configuration()
    loaded("aliases: {}\n")
    assert read_configuration() == {**before, "aliases": {}}


def test_an_empty_file_changes_nothing() -> None:
    loaded(RICH)
    assert loaded("").changes == () == loaded("# nothing yet\n").changes


def test_client_keys_are_neither_written_nor_touched() -> None:
    ClientKey.issue("laptop")
    assert "laptop" not in as_file(read_configuration())
    loaded(RICH)
    assert [key.name for key in ClientKey.objects.all()] == ["laptop"]


def test_a_trial_shows_the_changes_and_makes_none() -> None:
    before = read_configuration()
    trial = loaded(RICH, is_trial=True)
    assert "model alias claude-gpt added" in trial.changes
    assert any("claude-gpt:" in line for hunk in trial.differences for _, line in hunk.lines)
    assert read_configuration() == before
    assert not Revision.objects.exists()


def test_a_provider_may_be_replaced_together_with_what_leads_to_it() -> None:
    loaded(RICH)
    loaded(
        RICH.replace("openai", "other").replace("kind: other", "kind: openai").replace("preset: other", "preset: ''")
    )
    assert {provider.name for provider in Provider.objects.all()} == {"anthropic", "ollama", "other"}
    assert str(SubagentMapping.objects.get(subagent="planner").target) == "other:gpt-5"


def test_the_default_moves_to_another_provider() -> None:
    text = "providers:\n  anthropic: {base_url: 'https://api.anthropic.com', credential_source: client}\n"
    text += "  b: {base_url: 'https://llm.example', credential_source: none, is_default: true}\n"
    loaded(text)
    assert [provider.name for provider in Provider.objects.filter(is_default=True)] == ["b"]
    assert loaded(text).changes == ()


def test_a_preset_knows_its_address() -> None:
    loaded("providers:\n  groq: {kind: openai, preset: groq, credential: $GROQ_API_KEY}\n")
    assert Provider.objects.get(name="groq").base_url == "https://api.groq.com/openai/v1"


def test_an_address_may_be_copied_with_the_path_of_a_request() -> None:
    text = "providers:\n  a: {base_url: 'https://llm.example/v1/messages', credential_source: none}\n"
    loaded(text)
    assert Provider.objects.get(name="a").base_url == "https://llm.example/v1"
    assert loaded(text).changes == ()


def test_environment_variables_are_put_in_and_credentials_stay_references(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_HOST", "llm.example")
    monkeypatch.setenv("SECONDS", "7.5")
    monkeypatch.setenv("LLM_KEY", SECRET)
    loaded(
        "providers:\n  a: {base_url: 'https://${LLM_HOST}/$$x', idle_timeout: $SECONDS, credential: $LLM_KEY}\n"
        "aliases:\n  mine: a:$LLM_HOST\n"
    )
    provider = Provider.objects.get(name="a")
    assert (provider.base_url, provider.idle_timeout) == ("https://llm.example/$x", 7.5)
    assert (provider.credential, provider.resolve_credential()) == ("$LLM_KEY", SECRET)
    assert ModelAlias.objects.get().model == "llm.example"


def test_a_variable_of_a_credential_need_not_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLM_KEY", raising=False)
    loaded("providers:\n  a: {base_url: 'https://llm.example', credential: '${LLM_KEY}'}\n")
    assert Provider.objects.get(name="a").credential == "${LLM_KEY}"


def test_everything_after_the_first_colon_is_the_model() -> None:
    loaded(RICH)
    assert ModelAlias.objects.get(name="claude-small").model == "qwen3:8b"


def test_the_prompt_of_a_definition_is_taken_as_it_is() -> None:
    loaded(RICH)
    assert AgentDefinition.objects.get().text == DEFINITION


def test_a_stored_secret_is_not_dumped_and_stays_when_the_dump_is_loaded() -> None:
    stored = provider_with_secret().credential
    dumped = as_file(read_configuration())
    assert "credential: kept\n" in dumped
    assert SECRET not in dumped and stored not in dumped
    loaded(dumped.replace("https://llm.example", "https://llm.example/v1"))
    provider = Provider.objects.get(name="a")
    assert (provider.base_url, provider.credential) == ("https://llm.example/v1", stored)


def test_a_secret_that_is_not_in_use_and_not_in_the_file_stays() -> None:
    stored = provider_with_secret(credential_source="none").credential
    loaded("providers:\n  a: {base_url: 'https://llm.example', credential_source: none}\n")
    assert Provider.objects.get(name="a").credential == stored


def test_a_secret_that_is_not_in_use_does_not_move_to_another_host() -> None:
    provider_with_secret(credential_source="none")
    loaded("providers:\n  a: {base_url: 'https://other.example', credential_source: none}\n")
    assert Provider.objects.get(name="a").credential == ""


def test_a_reference_that_is_not_in_the_file_goes() -> None:
    loaded("providers:\n  a: {base_url: 'https://llm.example', credential: $A}\n")
    loaded("providers:\n  a: {base_url: 'https://llm.example', credential_source: none}\n")
    assert Provider.objects.get(name="a").credential == ""


def test_a_secret_gives_way_to_a_reference() -> None:
    provider_with_secret()
    loaded("providers:\n  a: {base_url: 'https://other.example', credential: $A}\n")
    assert Provider.objects.get(name="a").credential == "$A"


def test_rules_take_the_order_of_the_list() -> None:
    providers = "providers:\n  a: {base_url: 'https://llm.example', credential_source: none}\n"
    loaded(f"{providers}rules:\n- {{name: x, target: 'a:m'}}\n- {{name: y, target: 'a:m'}}\n")
    loaded(f"{providers}rules:\n- {{name: y, target: 'a:m'}}\n- {{name: x, target: 'a:m'}}\n")
    assert list(RoutingRule.objects.values_list("name", "order")) == [("y", 10), ("x", 20)]


def test_rules_with_the_same_number_are_written_so_that_they_can_be_loaded() -> None:
    provider = Provider.objects.get()
    for name in ("b", "B", "a"):
        RoutingRule(name=name, order=5, provider=provider).save()
    dumped = as_file(read_configuration())
    assert [rule["name"] for rule in read_configuration()["rules"]] == ["B", "a", "b"]
    assert loaded(dumped).changes == ()


def test_yaml_may_repeat_itself_by_aliases_and_merges() -> None:
    loaded(
        "providers:\n"
        "  a: &base {base_url: 'https://llm.example', credential_source: none, idle_timeout: 9}\n"
        "  b:\n    <<: *base\n    idle_timeout: 8\n"
        "  c: *base\n"
    )
    assert dict(Provider.objects.values_list("name", "idle_timeout")) == {"a": 9, "b": 8, "c": 9}
