"""Tools as functions: which are sent, in which form, and how the model is told to use them."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from providers.protocol.chat.capabilities import Capabilities, SchemaDialect
from tests.providers.protocol.chat.requests.converting import (
    BASH,
    READ,
    assistant,
    chat,
    convert_body,
    converted,
    notes,
    refusal,
    request_body,
    tool_result,
    tool_use,
    user,
)

GEMINI = Capabilities(schema_dialect=SchemaDialect.GEMINI)
RICH_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"a": {"$ref": "#/$defs/A"}, "b": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
    "$defs": {"A": {"const": 1.50}},
    "additionalProperties": False,
}


def tool(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "input_schema": READ["input_schema"], **fields}


def function_names(sent: dict[str, Any]) -> list[str]:
    return [entry["function"]["name"] for entry in sent.get("tools", ())]


def test_a_tool_is_a_function() -> None:
    assert chat(tools=[READ, BASH | {"type": "custom"}])["tools"] == [
        {
            "type": "function",
            "function": {"name": "Read", "description": "Reads a file.", "parameters": READ["input_schema"]},
        },
        {"type": "function", "function": {"name": "Bash", "parameters": BASH["input_schema"]}},
    ]


def test_a_schema_is_copied_byte_for_byte_where_the_provider_takes_all_of_it() -> None:
    raw = json.dumps(RICH_SCHEMA, indent=3).encode()
    body = request_body(tools=[tool("t")]).replace(json.dumps(READ["input_schema"]).encode(), raw)
    assert raw in convert_body(body, Capabilities()).body


@pytest.mark.parametrize(
    ("schema", "parameters"),
    [
        (None, {"type": "object", "properties": {}}),
        ({}, {"type": "object", "properties": {}}),
        ({"type": "object"}, {"type": "object", "properties": {}}),
        ({"properties": {"a": {}}}, {"type": "object", "properties": {"a": {}}}),
        ({"required": []}, {"required": [], "type": "object", "properties": {}}),
    ],
)
def test_a_schema_says_at_least_that_it_is_an_object(schema: Any, parameters: Any) -> None:
    assert chat(tools=[{"name": "t", "input_schema": schema}])["tools"][0]["function"]["parameters"] == parameters
    assert chat(tools=[{"name": "t"}])["tools"][0]["function"]["parameters"] == {"type": "object", "properties": {}}


def test_what_is_meant_for_caches_goes_in_silence_and_what_changes_the_answer_with_a_word() -> None:
    fields = {"cache_control": {"type": "ephemeral"}, "eager_input_streaming": True, "allowed_callers": ["direct"]}
    assert notes(tools=[READ | fields]) == ()
    examples = {"input_examples": [{"path": "a"}], "allowed_callers": ["code_execution_20260120"]}
    assert notes(tools=[READ | examples]) == (
        "`input_examples` of tools are not supported: left out",
        "`allowed_callers` of tools is not supported: the model may call them itself",
    )
    assert chat(tools=[READ | fields | examples])["tools"] == chat(tools=[READ])["tools"]


def test_the_answer_gets_to_know_every_name() -> None:
    long_name = "mcp__server__" + "x" * 80
    request = converted(tools=[READ, tool(long_name)])
    shortened = function_names(json.loads(request.body))[1]
    assert len(shortened) == 64
    assert request.context.declared_tools == {"Read": "Read", shortened: long_name}
    assert request.notes == (f"tool name shortened: {long_name} → {shortened}",)


def test_a_shortened_name_is_the_same_in_history_and_choice() -> None:
    long_name = "n" * 70
    sent = chat(
        tools=[tool(long_name)],
        tool_choice={"type": "tool", "name": long_name},
        messages=[user("Go."), assistant(tool_use("t1", long_name)), user(tool_result("t1", "ok"))],
    )
    (shortened,) = function_names(sent)
    assert sent["tool_choice"]["function"]["name"] == shortened
    assert sent["messages"][1]["tool_calls"][0]["function"]["name"] == shortened


def test_strict_is_kept_where_provider_and_schema_allow_it() -> None:
    strict_schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    strict = tool("t", strict=True) | {"input_schema": strict_schema}
    takes_strict = Capabilities(strict_tools=True)
    assert chat(takes_strict, tools=[strict])["tools"][0]["function"]["strict"] is True
    for capabilities, other in ((Capabilities(), strict), (takes_strict, tool("t", strict=True))):
        assert "strict" not in chat(capabilities, tools=[other])["tools"][0]["function"]
        assert notes(capabilities, tools=[other]) == (
            "`strict` of tools left out: not supported by this provider, or not for these schemas",
        )


def test_gemini_gets_its_own_kind_of_schema_and_one_note_for_all_that_is_lost() -> None:
    tools = [
        tool("one") | {"input_schema": RICH_SCHEMA},
        tool("two") | {"input_schema": RICH_SCHEMA},
        {"name": "three"},
    ]
    sent = chat(GEMINI, tools=tools)["tools"]
    assert sent[0]["function"]["parameters"] == sent[1]["function"]["parameters"]
    assert sent[0]["function"]["parameters"]["properties"]["b"] == {"type": "string", "nullable": True}
    assert "parameters" not in sent[2]["function"]
    (note,) = notes(GEMINI, tools=tools)
    assert note == "tool schemas: `$schema`, `additionalProperties`, `enum` not supported by this provider: left out"


def test_no_tools_are_sent_where_none_are_offered() -> None:
    assert "tools" not in chat(tools=[])
    assert "tools" not in chat(tools=None, tool_choice={"type": "auto"})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"tools": {}}, "tools: Input should be a valid list"),
        ({"tools": ["Read"]}, "tools.0: Input should be a valid dictionary"),
        ({"tools": [{"name": 5}]}, "tools.0.name: Input should be a valid string"),
        ({"tools": [{}]}, "tools: every tool needs a name"),
        ({"tools": [READ, READ]}, "tools: Tool names must be unique, and Read is there 2 times"),
        (
            {"tools": [READ, tool("t") | {"input_schema": "x"}]},
            "tools.1.input_schema: Input should be a valid dictionary",
        ),
        ({"tools": [READ], "tool_choice": "auto"}, "tool_choice: Input should be a valid dictionary"),
        (
            {"tools": [READ], "tool_choice": {"type": "some"}},
            "tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'",
        ),
        (
            {"tools": [READ], "tool_choice": {"type": "tool", "name": "Nope"}},
            "tool_choice: Tool 'Nope' not found in provided tools",
        ),
        ({"tool_choice": {"type": "any"}}, "tool_choice: a tool is asked for, but `tools` offers none"),
    ],
)
def test_malformed_tools_are_refused_with_their_place(fields: dict[str, Any], words: str) -> None:
    assert refusal(**fields) == words


def test_the_same_tools_in_other_capabilities_are_converted_anew() -> None:
    tools = [tool("n" * 70) | {"input_schema": RICH_SCHEMA}]
    plain, gemini = chat(tools=tools)["tools"][0], chat(GEMINI, tools=tools)["tools"][0]
    (short_name,) = function_names(chat(Capabilities(tool_name_length=32), tools=tools))
    assert plain["function"]["parameters"] == RICH_SCHEMA != gemini["function"]["parameters"]
    assert (len(plain["function"]["name"]), len(short_name)) == (64, 32)


def test_a_list_of_tools_too_long_to_remember_is_converted_all_the_same() -> None:
    tools = [tool(f"tool_{index}", description="x" * 3000) for index in range(100)]
    assert len(msgspec.json.encode(tools)) > 256 << 10
    assert len(chat(tools=tools)["tools"]) == 100
