"""The parent's call in one worker process, the subagent's in another; with SQLite and with PostgreSQL."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from tests.gateway.subagents.clients import SESSION, agent_request, main_request
from tests.requestlog.postgresql import PostgreSQL
from tests.support.anthropic_api import streamed, whole
from tests.support.anthropic_stream import Text, ToolUse
from tests.support.gateway import RunningGateway
from tests.support.http_client import JSON, HttpClient
from tests.support.log_reader import Row
from tests.support.scripted_response import Response
from tests.support.upstream import RecordedRequest, ScriptedUpstream
from tests.support.waiting import wait_until

AGENTS = 12
_numbers = itertools.count()
_COUNTS = """
import json
from routing.models import Subagent, SubagentFingerprint
agents = {agent.name: agent.requests for agent in Subagent.objects.all()}
prompts = {row.subagent.name if row.subagent else "": row.source for row in SubagentFingerprint.objects.all()}
print(json.dumps([agents, prompts]))
"""


def spawning(request: RecordedRequest) -> Response:
    """The main loop starts as many agents as its prompt says; agents answer with a word."""
    if request.header("x-claude-code-agent-id"):
        return streamed(Text("Done."))
    number = request.json()["max_tokens"]
    call = ToolUse("Agent", {"description": "Ask", "prompt": f"Do {number}.", "subagent_type": f"agent-{number}"})
    return streamed(call) if request.json()["stream"] else whole(call)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def two_workers(
    request: pytest.FixtureRequest, scripted_upstream: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    with ExitStack() as stack:
        settings = {"WORKERS": "2"}
        if request.param == "postgresql":
            server = PostgreSQL()
            stack.callback(server.remove)
            with psycopg.connect(server.url(), autocommit=True) as connection:
                connection.execute("CREATE DATABASE gateway")
            settings["DATABASE_URL"] = server.url("gateway")
        folder = tmp_path_factory.mktemp("two-workers")
        yield stack.enter_context(RunningGateway(folder, scripted_upstream.address, **settings))


@pytest.fixture
def connections(two_workers: RunningGateway, upstream: ScriptedUpstream) -> Iterator[list[HttpClient]]:
    """One connection to each of the two workers."""
    upstream.answer_by(spawning)
    with ExitStack() as stack:
        by_worker: dict[str, HttpClient] = {}
        for _ in range(100):
            client = stack.enter_context(HttpClient(two_workers.port))
            by_worker.setdefault(worker_of(two_workers, client), client)
            if len(by_worker) == 2:
                break
        assert len(by_worker) == 2, "all connections lead to one worker"
        yield list(by_worker.values())


def worker_of(gateway: RunningGateway, client: HttpClient) -> str:
    session = f"probe-{next(_numbers)}"
    ask(client, main_request(max_tokens=0), session=session)
    return str(wait_until(lambda: [e for e in gateway.log.entries() if e["session_id"] == session])[0]["worker"])


def ask(client: HttpClient, body: bytes, agent_id: str = "", session: str = SESSION) -> None:
    headers = [JSON, ("x-claude-code-session-id", session)]
    headers += [("x-claude-code-agent-id", agent_id)] if agent_id else []
    assert client.ask("POST", "/v1/messages", body, headers).status == 200


def entries_of(gateway: RunningGateway, session: str, count: int) -> list[Row]:
    """The session's finished entries of subagents."""

    def found() -> list[Row]:
        entries = [entry for entry in gateway.log.entries() if entry["session_id"] == session and entry["agent_id"]]
        done = [entry for entry in entries if entry["outcome"] == "completed"]
        return done if len(done) >= count else []

    return wait_until(found, what=f"{count} entries of subagents")


def known(gateway: RunningGateway) -> tuple[dict[str, int], dict[str, str]]:
    agents, prompts = json.loads(gateway.shell(_COUNTS))
    return agents, prompts


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_a_subagent_is_named_in_the_process_that_does_not_serve_its_parent(
    two_workers: RunningGateway, connections: list[HttpClient], stream: bool
) -> None:
    """Each agent is new, so that nothing but the launch can tell its name."""
    parent, child = connections
    session = f"{SESSION}-{stream}"
    numbers = range(1, AGENTS) if stream else range(AGENTS, 2 * AGENTS)
    for number in numbers:
        ask(parent, main_request(max_tokens=number, stream=stream), session=session)
        ask(child, agent_request(f"You are number {number}.", f"Do {number}."), f"a{number}", session)

    entries = entries_of(two_workers, session, len(numbers))
    assert [(entry["subagent"], entry["subagent_known_by"]) for entry in entries] == [
        (f"agent-{number}", "launched") for number in numbers
    ]
    parents = [e for e in two_workers.log.entries() if e["session_id"] == session and not e["agent_id"]]
    assert len({entry["worker"] for entry in entries} | {entry["worker"] for entry in parents}) == 2


def test_counts_of_both_processes_add_up_and_a_learned_prompt_is_known_in_both(
    two_workers: RunningGateway, connections: list[HttpClient]
) -> None:
    parent, child = connections
    ask(parent, main_request(max_tokens=100), session="counted")
    ask(parent, agent_request("You count.", "Do 100."), "a100", "counted")
    wait_until(lambda: known(two_workers)[1].get("agent-100"), what="the prompt to be learned")
    for number, client in enumerate([child, parent, child]):
        ask(client, agent_request("You count.", "Unseen.", later=True), f"b{number}", "elsewhere")

    entries = entries_of(two_workers, "elsewhere", 3)
    assert {(entry["subagent"], entry["subagent_known_by"]) for entry in entries} == {("agent-100", "fingerprint")}
    wait_until(lambda: known(two_workers)[0]["agent-100"] == 4, what="four requests to be counted")


def test_entries_get_the_name_that_another_process_learns_later(
    two_workers: RunningGateway, connections: list[HttpClient]
) -> None:
    one, other = connections
    ask(one, agent_request("You are new here.", "Unseen.", later=True), "c1", "named-later")
    [unnamed] = entries_of(two_workers, "named-later", 1)
    assert (unnamed["subagent"], unnamed["call_kind"]) == ("", "subagent")
    ask(other, main_request(max_tokens=200), session="named-later")
    ask(other, agent_request("You are new here.", "Do 200."), "c2", "named-later")

    def named() -> Any:
        return {entry["agent_id"]: entry["subagent"] for entry in entries_of(two_workers, "named-later", 2)}

    wait_until(lambda: named() == {"c1": "agent-200", "c2": "agent-200"}, 20, "the first entry to get its name")
    later = next(entry for entry in two_workers.log.entries() if entry["id"] == unnamed["id"])
    assert later == unnamed | {"subagent": "agent-200", "subagent_known_by": "fingerprint"}


def test_a_stop_writes_what_is_pending(
    scripted_upstream: ScriptedUpstream, upstream: ScriptedUpstream, tmp_path: Any
) -> None:
    upstream.answer_by(spawning)
    gateway = RunningGateway(tmp_path, scripted_upstream.address)
    with gateway, HttpClient(gateway.port) as client:
        ask(client, main_request(max_tokens=7))
        ask(client, agent_request("You are number 7.", "Do 7."), "a7")
    assert known(gateway)[0] == {"agent-7": 1}
    assert "Traceback" not in gateway.output()
