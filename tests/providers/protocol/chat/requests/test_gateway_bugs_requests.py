"""What other gateways have got wrong in a request, one case for each number of the list of their bugs.

Literal JSON of the Messages API in, and what goes out of it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.protocol.chat.capabilities import Capabilities
from providers.protocol.chat.context import ThoughtSignatures
from providers.protocol.chat.requests.request import ConvertedRequest
from providers.protocol.chat.tool_ids import to_client
from providers.protocol.messages_request import InvalidRequest
from tests.providers.protocol.chat.requests.converting import convert_body

HELLO = b'[{"role":"user","content":"Hello"}]'
READ_A = b'{"type":"tool_use","id":"t1","name":"Read","input":{"path":"a"}}'
IMAGE = b'{"type":"image","source":{"type":"base64","media_type":"image/png","data":"QQ=="}}'
SHOWN = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}}
LONG_NAME = "mcp__" + "x" * 80


def convert(fields: bytes, signatures: ThoughtSignatures | None = None, **capabilities: Any) -> ConvertedRequest:
    """A request with these fields, sent to a provider that has these capabilities."""
    body = b'{"model":"claude-opus-5-5","max_tokens":1000,' + fields + b"}"
    return convert_body(body, Capabilities().overridden(capabilities), signatures=signatures)


def sent(fields: bytes, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(convert(fields, **options).body)
    return found


def turn(*blocks: bytes) -> bytes:
    """A conversation in which the assistant has called `Read` and a user message with `blocks` follows."""
    return (
        b'"messages":[{"role":"user","content":"Go"},{"role":"assistant","content":[%s]},{"role":"user","content":[%s]}]'
        % (
            READ_A,
            b",".join(blocks),
        )
    )


def result(content: bytes, more: bytes = b"") -> bytes:
    return b'{"type":"tool_result","tool_use_id":"t1","content":%s%s}' % (content, more)


def answer(content: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": "t1", "content": content}


def assistant(blocks: bytes) -> bytes:
    return (
        b'"messages":[{"role":"user","content":"Go"},{"role":"assistant","content":[%s]},{"role":"user","content":"On"}]'
        % blocks
    )


@pytest.mark.parametrize(
    ("fields", "capabilities", "behind_the_call"),
    [
        pytest.param(
            turn(result(b'[{"type":"text","text":"a"},{"type":"text","text":"b"}]')),
            {},
            [answer("a\n\nb")],
            id="B37 a result of several blocks is one tool message",
        ),
        pytest.param(
            turn(result(b"[%s]" % IMAGE)),
            {},
            [
                answer("(see the next message)"),
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "From the result of the tool call t1 (Read):"}, SHOWN],
                },
            ],
            id="B38 the image of a result is shown behind it",
        ),
        pytest.param(
            turn(result(b'"not found"', b',"is_error":true')),
            {},
            [answer("Error: not found")],
            id="B39 a failed call looks like one",
        ),
        pytest.param(
            turn(result(b'[{"type":"text","text":""},{"type":"text","text":"a"}]'), b'{"type":"text","text":" "}'),
            {},
            [answer("a")],
            id="B40 empty texts are dropped, also in results",
        ),
        pytest.param(
            turn(b'{"type":"text","text":"","cache_control":{"type":"ephemeral"}}', result(b'"a"')),
            {},
            [answer("a")],
            id="B41 an empty text with cache_control is dropped with it",
        ),
        pytest.param(
            turn(b'{"type":"text","text":"Never mind."}'),
            {},
            [answer("(no result: the call was interrupted)"), {"role": "user", "content": "Never mind."}],
            id="B60 a call without a result gets one",
        ),
        pytest.param(
            turn(result(b'"a"'), b'{"type":"tool_result","tool_use_id":"gone","content":"late"}'),
            {},
            [answer("a"), {"role": "user", "content": "[result of the tool call gone]\nlate"}],
            id="B60 a result without a call is kept as text",
        ),
        pytest.param(
            b'"messages":[{"role":"user","content":"Go"},{"role":"assistant","content":[%s]},'
            b'{"role":"system","content":"Mind."},{"role":"user","content":[%s]}]' % (READ_A, result(b'"a"')),
            {},
            [answer("a"), {"role": "user", "content": "<system-reminder>\nMind.\n</system-reminder>"}],
            id="B43 a system message never stands between a call and its result",
        ),
    ],
)
def test_what_follows_a_call(fields: bytes, capabilities: dict[str, Any], behind_the_call: list[Any]) -> None:
    assert sent(fields, **capabilities)["messages"][2:] == behind_the_call


@pytest.mark.parametrize(
    ("fields", "capabilities", "message"),
    [
        pytest.param(
            assistant(READ_A),
            {},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "t1", "type": "function", "function": {"name": "Read", "arguments": '{"path":"a"}'}}
                ],
            },
            id="B42 a turn of nothing but calls has no content",
        ),
        pytest.param(
            assistant(b'{"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"text","text":"So."}'),
            {"reasoning_history": "reasoning"},
            {"role": "assistant", "content": "So."},
            id="B26 thinking that another provider signed is not replayed",
        ),
        pytest.param(
            assistant(b'{"type":"redacted_thinking","data":"ZW5j"},{"type":"text","text":"So."}'),
            {},
            {"role": "assistant", "content": "So."},
            id="B28 redacted thinking is not replayed",
        ),
        pytest.param(
            assistant(b'{"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"So."}'),
            {"reasoning_history": "reasoning_content"},
            {"role": "assistant", "content": "So.", "reasoning_content": "hm"},
            id="B31 reasoning goes back to the provider that insists on it",
        ),
        pytest.param(
            assistant(b'{"type":"text","text":"So."}'),
            {"reasoning_history": "reasoning_content"},
            {"role": "assistant", "content": "So.", "reasoning_content": " "},
            id="B31 a turn of another model has a reasoning too, and not an empty one",
        ),
    ],
)
def test_what_an_assistant_message_becomes(
    fields: bytes, capabilities: dict[str, Any], message: dict[str, Any]
) -> None:
    assert sent(fields, **capabilities)["messages"][1] == message


@pytest.mark.parametrize(
    ("fields", "capabilities", "names", "values"),
    [
        pytest.param(
            b'"thinking":{"type":"disabled"},"output_config":{"effort":"high"}',
            {"reasoning": "thinking"},
            ["thinking", "reasoning_effort"],
            [{"type": "disabled"}, None],
            id="B32 no effort beside thinking that is off",
        ),
        pytest.param(
            b'"thinking":{"type":"disabled"},"tools":[{"name":"Read"}]',
            {"reasoning": "chat_template_kwargs"},
            ["chat_template_kwargs"],
            [{"enable_thinking": False}],
            id="B34 a local model is told not to think, with tools too",
        ),
        pytest.param(
            b'"thinking":{"type":"enabled","budget_tokens":5000}',
            {"reasoning": "enable_thinking"},
            ["thinking_budget", "max_tokens"],
            [999, 1000],
            id="B35 a budget is below the limit of the answer",
        ),
        pytest.param(
            b'"temperature":0.5,"top_p":null',
            {"temperature": False, "top_p": False},
            ["temperature", "top_p"],
            [None, None],
            id="B35 no sampling for models that refuse it",
        ),
        pytest.param(
            b'"thinking":{"type":"adaptive"}',
            {"reasoning": "reasoning_effort"},
            ["thinking", "reasoning_effort"],
            [None, None],
            id="B36 adaptive thinking is not sent on as such",
        ),
        pytest.param(
            b'"thinking":{"type":"adaptive"}',
            {"reasoning": "enable_thinking"},
            ["enable_thinking"],
            [True],
            id="B36 adaptive thinking is on where that has to be said",
        ),
        pytest.param(
            b'"tools":[{"name":"Now"}]',
            {},
            ["tools"],
            [[{"type": "function", "function": {"name": "Now", "parameters": {"type": "object", "properties": {}}}}]],
            id="B50 a tool without parameters has an empty object of them",
        ),
        pytest.param(
            b'"stream":false',
            {"max_tokens_field": "max_completion_tokens"},
            ["max_tokens", "max_completion_tokens"],
            [None, 1000],
            id="B51 max_completion_tokens",
        ),
        pytest.param(
            b'"stream":false', {"max_output_tokens": 500}, ["max_tokens"], [500], id="B52 no more than the model can"
        ),
        pytest.param(
            b'"metadata":{"user_id":"{\\"device_id\\":\\"d\\"}"}',
            {"user_field": "user"},
            ["user"],
            ["357854d94db82037b8aba693c135488981582f38cb9a31b0da5fdefc732309ca"],
            id="B53 the user is a hash",
        ),
        pytest.param(
            b'"tools":[{"name":"Read"},{"type":"web_search_20250305","name":"web_search"}],"tool_choice":{"type":"any"}',
            {},
            ["tool_choice"],
            ["required"],
            id="B54 any is required",
        ),
        pytest.param(
            b'"tools":[{"name":"Read"}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true}',
            {},
            ["tool_choice", "parallel_tool_calls"],
            ["auto", False],
            id="B54 parallel calls can be forbidden",
        ),
        pytest.param(
            b'"tools":[{"name":"Read"}],"tool_choice":{"type":"none"}', {}, ["tool_choice"], ["none"], id="B54 none"
        ),
        pytest.param(
            b'"context_management":{"edits":[]}',
            {},
            ["context_management"],
            [None],
            id="B65 context_management stays here",
        ),
        pytest.param(
            b'"output_config":{"effort":"high"}',
            {"reasoning": "reasoning_effort"},
            ["output_config", "reasoning_effort"],
            [None, "high"],
            id="B66 output_config is translated, not sent",
        ),
    ],
)
def test_fields(fields: bytes, capabilities: dict[str, Any], names: list[str], values: list[Any]) -> None:
    request = sent(b'"messages":%s,%s' % (HELLO, fields), **capabilities)
    assert [request.get(name) for name in names] == values


def test_b33_a_call_returns_with_its_signature_and_an_unknown_one_is_not_validated() -> None:
    signatures = ThoughtSignatures()
    signatures.remember("t1", "c2ln")
    for known, signature in ((signatures, "c2ln"), (None, "skip_thought_signature_validator")):
        message = sent(turn(result(b'"a"')), signatures=known, thought_signatures=True)["messages"][1]
        assert message["tool_calls"][0]["extra_content"] == {"google": {"thought_signature": signature}}


@pytest.mark.parametrize("native", [True, False])
def test_b43_a_system_message_in_mid_conversation(native: bool) -> None:
    messages = (
        b'"messages":[{"role":"user","content":"a"},{"role":"system","content":"b"},{"role":"user","content":"c"}]'
    )
    as_system = [("user", "a"), ("system", "b"), ("user", "c")]
    as_reminder = [("user", "a\n\n<system-reminder>\nb\n</system-reminder>\n\nc")]
    found = sent(messages, mid_conversation_system=native)["messages"]
    assert [(message["role"], message["content"]) for message in found] == (as_system if native else as_reminder)


def test_b44_system_blocks_are_joined_by_blank_lines() -> None:
    system = b'"system":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"messages":'
    assert sent(system + HELLO)["messages"][0] == {"role": "system", "content": "a\n\nb"}


def test_b45_a_document_is_sent_or_refused_but_never_dropped() -> None:
    document = b'{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERg=="}}'
    messages = b'"messages":[{"role":"user","content":[%s]}]' % document
    (part,) = sent(messages, documents="file")["messages"][0]["content"]
    assert part["file"]["file_data"] == "data:application/pdf;base64,JVBERg=="
    with pytest.raises(InvalidRequest, match=r"^messages\.0\.content\.0: this model takes no PDFs"):
        sent(messages, documents="none")


@pytest.mark.parametrize("as_the_client_has_it", ["functions.Read:0", to_client("functions.Read:0")])
def test_b46_ids_go_back_as_the_model_made_them(as_the_client_has_it: str) -> None:
    messages = turn(result(b'"a"')).replace(b'"t1"', b'"%s"' % as_the_client_has_it.encode())
    request = convert(messages)
    found = json.loads(request.body)["messages"]
    assert found[1]["tool_calls"][0]["id"] == found[2]["tool_call_id"] == "functions.Read:0"
    assert as_the_client_has_it in request.context.used_tool_ids


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


def test_b55_a_prefill_with_thinking_is_told() -> None:
    messages = b'"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]'
    request = convert(messages + b',"thinking":{"type":"adaptive"}', reasoning="chat_template_kwargs")
    assert request.notes == ("the last message is the assistant's: a model that thinks may refuse it or begin anew",)


def test_b56_a_deferred_tool_is_sent_once_a_search_has_found_it() -> None:
    tools = b',"tools":[{"name":"ToolSearch"},{"name":"Deep","defer_loading":true}]'
    reference = result(b'[{"type":"tool_reference","tool_name":"Deep"}]')
    before, after = sent(turn(result(b'"nothing"')) + tools), sent(turn(reference) + tools)
    assert [len(request["tools"]) for request in (before, after)] == [1, 2]
    assert after["messages"][2] == answer("The tool Deep is available now.")


def test_b57_b69_b70_b71_no_cache_control_goes_out() -> None:
    control = b'"cache_control":{"type":"ephemeral","ttl":"1h"}'
    fields = (
        b'"system":[{"type":"text","text":"s",%s}],"messages":[{"role":"user","content":[{"type":"text","text":"a",%s}]}],'
        b'"tools":[{"name":"Read",%s},{"name":"Deep","defer_loading":true,%s}],%s'
    ) % (control, control, control, control, control)
    request = convert(fields)
    assert b"cache_control" not in request.body and request.notes == ()


def test_b58_a_search_on_the_server_is_refused_when_it_is_all_there_is_and_named_otherwise() -> None:
    search = b'{"type":"web_search_20250305","name":"web_search","max_uses":8}'
    with pytest.raises(InvalidRequest, match=r"^tools: only Anthropic's own models can use web_search"):
        convert(b'"messages":%s,"tools":[%s]' % (HELLO, search))
    request = convert(b'"messages":%s,"tools":[%s,{"name":"Read"}]' % (HELLO, search))
    assert request.notes == ("server tool left out: web_search (web_search_20250305)",)


def test_b67_the_billing_block_does_not_spoil_the_cache() -> None:
    bodies = {
        convert(
            b'"system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.197; cch=%d;"},'
            b'{"type":"text","text":"s"}],"messages":%s' % (number, HELLO)
        ).body
        for number in range(3)
    }
    assert len(bodies) == 1


def test_b68_the_key_of_the_prompt_cache_is_the_sessions() -> None:
    capabilities = Capabilities(prompt_cache_key=True)
    body = b'{"messages":%s}' % HELLO
    one, two, other = (
        json.loads(convert_body(body, capabilities, session_id=session).body)["prompt_cache_key"]
        for session in ("s1", "s1", "s2")
    )
    assert one == two != other
