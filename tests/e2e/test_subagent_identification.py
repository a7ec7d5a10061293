"""Who calls, asked of the pinned client itself: what identification takes for granted about prompts and tool calls."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from providers.protocol.messages_request import read_facts
from routing.definition_files import scan_folders
from routing.identification.announcements import AnnouncedAgent, announced_agents
from routing.identification.callers import Caller, CallKind, read_caller
from routing.identification.prompts import fingerprint_of_body
from routing.identification.spawns import Spawn, SpawnWatcher
from tests.support.anthropic_api import streamed
from tests.support.anthropic_stream import Text, ToolUse
from tests.support.claude_code import ClaudeCode
from tests.support.scripted_response import Response
from tests.support.upstream import RecordedRequest, ScriptedUpstream

CAPTAIN = "You steer.\n\nNotes:\n- mind the sea\n\n---\n\nNever sleep."
LOOKOUT = "You steer.\n\nNotes:\n- mind the rocks"
PROMPTS = {
    "captain": "  Steer north.\n\nThen east. \n",
    "lookout": "Look out.\r\nAll night.",
    "Explore": "Find the harbour “Ålesund” — \U0001f600.",
    "Plan": "Plan the way.",
    "": "Do the rest.",
}


@dataclass(frozen=True)
class Session:
    """What a session of the client told: its calls by the name that the tool calls had for their prompts."""

    folder: Path
    main: list[Caller]
    agents: dict[str, list[Caller]]
    announced: list[AnnouncedAgent]


def agent_call(name: str, prompt: str) -> ToolUse:
    call = {"description": "Ask", "prompt": prompt, "run_in_background": False}
    return ToolUse("Agent", call | ({"subagent_type": name} if name else {}))


def callers(upstream: ScriptedUpstream) -> list[Caller]:
    return [caller_of(request) for request in upstream.requests]


def caller_of(request: RecordedRequest) -> Caller:
    headers = [(name.lower().encode(), value.encode()) for name, value in request.headers]
    return read_caller(headers, read_facts(request.body))


def spawned_by(requests: list[RecordedRequest]) -> list[Spawn]:
    """What the watchers of the requests' answers find, fed event by event."""
    bodies = [(SpawnWatcher(), request.response.steps) for request in requests if request.response]
    return [spawn for watcher, steps in bodies for step in steps for spawn in watcher.feed(bytes(step))]  # type: ignore[arg-type]


def session(upstream: ScriptedUpstream, folder: Path, model: str) -> Session:
    """One run with every agent of `PROMPTS` at the same time, the captain asking the lookout in between."""
    client = ClaudeCode(upstream.base_url, folder, {"ANTHROPIC_MODEL": model})
    client.define_agent("captain", CAPTAIN, tools="Read, Agent")
    (client.work / ".claude/agents/lookout.md").write_bytes(
        b"\xef\xbb\xbf---\r\nname: lookout\r\ndescription: Looks out.\r\ntools: Read\r\n---\r\n\r\n"
        + LOOKOUT.replace("\n", "  \r\n").encode()
        + b"\r\n\r\n"
    )

    def script(request: RecordedRequest) -> Response:
        caller = caller_of(request)
        if any(message["role"] == "assistant" for message in request.json()["messages"]):
            return streamed(Text("Done."))
        if caller.kind is CallKind.MAIN_LOOP:
            return streamed(Text("I send them."), *(agent_call(name, prompt) for name, prompt in PROMPTS.items()))
        if caller.fingerprint == fingerprint_of_body(CAPTAIN):
            return streamed(agent_call("lookout", "Look ahead."))
        return streamed(Text("Done."))

    upstream.reset()
    upstream.answer_by(script)
    client.run("Have it done.")
    return read_session(upstream, client.work)


def read_session(upstream: ScriptedUpstream, folder: Path) -> Session:
    calls = callers(upstream)
    names = {spawn.prompt_digest: spawn.name for spawn in spawned_by(upstream.requests)}
    agents: dict[str, list[Caller]] = defaultdict(list)
    for caller in calls:
        agents[caller.agent_id].append(caller)
    main = agents.pop("", [])
    by_name: dict[str, list[Caller]] = defaultdict(list)
    for first, *later in agents.values():
        [name] = {names.get(digest, "nobody") for digest in first.prompt_digests}
        by_name[name] += [first, *later]
    return Session(folder, main, dict(by_name), announced_agents(upstream.requests[0].body))


@pytest.fixture(scope="module")
def sessions(
    client_is_installed: None, scripted_upstream: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory
) -> list[Session]:
    """Two projects, two models: one gets its environment in a system message, the other in the user's."""
    folders = [tmp_path_factory.mktemp("boats"), tmp_path_factory.mktemp("another-project")]
    models = ["claude-opus-5-5", "claude-haiku-4-5-20251001"]
    return [session(scripted_upstream, folder, model) for folder, model in zip(folders, models, strict=True)]


def test_every_agents_first_call_is_found_by_the_tool_call_that_started_it(sessions: list[Session]) -> None:
    for each in sessions:
        assert each.agents.keys() == {"captain", "lookout", "Explore", "Plan", "general-purpose"}
        assert [len({call.agent_id for call in calls}) for calls in each.agents.values()].count(2) == 1  # the lookout


def test_an_agent_has_one_fingerprint_in_all_its_calls_and_projects(sessions: list[Session]) -> None:
    prints = {
        name: {call.fingerprint for each in sessions for call in each.agents[name]} for name in sessions[0].agents
    }
    assert {name: len(found) for name, found in prints.items()} == dict.fromkeys(prints, 1)
    assert len(set.union(*prints.values())) == len(prints)
    assert prints["captain"] == {fingerprint_of_body(CAPTAIN)}


def test_the_prompts_that_differ_from_project_to_project_are_really_different(sessions: list[Session]) -> None:
    one, other = (each.agents["captain"][0].prompt for each in sessions)
    assert one != other


def test_definition_files_tell_the_names_of_their_agents(sessions: list[Session]) -> None:
    for each in sessions:
        found = scan_folders([each.folder / ".claude/agents"])
        assert found.problems == ()
        for name in ("captain", "lookout"):
            assert {found.names.get(call.fingerprint) for call in each.agents[name]} == {name}
        assert {found.names.get(call.fingerprint) for call in each.agents["Explore"]} == {None}


def test_the_main_loop_has_no_fingerprint_and_may_start_agents(sessions: list[Session]) -> None:
    for each in sessions:
        assert {call.kind for call in each.main} == {CallKind.MAIN_LOOP}
        assert {(call.fingerprint, call.prompt_digests) for call in each.main} == {("", ())}
        assert all(call.offers_agent_tool for call in each.main)


def test_an_agent_that_an_agent_has_started_names_its_parent(sessions: list[Session]) -> None:
    for each in sessions:
        [captain] = {call.agent_id for call in each.agents["captain"]}
        assert {call.parent_agent_id for call in each.agents["lookout"]} == {"", captain}
        assert len({call.session_id for calls in each.agents.values() for call in calls}) == 1


def test_the_agents_that_exist_are_announced(sessions: list[Session]) -> None:
    for each in sessions:
        announced = {agent.name: agent.description for agent in each.announced}
        assert announced.keys() >= {"captain", "lookout", "Explore", "Plan", "general-purpose"}
        assert announced["lookout"] == "Looks out."


@pytest.fixture
def direct(client_is_installed: None, upstream: ScriptedUpstream, tmp_path: Path) -> ClaudeCode:
    return ClaudeCode(upstream.base_url, tmp_path)


def test_an_agent_that_starts_with_a_skill_is_found_as_well(direct: ClaudeCode, upstream: ScriptedUpstream) -> None:
    direct.define_agent("sailor", "You sail.")
    definition = direct.work / ".claude/agents/sailor.md"
    definition.write_text(definition.read_text().replace("tools: Read", "skills: knots"))
    skill = direct.work / ".claude/skills/knots/SKILL.md"
    skill.parent.mkdir(parents=True)
    skill.write_text("---\nname: knots\ndescription: How to tie knots.\n---\nTie them well.\n")
    upstream.answer(streamed(agent_call("sailor", "Sail.")), streamed(Text("Sailed.")), streamed(Text("Done.")))

    direct.run("Have it done.")

    main, sailor, _ = upstream.requests
    [spawn] = spawned_by([main])
    digests = caller_of(sailor).prompt_digests
    assert (spawn.name, spawn.prompt_digest in digests, len(digests)) == ("sailor", True, 3)


def test_a_fork_is_a_subagent_without_a_prompt_of_its_own(direct: ClaudeCode, upstream: ScriptedUpstream) -> None:
    direct.environment["CLAUDE_CODE_FORK_SUBAGENT"] = "1"
    upstream.answer_by(
        lambda request: (
            streamed(Text("Done."))
            if any(message["role"] == "assistant" for message in request.json()["messages"])
            else streamed(agent_call("fork", "Go on."))
        )
    )

    direct.run("Have it done.")

    [fork] = [caller for caller in callers(upstream) if caller.agent_id]
    assert (fork.kind, fork.is_fork, fork.fingerprint) == (CallKind.SUBAGENT, True, "")
