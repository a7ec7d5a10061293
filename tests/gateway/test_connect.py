from __future__ import annotations

import json
import shlex

import pytest

from gateway.connect import Access, Connection, as_settings, as_shell, as_vs_code_settings, variables

URL = "http://127.0.0.1:8000"


def values_of(connection: Connection) -> dict[str, str]:
    return {variable.name: variable.value for variable in variables(connection)}


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        (Access.KEY, {"ANTHROPIC_AUTH_TOKEN": "ccgw-1"}),
        (Access.OWN_LOGIN, {"ANTHROPIC_CUSTOM_HEADERS": "x-gateway-key: ccgw-1"}),
        (Access.OPEN, {}),
    ],
)
def test_the_key_stands_where_it_leaves_room_for_the_clients_own_login(
    access: Access, expected: dict[str, str]
) -> None:
    connection = Connection(URL, access, "ccgw-1", discovers_models=False)
    assert values_of(connection) == {"ANTHROPIC_BASE_URL": URL, **expected}


def test_models_that_were_chosen_are_named_and_the_others_left_to_the_client() -> None:
    connection = Connection(URL, Access.OPEN, models={"main": "claude-gpt", "haiku": "qwen3:8b", "opus": ""})
    assert values_of(connection) == {
        "ANTHROPIC_BASE_URL": URL,
        "ANTHROPIC_MODEL": "claude-gpt",
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": "qwen3:8b",
        "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1",
    }


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("qwen3:8b", {"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "32000", "CLAUDE_CODE_MAX_CONTEXT_TOKENS": "32000"}),
        ("claude-qwen", {"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "32000"}),
    ],
)
def test_the_context_of_the_main_model_is_told_where_it_is_known(model: str, expected: dict[str, str]) -> None:
    connection = Connection(URL, Access.OPEN, models={"main": model}, context_window=32_000, discovers_models=False)
    assert values_of(connection) == {"ANTHROPIC_BASE_URL": URL, "ANTHROPIC_MODEL": model, **expected}


def test_features_that_the_client_turns_off_for_other_addresses_can_be_turned_on() -> None:
    found = values_of(Connection(URL, Access.OPEN, has_all_features=True))
    assert found["ENABLE_TOOL_SEARCH"] == "true"
    assert found["CLAUDE_CODE_ENABLE_FINE_GRAINED_TOOL_STREAMING"] == "1"


def test_every_variable_says_what_it_is_for_in_one_line() -> None:
    models = dict.fromkeys(("main", "opus", "sonnet", "haiku", "fable"), "m")
    chosen = variables(Connection(URL, Access.KEY, "k", models, context_window=1, has_all_features=True))
    assert len(chosen) == 12
    assert all(variable.why.endswith(".") and "\n" not in variable.why for variable in chosen)


def test_a_shell_reads_the_values_as_they_are() -> None:
    connection = Connection("http://h/it's", Access.OWN_LOGIN, 'a "key" $HOME', discovers_models=False)
    words = [shlex.split(line) for line in as_shell(variables(connection)).splitlines()]
    assert words == [
        ["export", "ANTHROPIC_BASE_URL=http://h/it's"],
        ["export", 'ANTHROPIC_CUSTOM_HEADERS=x-gateway-key: a "key" $HOME'],
    ]


def test_settings_are_json_of_the_form_that_the_client_reads() -> None:
    connection = Connection(URL, Access.KEY, "ccgw-1", discovers_models=False)
    assert json.loads(as_settings(variables(connection))) == {
        "env": {"ANTHROPIC_BASE_URL": URL, "ANTHROPIC_AUTH_TOKEN": "ccgw-1"}
    }


def test_vs_code_gets_pairs_and_asks_for_no_login_where_there_is_none() -> None:
    connection = Connection(URL, Access.KEY, "ccgw-1", discovers_models=False)
    chosen = variables(connection)
    assert json.loads(as_vs_code_settings(chosen, Access.KEY)) == {
        "claudeCode.environmentVariables": [
            {"name": "ANTHROPIC_BASE_URL", "value": URL},
            {"name": "ANTHROPIC_AUTH_TOKEN", "value": "ccgw-1"},
        ],
        "claudeCode.disableLoginPrompt": True,
    }
    assert "claudeCode.disableLoginPrompt" not in as_vs_code_settings(chosen, Access.OWN_LOGIN)
