"""Files of the Go proxy: what becomes of each part."""

from __future__ import annotations

import pytest

from gateway.configuration.go_proxy import PlainSecret, preset_of
from gateway.models import Revision
from providers.models import Provider
from routing.models import SubagentMapping
from tests.gateway.configuration.samples import loaded, problems_of

pytestmark = pytest.mark.django_db

OF_THE_ISSUE = """\
providers:
  anthropic: {format: anthropic, base_url: "https://api.anthropic.com", version: "2023-06-01", max_retries: 3}
  openai:    {format: openai, base_url: "https://api.openai.com", api_key: "$OPENAI_API_KEY"}
  archgw:    {format: openai, base_url: "http://localhost:12000"}
subagents:
  enable: true
  mappings:
    code-reviewer: "archgw:gemini-2.0-flash-exp"
    planner: "archgw:qwen-max"
"""
OLDEST = """\
server:
  port: 3001
  timeouts: {read: 10m}
providers:
  anthropic: {version: "2023-06-01"}
  openai: {}
storage:
  db_path: requests.db
subagents:
  mappings:
"""


def test_the_file_of_the_issue_is_taken_as_it_is() -> None:
    loaded(OF_THE_ISSUE)
    providers = {provider.name: provider for provider in Provider.objects.all()}
    assert {name: (each.kind, each.preset, each.base_url) for name, each in providers.items()} == {
        "anthropic": ("anthropic", "", "https://api.anthropic.com"),
        "openai": ("openai", "openai", "https://api.openai.com"),
        "archgw": ("openai", "", "http://localhost:12000"),
    }
    assert {name: (each.credential_source, each.credential) for name, each in providers.items()} == {
        "anthropic": ("client", ""),
        "openai": ("stored", "$OPENAI_API_KEY"),
        "archgw": ("none", ""),
    }
    assert [name for name, each in providers.items() if each.is_default] == ["anthropic"]
    assert {each.subagent: str(each.target) for each in SubagentMapping.objects.all()} == {
        "code-reviewer": "archgw:gemini-2.0-flash-exp",
        "planner": "archgw:qwen-max",
    }


def test_it_changes_nothing_the_second_time() -> None:
    loaded(OF_THE_ISSUE)
    assert loaded(OF_THE_ISSUE).changes == ()
    assert Revision.objects.count() == 1


def test_what_has_no_counterpart_is_told_with_its_line() -> None:
    text = OF_THE_ISSUE + "circuit_breaker: {max_failures: 3}\n"
    assert loaded(text).remarks == (
        "line 2, providers.anthropic.version: not needed: the client's own header anthropic-version is sent on.",
        "line 2, providers.anthropic.max_retries: not needed: Claude Code itself repeats what failed.",
        "line 10, circuit_breaker: not taken over: every request is tried; a mapping's fallbacks are there for what "
        "fails.",
    )


def test_the_oldest_form_knows_two_providers_by_their_names() -> None:
    remarks = loaded(OLDEST).remarks
    openai = Provider.objects.get(name="openai")
    assert (openai.kind, openai.base_url, openai.credential) == ("openai", "https://api.openai.com", "$OPENAI_API_KEY")
    assert Provider.objects.get(name="anthropic").base_url == "https://api.anthropic.com"
    assert "line 2, server.port: not taken over: set PORT=3001 in the gateway's environment." in remarks
    assert "line 3, server.timeouts: not needed: each provider has timeouts of its own, in the admin." in remarks
    assert any(remark.startswith("line 7, storage: not needed: the request log is") for remark in remarks)


def test_subagents_that_are_not_enabled_have_mappings_that_are_not() -> None:
    remarks = loaded(OF_THE_ISSUE.replace("enable: true", "enable: false")).remarks
    assert {mapping.enabled for mapping in SubagentMapping.objects.all()} == {False}
    assert "line 6, subagents.enable: the mappings are there, and not enabled." in remarks


def test_a_fallback_provider_of_the_same_format_is_a_fallback() -> None:
    loaded(OF_THE_ISSUE.replace('12000"}', '12000", fallback_provider: openai}'))
    planner = SubagentMapping.objects.get(subagent="planner")
    assert [str(fallback.target) for fallback in planner.fallbacks.all()] == ["openai:qwen-max"]


def test_a_fallback_provider_of_another_format_is_told() -> None:
    remarks = loaded(OF_THE_ISSUE + "fallback_provider: anthropic\n").remarks
    assert not SubagentMapping.objects.get(subagent="planner").fallbacks.exists()
    assert any(
        remark.startswith("line 9, subagents.mappings.planner: fallback_provider anthropic is not taken over")
        for remark in remarks
    )


def test_a_key_that_stands_in_the_file_is_stored_encrypted_and_once() -> None:
    text = OF_THE_ISSUE.replace("$OPENAI_API_KEY", "sk-proj-4711")
    remarks = loaded(text).remarks
    openai = Provider.objects.get(name="openai")
    assert openai.resolve_credential() == "sk-proj-4711"
    assert "sk-proj" not in openai.credential and not any("sk-proj" in remark for remark in remarks)
    assert any(
        remark.startswith("line 3, providers.openai.api_key: the key is stored encrypted.") for remark in remarks
    )
    assert loaded(text).changes == ()
    loaded(text.replace("4711", "4712"))
    assert Provider.objects.get(name="openai").resolve_credential() == "sk-proj-4712"


def test_a_secret_does_not_show_when_it_is_printed() -> None:
    assert "4711" not in f"{PlainSecret('sk-4711')} {PlainSecret('sk-4711')!r}"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            '"archgw:qwen-max"',
            "qwen-max",
            "line 9, subagents.mappings.planner: “qwen-max” does not name a provider and",
        ),
        (
            "archgw:qwen",
            "arch:qwen",
            "line 9, subagents.mappings.planner: there is no provider “arch”. Did you mean “arc",
        ),
        ("format: openai", "format: soap", "line 3, providers.openai.format: there is no format “soap”"),
        ("enable:", "enabled:", "line 6, subagents.enabled: there is no key “enabled”. Did you mean “enable”?"),
        ("enable: true", "enable: maybe", "line 6, subagents.enable: write true or false"),
        (
            "max_retries",
            "max_retry",
            "line 2, providers.anthropic.max_retry: there is no key “max_retry”. Did you mean",
        ),
        (
            "api.openai.com",
            "$NOWHERE",
            "line 3, providers.openai.base_url: the environment variable NOWHERE is not set",
        ),
        ("$OPENAI_API_KEY", "key-$X", "line 3, providers.openai.api_key: write a key as a whole, or $NAME alone"),
        ("subagents:", "subagent:", "line 5, subagent: there is no key “subagent”. Did you mean “subagents”?"),
        ("https://api.openai", "http://api.openai", "line 3, providers.openai.api_key: A credential would cross"),
        ("api.anthropic.com", "other.example", "line 2, providers.anthropic: A client's own credential goes only to"),
        ("max_retries: 3", "fallback_provider: other", "line 2, providers.anthropic.fallback_provider: there is no"),
        ("subagents:", "fallback_provider: arch\nsubagents:", "line 5, fallback_provider: there is no provider “arch”"),
        ("archgw:    {", "archgw:    [", "this is not valid YAML"),
    ],
)
def test_mistakes_are_told_with_line_and_key(
    old: str, new: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOWHERE", raising=False)
    problems = problems_of(OF_THE_ISSUE.replace(old, new))
    assert any(problem.startswith(expected) or expected in problem for problem in problems), problems
    assert not Revision.objects.exists()


def test_an_unknown_key_says_why_the_file_is_read_as_the_go_proxys() -> None:
    [problem] = problems_of("server: {port: 1}\naliases: {}\n")
    assert problem.endswith("The file is read as the Go proxy's, because it has “server”.")


@pytest.mark.parametrize(
    ("base_url", "preset"),
    [
        ("https://api.openai.com", "openai"),
        ("https://generativelanguage.googleapis.com/v1beta/openai/", "gemini"),
        ("http://localhost:11434/v1", "ollama"),
        ("http://localhost:12000", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_a_preset_is_found_by_its_host(base_url: str, preset: str) -> None:
    assert preset_of(base_url) == preset
