from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.identification.announcements import AnnouncedAgent, announced_agents, may_announce_agents
from tests.routing.identification.client import request, user

ENTRIES = """- code-reviewer: Reviews code: every line. (Tools: Read, Grep)
- boats:Captain: Steers. (Tools: *)
- My Agent: Has (some) brackets. (Tools: All tools except Agent, Edit)
- lists: Says much.

- first: this
- then: that
 (Tools: Read)
"""
AGENTS = [
    AnnouncedAgent("code-reviewer", "Reviews code: every line."),
    AnnouncedAgent("boats:Captain", "Steers."),
    AnnouncedAgent("My Agent", "Has (some) brackets."),
    AnnouncedAgent("lists", "Says much.\n\n- first: this\n- then: that"),
]
LIST = f"Tools came.\n\nAvailable agent types for the Agent tool:\n{ENTRIES}\nWhen you launch many, be quick.\n- x: y"
OLDER_TOOL = {
    "name": "Task",
    "description": f"Starts one.\n\nAvailable agent types and their tools:\n{ENTRIES}\nUse it.",
}

PLACES = {
    "a system message": request("", user("Hi."), {"role": "system", "content": LIST}),
    "a block of a system message": request("", user("Hi."), {"role": "system", "content": [{"text": LIST}]}),
    "a reminder": request("", user(f"<system-reminder>\n{LIST}\n</system-reminder>", "Hi.")),
    "the tool's description": request("", user("Hi.")).replace(
        b'"tools":[', b'"tools":[%s,' % json.dumps(OLDER_TOOL).encode()
    ),
    "the end of a text": request("", user(LIST[: LIST.index("\n\nWhen")])),
}


@pytest.mark.parametrize("body", PLACES.values(), ids=PLACES)
def test_the_agents_are_found_wherever_the_client_lists_them(body: bytes) -> None:
    assert may_announce_agents(body)
    assert announced_agents(body) == AGENTS


def test_agents_that_come_later_are_added_and_a_new_description_counts() -> None:
    news = "New agent types are now available for the Agent tool:\n- late: Comes late. (Tools: *)\n"
    again = "New agent types are now available for the Agent tool:\n- boats:Captain: Sleeps. (Tools: *)\n"
    found = announced_agents(request("", user(LIST), {"role": "system", "content": news}, user(again)))
    assert [agent.name for agent in found] == ["code-reviewer", "boats:Captain", "My Agent", "lists", "late"]
    assert AnnouncedAgent("late", "Comes late.") in found
    assert AnnouncedAgent("boats:Captain", "Sleeps.") in found


@pytest.mark.parametrize(
    "message",
    [
        {"role": "assistant", "content": LIST},
        {"role": "user", "content": [{"type": "tool_result", "content": LIST}]},
        {"role": "user", "content": "The Available agent types for the Agent tool:\n- a: b (Tools: *)"},
        {"role": "user", "content": "No list of agents."},
    ],
)
def test_words_about_agents_announce_none(message: dict[str, Any]) -> None:
    assert announced_agents(request("", message)) == []


@given(st.binary(), st.binary())
def test_no_body_makes_it_fail(before: bytes, after: bytes) -> None:
    announced_agents(before + b"Available agent types" + after)
