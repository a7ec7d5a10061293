"""Claude Code through the gateway: what it prints, what the upstream gets, what the log holds."""

from __future__ import annotations

import json
from typing import Any

from tests.support.anthropic_api import events, overloaded, streamed, whole
from tests.support.anthropic_stream import Text, Thinking, ToolUse, Usage, stream
from tests.support.claude_code import API_KEY, ClaudeCode, Run, kill
from tests.support.gateway import RunningGateway
from tests.support.log_reader import Row
from tests.support.loop_thread import Gate
from tests.support.passthrough import assert_requests_unchanged, assert_responses_unchanged
from tests.support.scripted_response import Cut, Response
from tests.support.upstream import RecordedRequest, ScriptedUpstream
from tests.support.waiting import wait_until
from tests.support.wiretap import Wiretap

TIDE = Usage(input_tokens=120, output_tokens=34, cache_read=5600, cache_write_5m=780, cache_write_1h=90)


def test_a_plain_answer_is_printed_and_logged(
    claude: ClaudeCode, upstream: ScriptedUpstream, gateway: RunningGateway, tap: Wiretap
) -> None:
    upstream.answer(streamed(Thinking("The table says low."), Text("The tide is low."), usage=TIDE))

    run = claude.run("How is the tide?")

    assert (run.exit_code, run.result["result"], run.stderr) == (0, "The tide is low.", "")
    assert_requests_unchanged(tap, upstream)
    assert_responses_unchanged(tap, upstream)
    [entry] = gateway.log_entries(1)
    assert_matches(entry, upstream.requests[0], run)
    assert tokens(entry) == TIDE
    assert (entry["outcome"], entry["status"], entry["stop_reason"]) == ("completed", 200, "end_turn")
    assert (entry["agent_id"], entry["parent_agent_id"], entry["tools_called"]) == ("", "", [])
    assert entry["received_at"] <= entry["upstream_answered_at"] <= entry["first_token_at"] <= entry["finished_at"]


def test_the_log_keeps_both_bodies_to_the_byte_and_no_credential(
    claude: ClaudeCode, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    answer = streamed(Text("All is logged."))
    upstream.answer(answer)

    claude.run("Remember this.")

    [entry] = gateway.log_entries(1)
    assert gateway.log.body(entry, "request") == upstream.requests[0].body
    assert gateway.log.body(entry, "response") == answer.body()
    message = json.loads(gateway.log.body(entry, "message") or b"{}")
    assert message["content"] == [{"type": "text", "text": "All is logged."}]
    assert upstream.requests[0].header("x-api-key") == API_KEY
    logged = dict(gateway.log.headers(entry, "request_headers"))
    assert logged["x-api-key"].startswith("[redacted ")
    assert logged["user-agent"].startswith("claude-cli/")


def test_a_tool_that_the_upstream_asks_for_really_runs(
    claude: ClaudeCode, upstream: ScriptedUpstream, gateway: RunningGateway, tap: Wiretap
) -> None:
    claude.work.joinpath("note.txt").write_text("the sea is calm\n")
    write = ToolUse("Bash", {"command": "echo from the tool | tee made.txt", "description": "Write a file"})
    read = ToolUse("Read", {"file_path": str(claude.work / "note.txt")})
    upstream.answer(streamed(Text("I look."), write, read), streamed(Text("Calm, it says.")))

    run = claude.run("Look at the note.")

    assert claude.work.joinpath("made.txt").read_text() == "from the tool\n"
    assert run.texts() == ["I look.", "Calm, it says."]
    results = {
        block["tool_use_id"]: block["content"] for block in upstream.requests[1].json()["messages"][-1]["content"]
    }
    assert results[write.id] == "from the tool"
    assert "the sea is calm" in results[read.id]
    assert_requests_unchanged(tap, upstream)
    assert_responses_unchanged(tap, upstream)
    asked, answered = gateway.log_entries(2)
    assert (asked["stop_reason"], asked["tools_called"]) == ("tool_use", ["Bash", "Read"])
    assert (answered["stop_reason"], answered["tools_called"]) == ("end_turn", [])
    assert asked["session_id"] == answered["session_id"] == run.session_id


def test_two_parallel_subagents_each_get_their_own_answer(
    claude: ClaudeCode, upstream: ScriptedUpstream, gateway: RunningGateway, tap: Wiretap
) -> None:
    claude.define_agent("scout", "You look for things.")
    claude.define_agent("critic", "You find faults.")
    scout, critic = agent_call("scout", "Find the harbour."), agent_call("critic", "Find the fault.")
    critic_called = Gate()

    def script(request: RecordedRequest) -> Response:
        if prompt_of(request) == "Find the fault.":
            critic_called.open()
            return streamed(Text("A fault in the hull."), usage=Usage(300, 30))
        if prompt_of(request) == "Find the harbour.":
            # Answered only when the other one has asked: agents that do not run side by side would wait for ever.
            return streamed(Text("A harbour in the north."), usage=Usage(200, 20)).held(critic_called)
        if request.json()["messages"][-1]["role"] == "system":
            return streamed(Text("I send two."), scout, critic, usage=Usage(100, 10))
        return streamed(Text("Both are back."), usage=Usage(400, 40))

    upstream.answer_by(script)
    run = claude.run("Send two agents.")

    assert run.result["result"] == "Both are back."
    reports = {block["tool_use_id"]: block["content"][0]["text"] for block in run.tool_results()}
    assert "A harbour in the north." in reports[scout.id]
    assert "A fault in the hull." in reports[critic.id]
    assert_requests_unchanged(tap, upstream)
    assert_responses_unchanged(tap, upstream)
    entries = {entry["input_tokens"]: entry for entry in gateway.log_entries(4)}
    assert {entry["session_id"] for entry in entries.values()} == {run.session_id}
    assert entries[100]["tools_called"] == ["Agent", "Agent"]
    assert entries[100]["agent_id"] == entries[400]["agent_id"] == ""
    agent_ids = {prompt_of(request): request.header("x-claude-code-agent-id") for request in upstream.requests}
    assert entries[200]["agent_id"] == agent_ids["Find the harbour."]
    assert entries[300]["agent_id"] == agent_ids["Find the fault."]
    assert entries[200]["agent_id"] != entries[300]["agent_id"]


def test_a_subagent_of_a_subagent_is_logged_with_its_parent(
    claude: ClaudeCode, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    claude.define_agent("outer", "You delegate.", tools="Agent, Read")
    claude.define_agent("inner", "You do the work.")
    upstream.answer(
        streamed(agent_call("outer", "Have it done.")),
        streamed(agent_call("inner", "Do it.")),
        streamed(Text("It is done.")),
        streamed(Text("They did it.")),
        streamed(Text("Done by others.")),
    )

    run = claude.run("Get it done.")

    assert run.result["result"] == "Done by others."
    main, outer, inner, outer_again, main_again = gateway.log_entries(5)
    assert main["agent_id"] == main_again["agent_id"] == ""
    assert outer["agent_id"] == outer_again["agent_id"] != ""
    assert (outer["parent_agent_id"], inner["parent_agent_id"]) == ("", outer["agent_id"])
    assert inner["agent_id"] not in ("", outer["agent_id"])


def test_an_overloaded_upstream_is_asked_again_by_the_client(
    claude: ClaudeCode, upstream: ScriptedUpstream, gateway: RunningGateway, tap: Wiretap
) -> None:
    upstream.answer(overloaded(), streamed(Text("Now it works.")))

    run = claude.run("Try it.")

    assert run.result["result"] == "Now it works."
    assert [event["error_status"] for event in run.of_type("system", "api_retry")] == [529]
    assert_requests_unchanged(tap, upstream)
    assert_responses_unchanged(tap, upstream)
    failed, succeeded = gateway.log_entries(2)
    assert (failed["status"], failed["outcome"]) == (529, "upstream_failed")
    assert (failed["error_type"], failed["error_message"]) == ("overloaded_error", "Overloaded")
    assert [attempt["status"] for attempt in failed["attempts"]] == [529]
    assert (succeeded["status"], succeeded["outcome"], succeeded["error_type"]) == (200, "completed", "")


def test_a_stream_cut_in_a_block_reaches_the_client_as_an_error_and_is_asked_again_whole(
    claude: ClaudeCode, upstream: ScriptedUpstream, gateway: RunningGateway, tap: Wiretap
) -> None:
    """The client answers an `error` event before the first whole block by asking the same again without streaming."""
    first_half = stream(Text("The first half is lost."))[:6]
    upstream.answer(events([*first_half, Cut.CLOSE]), whole(Text("The whole of it."), usage=TIDE))

    run = claude.run("Tell me all.")

    assert run.texts() == ["The whole of it."]
    assert_requests_unchanged(tap, upstream)
    assert [request.json().get("stream") for request in upstream.requests] == [True, False]
    assert_ends_with_error_event(tap, b"".join(first_half))
    broken, repeated = gateway.log_entries(2)
    assert (broken["status"], broken["outcome"], broken["error_type"]) == (200, "upstream_failed", "api_error")
    assert broken["input_tokens"] == 12
    assert (broken["streamed"], repeated["streamed"]) == (True, False)
    assert (repeated["outcome"], tokens(repeated)) == ("completed", TIDE)


def test_a_tool_call_that_was_whole_before_the_cut_runs_once(
    claude: ClaudeCode, upstream: ScriptedUpstream, gateway: RunningGateway, tap: Wiretap
) -> None:
    append = ToolUse("Bash", {"command": "echo once >> made.txt", "description": "Append a line"})
    sent = stream(Text("I write."), append)
    upstream.answer(events([*sent[:-2], Cut.CLOSE, *sent[-2:]]), streamed(Text("Written.")))

    run = claude.run("Write a line.")

    assert claude.work.joinpath("made.txt").read_text() == "once\n"
    assert run.result["result"] == "Written."
    assert_requests_unchanged(tap, upstream)
    assert_ends_with_error_event(tap, b"".join(sent[:-2]))
    broken, completed = gateway.log_entries(2)
    assert (broken["outcome"], broken["tools_called"]) == ("upstream_failed", ["Bash"])
    assert completed["outcome"] == "completed"


def test_a_client_that_is_killed_in_a_stream_frees_the_upstream_within_a_second(
    claude: ClaudeCode, upstream: ScriptedUpstream, gateway: RunningGateway, tap: Wiretap
) -> None:
    begun, never = stream(Text("It goes on and on."))[:6], Gate()
    upstream.answer(events([*begun, never]))

    with claude.start("Talk to me.") as process:
        [request] = upstream.wait_for_requests(1)
        wait_until(lambda: tap.connections and begun[-1] in tap.connections[0].received, what="the stream's beginning")
        kill(process)

        assert request.client_closed.wait(1)
    [entry] = gateway.log_entries(1)
    assert (entry["status"], entry["outcome"], entry["input_tokens"]) == (200, "client_left", 12)


def agent_call(name: str, prompt: str) -> ToolUse:
    call = {"description": f"Ask {name}", "prompt": prompt, "subagent_type": name, "run_in_background": False}
    return ToolUse("Agent", call)


def prompt_of(request: RecordedRequest) -> str:
    """What the user or the parent agent asked first."""
    content = request.json()["messages"][0]["content"]
    return str(content if isinstance(content, str) else content[-1]["text"])


def tokens(entry: Row) -> Usage:
    names = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
    return Usage(*(entry[f"{name}_tokens"] for name in names))


def assert_matches(entry: Row, request: RecordedRequest, run: Run) -> None:
    """The entry tells of the request what the request itself tells."""
    body = request.json()
    expected: dict[str, Any] = {
        "method": "POST",
        "path": "/v1/messages?beta=true",
        "session_id": run.session_id,
        "user_agent": request.header("user-agent"),
        "requested_model": body["model"],
        "routed_model": body["model"],
        "provider": "anthropic",
        "wire_format": "anthropic",
        "streamed": True,
        "message_count": len(body["messages"]),
        "tools_offered": len(body["tools"]),
        "request_bytes": len(request.body),
        "upstream_request_id": dict(request.response.headers)["request-id"] if request.response else None,
        "client_address": "127.0.0.1",
    }
    assert {name: entry[name] for name in expected} == expected
    assert [attempt["status"] for attempt in entry["attempts"]] == [200]


def assert_ends_with_error_event(tap: Wiretap, sent_before: bytes) -> None:
    """The first response holds what the upstream sent, then an error in the API's shape."""
    response = tap.exchanges()[0].response
    assert response is not None
    assert response.body.startswith(sent_before)
    [error] = response.body.removeprefix(sent_before).strip().split(b"\n\n")
    name, _, data = error.partition(b"\n")
    assert name == b"event: error"
    assert json.loads(data.removeprefix(b"data: "))["error"]["type"] == "api_error"
