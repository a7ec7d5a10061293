"""What the gateway takes for granted about Claude Code, asked of the pinned client itself, without a gateway between.

When one of these fails after an update of the client, the gateway's identification of sessions and agents needs a look.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.test_claude_code import agent_call
from tests.support.anthropic_api import streamed
from tests.support.anthropic_stream import Text
from tests.support.claude_code import API_KEY, ClaudeCode
from tests.support.upstream import RecordedRequest, ScriptedUpstream

OAUTH_TOKEN = "sk-ant-oat01-a-token-of-a-subscription"


@pytest.fixture
def direct(client_is_installed: None, upstream: ScriptedUpstream, tmp_path: Path) -> ClaudeCode:
    return ClaudeCode(upstream.base_url, tmp_path)


def test_a_subagent_tells_who_it_is(direct: ClaudeCode, upstream: ScriptedUpstream) -> None:
    direct.define_agent("outer", "You delegate.", tools="Agent, Read")
    direct.define_agent("inner", "You do the work.")
    upstream.answer(
        streamed(agent_call("outer", "Have it done.")),
        streamed(agent_call("inner", "Do it.")),
        *(streamed(Text("Done.")) for _ in range(3)),
    )

    run = direct.run("Get it done.")

    main, outer, inner, _, _ = upstream.requests
    assert {request.header("x-claude-code-session-id") for request in upstream.requests} == {run.session_id}
    assert {session_in_metadata(request) for request in upstream.requests} == {run.session_id}
    assert main.header("x-claude-code-agent-id") is None
    assert outer.header("x-claude-code-parent-agent-id") is None
    assert inner.header("x-claude-code-parent-agent-id") == outer.header("x-claude-code-agent-id")
    assert ["cc_is_subagent=true;" in system_text(request, 0) for request in (main, outer, inner)] == [
        False,
        True,
        True,
    ]
    assert system_text(outer, 2).startswith("You delegate.\n")
    assert user_texts(outer)[-1] == "Have it done."
    assert user_texts(inner)[-1] == "Do it."


def test_every_call_of_the_main_loop_is_a_streaming_post_with_betas(
    direct: ClaudeCode, upstream: ScriptedUpstream
) -> None:
    upstream.answer(streamed(Text("Here.")))

    direct.run("Where?")

    [request] = upstream.requests
    assert (request.method, request.target) == ("POST", "/v1/messages?beta=true")
    assert request.json()["stream"] is True
    assert request.header("anthropic-version") == "2023-06-01"
    assert "claude-code-20250219" in str(request.header("anthropic-beta")).split(",")
    # The last message is not the user's: the client closes the first turn with one of the role `system`.
    assert [message["role"] for message in request.json()["messages"]] == ["user", "system"]


@pytest.mark.parametrize(
    ("environment", "headers"),
    [
        ({"ANTHROPIC_API_KEY": API_KEY}, {"x-api-key": API_KEY}),
        ({"ANTHROPIC_AUTH_TOKEN": "a-token"}, {"authorization": "Bearer a-token"}),
        ({"CLAUDE_CODE_OAUTH_TOKEN": OAUTH_TOKEN}, {"authorization": f"Bearer {OAUTH_TOKEN}"}),
        (
            {"CLAUDE_CODE_OAUTH_TOKEN": OAUTH_TOKEN, "ANTHROPIC_CUSTOM_HEADERS": "x-gateway-key: a-key"},
            {"authorization": f"Bearer {OAUTH_TOKEN}", "x-gateway-key": "a-key"},
        ),
    ],
    ids=["api key", "auth token", "subscription", "subscription and gateway key"],
)
def test_each_way_to_sign_in_has_its_header(
    direct: ClaudeCode, upstream: ScriptedUpstream, environment: dict[str, str], headers: dict[str, str]
) -> None:
    direct.environment.update({"ANTHROPIC_API_KEY": ""} | environment)
    upstream.answer(streamed(Text("Welcome.")))

    direct.run("Let me in.")

    names = ("x-api-key", "authorization", "x-gateway-key")
    found = {name: upstream.requests[0].header(name) for name in names}
    assert {name: value for name, value in found.items() if value is not None} == headers


def session_in_metadata(request: RecordedRequest) -> str:
    return str(json.loads(request.json()["metadata"]["user_id"])["session_id"])


def system_text(request: RecordedRequest, index: int) -> str:
    return str(request.json()["system"][index]["text"])


def user_texts(request: RecordedRequest) -> list[str]:
    """The texts of all messages of the role `user`; one may be a plain string or a list of blocks."""
    contents = [message["content"] for message in request.json()["messages"] if message["role"] == "user"]
    blocks = [[{"text": content}] if isinstance(content, str) else content for content in contents]
    return [block["text"] for content in blocks for block in content]
