"""What other gateways have got wrong in the fields of a request, by the numbers of the list of their bugs.

Literal JSON of the Messages API in, and what goes out of it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.protocol.chat.capabilities import Capabilities
from tests.providers.protocol.chat.requests.converting import convert_body
from tests.providers.protocol.chat.requests.literal_requests import (
    HELLO,
    convert,
    sent,
)


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


def test_b57_b69_b70_b71_no_cache_control_goes_out() -> None:
    control = b'"cache_control":{"type":"ephemeral","ttl":"1h"}'
    fields = (
        b'"system":[{"type":"text","text":"s",%s}],"messages":[{"role":"user","content":[{"type":"text","text":"a",%s}]}],'
        b'"tools":[{"name":"Read",%s},{"name":"Deep","defer_loading":true,%s}],%s'
    ) % (control, control, control, control, control)
    request = convert(fields)
    assert b"cache_control" not in request.body and request.notes == ()


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
