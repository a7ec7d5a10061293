"""What is said of a file that is refused: always the line and the key, and nothing is changed."""

from __future__ import annotations

import pytest

from gateway.configuration.document import read_configuration
from gateway.configuration.loading import load
from gateway.configuration.problems import ConfigurationError
from gateway.models import Revision
from providers.models import Provider
from tests.gateway.configuration.samples import RICH, loaded, problems_of

pytestmark = pytest.mark.django_db

PROVIDER = "providers:\n  a: {kind: openai, base_url: 'https://llm.example', credential_source: none}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("providers: [\n", "line 2: this is not valid YAML"),
        ("- a\n", "line 1: a configuration is a mapping"),
        ("\x00", "this cannot be read as YAML"),
        ("a: &a [*a]\n", "line 1, a[0]: this alias stands within what it refers to"),
        ("providers: {}\nproviders: {}\n", "line 2, providers: it is in line 1 already"),
        ("aliases:\n  1: a:m\n", "line 2, aliases: a key is not text: put it in quotes"),
        ("provider: {}\n", "line 1, provider: there is no key “provider”. Did you mean “providers”?"),
        ("providers: 5\n", "line 1, providers: this should be a mapping"),
        ("providers:\n  a: 5\n", "line 2, providers.a: this should be a mapping"),
        (PROVIDER.replace("kind", "kindd"), "line 2, providers.a.kindd: there is no key “kindd”. Did you mean “kind”?"),
        (PROVIDER.replace("openai", "soap"), "line 2, providers.a.kind: Value 'soap' is not a valid choice"),
        (PROVIDER.replace("https:", "ftp:"), "line 2, providers.a.base_url: Enter a URL with scheme and host"),
        (PROVIDER.replace("'https://llm.example'", "7"), "line 2, providers.a.base_url: this should be text"),
        (PROVIDER.replace("  a:", "  A B:"), "line 2, providers.A B: Use lower-case letters"),
        (PROVIDER.replace("}", ", enabled: 3}"), "line 2, providers.a.enabled: “3” value must be either True or False"),
        (PROVIDER.replace("}", ", idle_timeout: no}"), "line 2, providers.a.idle_timeout: this should be a number"),
        (PROVIDER.replace("}", ", idle_timeout: ''}"), "line 2, providers.a.idle_timeout: this should be a number"),
        (PROVIDER.replace("}", ", idle_timeout: .nan}"), "line 2, providers.a.idle_timeout: this should be a number"),
        (PROVIDER.replace("}", ", extra_headers: []}"), "line 2, providers.a.extra_headers: this should be a mapping"),
        (PROVIDER.replace("}", ", idle_timeout: []}"), "line 2, providers.a.idle_timeout: this should be a single"),
        (PROVIDER.replace("}", ", capabilities: {wings: 1}}"), "line 2, providers.a.capabilities: The capabilities"),
        (PROVIDER.replace("}", ", credential: sk-1}"), "line 2, providers.a.credential: write $NAME for an"),
        (PROVIDER.replace("none", "stored"), "line 2, providers.a.credential: Enter a credential"),
        (PROVIDER.replace("none", "client"), "line 2, providers.a.credential_source: A client's own credential goes"),
        (PROVIDER.replace("none}", "stored, credential: kept}"), "line 2, providers.a.credential: no credential"),
        (PROVIDER.replace("llm.example", "$NOWHERE"), "line 2, providers.a.base_url: the environment variable NOW"),
        (
            f"{PROVIDER}  b: {{base_url: 'https://x.example', credential_source: none, is_default: true}}\n"
            "  c:\n    base_url: https://y.example\n    credential_source: none\n    is_default: true\n",
            "line 7, providers.c.is_default: b is the default already",
        ),
        (PROVIDER.replace("}", ", models: 5}"), "line 2, providers.a.models: this should be a mapping"),
        (f"{PROVIDER}aliases:\n  x: a\n", "line 4, aliases.x.target: “a” does not name a provider and a model"),
        (f"{PROVIDER}aliases:\n  x: b:m\n", "line 4, aliases.x.target: there is no provider “b”."),
        (f"{PROVIDER}aliases:\n  x: 'a:'\n", "line 4, aliases.x.target: This field cannot be blank"),
        (f"{PROVIDER}aliases:\n  a:m: a:n\n", "line 4, aliases.a:m: “a:m” means the model m of the provider a already"),
        (f"{PROVIDER}aliases:\n  x: a:y\n  y: a:m\n", "line 4, aliases.x.target: “y” is an alias itself"),
        (f"{PROVIDER}aliases:\n  x: {{enabled: true}}\n", "line 4, aliases.x: there is no target"),
        (f"{PROVIDER}subagents:\n  mapings: {{}}\n", "line 4, subagents.mapings: there is no key “mapings”. Did"),
        (f"{PROVIDER}subagents:\n  mappings:\n    p: a\n", "line 5, subagents.mappings.p.target: “a” does not name"),
        (
            f"{PROVIDER}subagents:\n  mappings:\n    p:\n      target: a:m\n      fallbacks: [a:n, 'nobody:m']\n",
            "line 7, subagents.mappings.p.fallbacks[1]: there is no provider “nobody”",
        ),
        (
            f"{PROVIDER}subagents:\n  mappings:\n    p:\n      target: a:m\n      fallbacks: a:n\n",
            "line 7, subagents.mappings.p.fallbacks: this should be a list",
        ),
        (f"{PROVIDER}rules: {{}}\n", "line 3, rules: this should be a list"),
        (f"{PROVIDER}rules:\n- target: a:m\n", "line 4, rules[0].name: every rule needs a name"),
        (f"{PROVIDER}rules:\n- {{name: r, target: a:m}}\n- {{name: r, target: a:n}}\n", "line 5, rules[1].name: there"),
        (f"{PROVIDER}rules:\n- {{name: r, target: 'm'}}\n", "line 4, rules[0].target: “m” does not name"),
        (
            f"{PROVIDER}rules:\n- {{name: r, target: a:m, criteria: [{{modell: x}}]}}\n",
            "line 4, rules[0].criteria[0].modell: there is no criterion “modell”",
        ),
        (
            f"{PROVIDER}rules:\n- name: r\n  target: a:m\n  criteria:\n  - images: perhaps\n",
            "line 7, rules[0].criteria[0].images: enter yes or no",
        ),
        (f"{PROVIDER}rules:\n- {{name: r, target: a:m, criteria: [images]}}\n", "rules[0].criteria[0]: write one"),
        (
            f"{PROVIDER}rules:\n- {{name: r, target: a:m, order: 7}}\n- {{name: s, target: a:m, order: 3}}\n",
            "line 5, rules[1].order: 3 is tried before the rule that is listed before it",
        ),
        (f"{PROVIDER}rules:\n- {{name: r, target: a:m, order: soon}}\n", "line 4, rules[0].order: this should"),
        ("agent_definitions:\n  p: no front matter\n", "line 2, agent_definitions.p: "),
        ("agent_definitions:\n  p: 5\n", "line 2, agent_definitions.p: this should be the text"),
        (
            'agent_definitions:\n  p: "---\\nname: other\\ndescription: d\\n---\\nYou help."\n',
            "line 2, agent_definitions.p: the text is a definition of other: use that name",
        ),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_with_line_and_key(text: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOWHERE", raising=False)
    before, revision = read_configuration(), Revision.current()
    problems = problems_of(text)
    assert any(expected in problem for problem in problems), problems
    assert (read_configuration(), Revision.current()) == (before, revision)


def test_all_problems_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = RICH.replace("kind: openai", "kind: soap").replace("openai:gpt-4.1", "opanai:gpt-4.1").replace(" 35", " -1")
    places = [problem.partition(":")[0] for problem in problems_of(text)]
    assert places == [
        "line 8, providers.ollama.kind",
        "line 17, providers.openai.kind",
        "line 50, subagents.mappings.planner.fallbacks[0]",
        "line 58, rules[0].target",
        "line 62, rules[1].order",
    ]


def test_what_leads_to_a_provider_that_is_refused_is_not_blamed_for_it() -> None:
    [problem] = problems_of(f"{PROVIDER}aliases: {{x: 'a:m'}}\n".replace("kind: openai", "kind: soap"))
    assert "providers.a.kind" in problem


def test_a_provider_that_is_not_in_the_file_and_still_in_use_is_named_with_its_users() -> None:
    loaded(RICH)
    before = read_configuration()
    [problem] = problems_of(
        "providers:\n  anthropic: {base_url: 'https://api.anthropic.com', credential_source: client}\n"
        "  ollama: {kind: openai, base_url: 'http://127.0.0.1:1', credential_source: none}\nrules: []\n"
    )
    assert problem == (
        "line 1, providers: openai is not in it, and is still in use: fallback planner: fallback 10 openai:gpt-4.1, "
        "model alias claude-gpt, subagent mapping planner."
    )
    assert read_configuration() == before


def test_a_secret_is_not_carried_to_another_host_by_a_file() -> None:
    provider = Provider(name="a", base_url="https://llm.example")
    provider.set_credential("a-secret")
    provider.save()
    [problem] = problems_of("providers:\n  a: {base_url: 'https://evil.example', credential: kept}\n")
    assert problem.startswith("line 2, providers.a.credential: the stored credential is for another host")
    assert Provider.objects.get(name="a").base_url == "https://llm.example"


def test_a_stored_secret_that_the_file_does_not_mention_is_asked_about() -> None:
    provider = Provider(name="a", base_url="https://llm.example")
    provider.set_credential("a-secret")
    provider.save()
    [problem] = problems_of("providers:\n  a: {base_url: 'https://llm.example'}\n")
    assert problem == (
        "line 2, providers.a.credential: write “kept” for the one that is stored, or $NAME for an environment variable."
    )


def test_a_file_in_another_encoding_is_refused_with_its_line() -> None:
    with pytest.raises(ConfigurationError, match="line 2: this is not UTF-8"):
        load("providers: {}\n# é".encode("latin-1"), "gateway.yaml")


def test_a_text_that_unfolds_without_end_is_refused() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9)]
    [problem] = problems_of("\n".join(["l0: &l0 [x]", *levels]))
    assert "more than 200000 values" in problem
