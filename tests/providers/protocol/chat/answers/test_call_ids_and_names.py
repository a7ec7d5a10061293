"""The ids and names under which tool calls are given out."""

from __future__ import annotations

import re

import pytest

from providers.protocol.chat.tool_ids import ToolIds, to_client, to_upstream
from tests.providers.protocol.chat.answers.answering import (
    call,
    context,
    finished,
)
from tests.providers.protocol.chat.answers.calling import BASH_LS, BOTH, READ_A, calls_of, ids_of, whole


@pytest.mark.parametrize("upstream_id", ["call_1", "toolu_1", "chatcmpl-tool-9f"])
def test_an_id_is_kept(upstream_id: str) -> None:
    assert ids_of(finished(call(whole("Read", "{}", index=0, id=upstream_id)))) == [upstream_id]


def test_an_id_of_the_history_is_not_used_again() -> None:
    answer = finished(call(READ_A), context=context(used_tool_ids=frozenset({"call_1", "toolu_0123_1"})))
    assert ids_of(answer) == ["toolu_0123_2"]


def test_two_calls_with_one_id_get_two_ids() -> None:
    answer = finished(call(READ_A), call(BASH_LS.replace("call_2", "call_1")))
    assert calls_of(answer) == BOTH
    assert ids_of(answer) == ["call_1", "toolu_0123_1"]


@pytest.mark.parametrize("message_id", ["msg_" + "ab" * 16, "msg_a/b c", "", "日本"])
def test_an_id_that_is_made_is_one_that_every_api_takes(message_id: str) -> None:
    made = ToolIds(message_id, frozenset()).claim("")
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", made)


@pytest.mark.parametrize("upstream_id", ["functions.Bash:0", "a b", "日本", "toolu_b64_x", "call_1"])
def test_an_id_that_the_client_may_not_have_comes_back_to_the_upstream_as_it_was(upstream_id: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9_-]+", to_client(upstream_id))
    assert to_upstream(to_client(upstream_id)) == upstream_id


@pytest.mark.parametrize(
    "client_id", ["toolu_b64_", "toolu_b64_x", "toolu_b64_____", "toolu_b64_Y2FsbA", "toolu_01abc"]
)
def test_an_id_that_only_looks_rewritten_goes_upstream_as_it_is(client_id: str) -> None:
    assert to_upstream(client_id) == client_id


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        pytest.param("Bash", "Bash", id="as declared"),
        pytest.param("bash", "Bash", id="another case"),
        pytest.param("default_api:Bash", "Bash", id="a prefix with a colon"),
        pytest.param("functions.Bash", "Bash", id="a prefix with a dot"),
        pytest.param("default_api.functions.bash", "Bash", id="prefixes and another case"),
        pytest.param("mcp__x__a_very_lo_1a2b3c", "mcp__x__a_very_long_name", id="shortened"),
        pytest.param("mcp__x__a_very_long_name", "mcp__x__a_very_long_name", id="not shortened"),
        pytest.param("get.v2", "get.v2", id="a dot of its own"),
        pytest.param("note", "note", id="exact before another case"),
        pytest.param("NOTE", "NOTE", id="two that differ in their case only"),
        pytest.param("Other", "Other", id="not declared"),
    ],
)
def test_a_name_is_given_out_as_the_client_declared_it(written: str, declared: str) -> None:
    names = ["Bash", "get.v2", "Note", "note"]
    tools = dict(zip(names, names, strict=True)) | {"mcp__x__a_very_lo_1a2b3c": "mcp__x__a_very_long_name"}
    answer = finished(call(whole(written, "{}", index=0, id="call_1")), context=context(declared_tools=tools))
    assert [name for name, _ in calls_of(answer)] == [declared]


def test_a_tool_that_was_not_offered_is_noted() -> None:
    answer = finished(call(whole("Write", "{}", index=0)))
    assert answer.notes == ["The model called a tool that it was not offered: Write"]
