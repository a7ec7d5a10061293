"""What other gateways have got wrong in the tools of a request, by the numbers of the list of their bugs.

Literal JSON of the Messages API in, and what goes out of it.
"""

from __future__ import annotations

import json

import pytest

from providers.protocol.messages_request import InvalidRequest
from tests.providers.protocol.chat.requests.literal_requests import (
    HELLO,
    answer,
    convert,
    result,
    sent,
    turn,
)

LONG_NAME = "mcp__" + "x" * 80


def test_b47_a_long_name_is_short_in_tools_history_and_choice_and_maps_back() -> None:
    name = LONG_NAME.encode()
    request = convert(
        turn(result(b'"a"')).replace(b'"Read"', b'"%s"' % name)
        + b',"tools":[{"name":"%s"}],"tool_choice":{"type":"tool","name":"%s"}' % (name, name)
    )
    found = json.loads(request.body)
    short = found["tools"][0]["function"]["name"]
    assert len(short) == 64
    assert found["messages"][1]["tool_calls"][0]["function"]["name"] == short
    assert found["tool_choice"]["function"]["name"] == short
    assert request.context.declared_tools == {short: LONG_NAME}


def test_b48_the_answer_knows_the_declared_names() -> None:
    request = convert(b'"messages":%s,"tools":[{"name":"Bash"},{"name":"Read"}]' % HELLO)
    assert request.context.declared_tools == {"Bash": "Bash", "Read": "Read"}


def test_b49_gemini_gets_no_keyword_that_it_refuses() -> None:
    schema = (
        b'{"$schema":"s","type":"object","additionalProperties":false,"$comment":"c","properties":{'
        b'"n":{"type":"integer","exclusiveMinimum":0},"c":{"const":"x"},"f":{"type":"string","format":"uri"},'
        b'"o":{"oneOf":[{"type":"string"},{"type":"integer"}]},"e":{"type":"string","enumDescriptions":["d"]}}}'
    )
    request = sent(b'"messages":%s,"tools":[{"name":"t","input_schema":%s}]' % (HELLO, schema), schema_dialect="gemini")
    assert request["tools"][0]["function"]["parameters"] == {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "minimum": 1},
            "c": {"type": "string", "enum": ["x"]},
            "f": {"type": "string"},
            "o": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            "e": {"type": "string"},
        },
    }


def test_b54_a_choice_of_a_tool_that_cannot_be_sent_is_refused() -> None:
    tools = b'"tools":[{"name":"Read"},{"type":"web_search_20250305","name":"web_search"}]'
    choice = b'"tool_choice":{"type":"tool","name":"web_search"}'
    with pytest.raises(InvalidRequest, match=r"^tool_choice: only Anthropic's own models can use web_search"):
        convert(b'"messages":%s,%s,%s' % (HELLO, tools, choice))


def test_b56_a_deferred_tool_is_sent_once_a_search_has_found_it() -> None:
    tools = b',"tools":[{"name":"ToolSearch"},{"name":"Deep","defer_loading":true}]'
    reference = result(b'[{"type":"tool_reference","tool_name":"Deep"}]')
    before, after = sent(turn(result(b'"nothing"')) + tools), sent(turn(reference) + tools)
    assert [len(request["tools"]) for request in (before, after)] == [1, 2]
    assert after["messages"][2] == answer("The tool Deep is available now.")


def test_b58_a_search_on_the_server_is_refused_when_it_is_all_there_is_and_named_otherwise() -> None:
    search = b'{"type":"web_search_20250305","name":"web_search","max_uses":8}'
    with pytest.raises(InvalidRequest, match=r"^tools: only Anthropic's own models can use web_search"):
        convert(b'"messages":%s,"tools":[%s]' % (HELLO, search))
    request = convert(b'"messages":%s,"tools":[%s,{"name":"Read"}]' % (HELLO, search))
    assert request.notes == ("server tool left out: web_search (web_search_20250305)",)
