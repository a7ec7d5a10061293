"""The agents that clients tell of: read once, from requests that may be megabytes long."""

from __future__ import annotations

import json
from typing import Any

from gateway.subagents.announcements import LOOK_SECONDS, WAITING, Announcements
from providers.protocol.messages_request import read_facts
from routing.identification.announcements import AnnouncedAgent

SCOUT = AnnouncedAgent("scout", "Looks around.")
COOK = AnnouncedAgent("cook", "Cooks.")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def listed(*agents: AnnouncedAgent) -> str:
    lines = [f"- {agent.name}: {agent.description} (Tools: *)" for agent in agents]
    return "\n".join(["Available agent types for the Agent tool:", *lines, ""])


def request(*agents: AnnouncedAgent, **fields: Any) -> bytes:
    messages = [{"role": "user", "content": "Hi."}, {"role": "system", "content": listed(*agents)}]
    return json.dumps({"model": "m", "messages": messages} | fields).encode()


def look(announcements: Announcements, body: bytes, session: str = "s") -> list[AnnouncedAgent]:
    announcements.look_at(session, body, read_facts(body))
    return announcements.take()


def test_the_agents_of_a_sessions_first_request_are_told() -> None:
    assert look(Announcements(), request(SCOUT, COOK)) == [SCOUT, COOK]


def test_older_clients_tell_them_in_the_tools_description() -> None:
    tools = [{"name": "Task", "description": listed(SCOUT)}]
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi."}], "tools": tools}).encode()
    assert look(Announcements(), body) == [SCOUT]


def test_the_same_list_is_told_once_whichever_session_it_comes_from() -> None:
    announcements = Announcements()
    assert look(announcements, request(SCOUT), "one") == [SCOUT]
    assert look(announcements, request(SCOUT, max_tokens=5), "other") == []
    assert look(announcements, request(SCOUT, COOK), "third") == [SCOUT, COOK]


def test_a_session_is_not_looked_at_again_for_a_while() -> None:
    clock = Clock()
    announcements = Announcements(clock)
    assert look(announcements, request(SCOUT)) == [SCOUT]
    assert look(announcements, request(COOK)) == []
    clock.now += LOOK_SECONDS
    assert look(announcements, request(COOK)) == [COOK]


def test_requests_that_find_no_room_are_looked_at_the_next_time() -> None:
    announcements = Announcements()
    plain = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi."}]}).encode()
    for number in range(WAITING):
        announcements.look_at(f"s{number}", plain, read_facts(plain))
    body = request(SCOUT)
    announcements.look_at("s", body, read_facts(body))
    assert announcements.take() == []
    assert look(announcements, body) == [SCOUT]
