"""How the model is told to use its tools, and which of them it sees."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.protocol.chat.capabilities import Capabilities
from tests.providers.protocol.chat.requests.converting import (
    BASH,
    HELLO,
    READ,
    assistant,
    chat,
    converted,
    notes,
    refusal,
    tool_result,
    tool_use,
    user,
)

WEB_SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 5}
TOOL_SEARCH = {"name": "ToolSearch", "input_schema": {"type": "object", "properties": {"query": {"type": "string"}}}}


def tool(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "input_schema": READ["input_schema"], **fields}


def function_names(sent: dict[str, Any]) -> list[str]:
    return [entry["function"]["name"] for entry in sent.get("tools", ())]


def test_server_tools_are_left_out_by_name() -> None:
    toolset = {"type": "mcp_toolset", "mcp_server_name": "git"}
    request = converted(tools=[WEB_SEARCH, READ, toolset])
    assert function_names(json.loads(request.body)) == ["Read"]
    assert request.notes == (
        "server tool left out: web_search (web_search_20250305)",
        "server tool left out: git (mcp_toolset)",
    )


def test_a_request_that_cannot_do_without_server_tools_is_refused() -> None:
    assert refusal(tools=[WEB_SEARCH]) == (
        "tools: only Anthropic's own models can use web_search (web_search_20250305); "
        "use one of those, or offer other tools"
    )
    assert refusal(tools=[WEB_SEARCH, READ], tool_choice={"type": "tool", "name": "web_search"}) == (
        "tool_choice: only Anthropic's own models can use web_search (web_search_20250305); choose another tool"
    )


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ({"type": "auto"}, {"tool_choice": "auto"}),
        ({"type": "any"}, {"tool_choice": "required"}),
        ({"type": "none"}, {"tool_choice": "none"}),
        (
            {"type": "tool", "name": "Read"},
            {"tool_choice": {"type": "function", "function": {"name": "Read"}}},
        ),
        (
            {"type": "auto", "disable_parallel_tool_use": True},
            {"tool_choice": "auto", "parallel_tool_calls": False},
        ),
        ({"type": "auto", "disable_parallel_tool_use": False}, {"tool_choice": "auto"}),
        (None, {}),
    ],
)
def test_the_choice_of_tools(choice: Any, sent: dict[str, Any]) -> None:
    request = chat(tools=[READ], tool_choice=choice)
    assert {name: request[name] for name in ("tool_choice", "parallel_tool_calls") if name in request} == sent


@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "Read"}])
def test_a_choice_that_the_provider_does_not_take_is_left_to_the_model(choice: dict[str, Any]) -> None:
    capabilities = Capabilities(tool_choice_required=False)
    assert chat(capabilities, tools=[READ], tool_choice=choice)["tool_choice"] == "auto"
    what = choice.get("name", "any")
    assert notes(capabilities, tools=[READ], tool_choice=choice) == (
        f"`tool_choice` {what} is not supported by this provider: left to the model",
    )


def test_parallel_calls_cannot_be_forbidden_everywhere() -> None:
    capabilities = Capabilities(parallel_tool_calls=False)
    choice = {"type": "auto", "disable_parallel_tool_use": True}
    assert "parallel_tool_calls" not in chat(capabilities, tools=[READ], tool_choice=choice)
    assert notes(capabilities, tools=[READ], tool_choice=choice) == (
        "`disable_parallel_tool_use` is not supported by this provider",
    )


def test_a_model_without_tools_gets_none() -> None:
    capabilities = Capabilities(tools=False)
    sent = chat(capabilities, tools=[READ, BASH], tool_choice={"type": "any"})
    assert "tools" not in sent and "tool_choice" not in sent
    assert notes(capabilities, tools=[READ, BASH]) == ("tools are not supported by this model: 2 left out",)


DEFERRED = [TOOL_SEARCH, READ, tool("Deep", defer_loading=True), tool("Deeper", defer_loading=True)]
REFERENCE = {"type": "tool_reference", "tool_name": "Deep"}


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, ["ToolSearch", "Read"]),
        (
            {"messages": [*HELLO, assistant(tool_use("s", "ToolSearch")), user(tool_result("s", REFERENCE))]},
            ["ToolSearch", "Read", "Deep"],
        ),
        (
            {"messages": [*HELLO, assistant(tool_use("d", "Deep")), user(tool_result("d", "x"))]},
            ["ToolSearch", "Read", "Deep"],
        ),
        (
            {
                "messages": [
                    *HELLO,
                    {
                        "role": "system",
                        "content": [{"type": "tool_addition", "tool": {"type": "tool_reference", "name": "Deep"}}],
                    },
                ]
            },
            ["ToolSearch", "Read", "Deep"],
        ),
        ({"tool_choice": {"type": "tool", "name": "Deeper"}}, ["ToolSearch", "Read", "Deeper"]),
    ],
    ids=["nothing", "a search found it", "it was called", "a system message adds it", "it is chosen"],
)
def test_deferred_tools_are_sent_once_they_are_loaded(fields: dict[str, Any], names: list[str]) -> None:
    assert function_names(chat(tools=DEFERRED, **fields)) == names
    held_back = ", ".join(tool["name"] for tool in DEFERRED if tool["name"] not in names)
    assert f"held back until a search finds them, by `defer_loading`: {held_back}" in notes(tools=DEFERRED, **fields)


def test_deferred_tools_that_nothing_could_load_are_sent() -> None:
    server_search = {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"}
    assert function_names(chat(tools=[server_search, *DEFERRED[1:]])) == ["Read", "Deep", "Deeper"]
    assert function_names(chat(tools=DEFERRED[2:])) == ["Deep", "Deeper"]


def test_tools_held_back_are_known_to_the_answer() -> None:
    assert set(converted(tools=DEFERRED).context.declared_tools) == {"ToolSearch", "Read", "Deep", "Deeper"}
