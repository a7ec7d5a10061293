"""What Claude Code makes of the failures of an OpenAI-format provider: it recovers, or says what is wrong."""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.converted import assert_logged
from tests.support.claude_code import ClaudeCode, kill
from tests.support.gateway import RunningGateway
from tests.support.loop_thread import Gate
from tests.support.openai_api import (
    OpenAIUpstream,
    context_too_long,
    error,
    events,
    rate_limited,
    streamed,
    tool_results,
    whole,
)
from tests.support.openai_stream import Call, Text, error_event, stream
from tests.support.scripted_response import Cut
from tests.support.waiting import wait_until
from tests.support.wiretap import Wiretap


def test_a_rate_limit_is_waited_for(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway, tap: Wiretap
) -> None:
    openai_upstream.answer(rate_limited("2"), streamed(Text("Now it works.")))

    run = converted.run("Try it.")

    assert run.result["result"] == "Now it works."
    assert [event["error_status"] for event in run.of_type("system", "api_retry")] == [429]
    first, second = openai_upstream.chats
    assert second.received_at - first.received_at >= 2
    [limited, _] = [exchange.response for exchange in tap.exchanges() if exchange.response]
    assert limited.header("retry-after") == "2"
    entries = gateway.log_entries(2)
    assert_logged(gateway, entries, [first, second])
    assert (entries[0]["status"], entries[0]["outcome"]) == (429, "upstream_failed")
    assert entries[0]["error_type"] == "rate_limit_error"
    assert "tokens per min" in entries[0]["error_message"]


def test_a_prompt_that_is_too_long_is_told_in_the_words_that_the_client_knows(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    openai_upstream.answer_by(lambda request: context_too_long())

    run = converted.run("Read all of it.")

    assert run.result["is_error"]
    assert "Prompt is too long" in run.result["result"]
    entries = gateway.log_entries(len(openai_upstream.chats))
    assert_logged(gateway, entries, openai_upstream.chats)
    assert entries[0]["error_message"].startswith("prompt is too long: 130534 tokens > 128000 maximum")
    assert entries[0]["status"] == 400


def test_a_stream_cut_in_a_text_is_asked_again_whole(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway, tap: Wiretap
) -> None:
    """The client answers an `error` event before the first whole block by asking the same again without streaming."""
    first_half = stream(Text("The first half is lost."))[:3]
    openai_upstream.answer(events([*first_half, Cut.CLOSE]), whole(Text("The whole of it.")))

    run = converted.run("Tell me all.")

    assert run.texts() == ["The whole of it."]
    streamed_request, whole_request = openai_upstream.chats
    assert (streamed_request.json()["stream"], whole_request.json().get("stream", False)) == (True, False)
    assert "stream_options" not in whole_request.json()
    assert last_event(tap)["error"]["type"] == "api_error"
    broken, repeated = gateway.log_entries(2)
    assert_logged(gateway, [broken, repeated], openai_upstream.chats)
    assert (broken["status"], broken["outcome"], broken["error_type"]) == (200, "upstream_failed", "api_error")
    assert (repeated["streamed"], repeated["outcome"]) == (False, "completed")


def test_a_tool_call_that_was_whole_before_the_cut_runs_once(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway, tap: Wiretap
) -> None:
    """A call is whole when the next one begins; the client runs it and goes on without the rest."""
    append = Call("Bash", {"command": "echo once >> made.txt", "description": "Append a line"})
    second = Call("Bash", {"command": "echo never >> made.txt", "description": "Append another"})
    sent = stream(Text("I write."), append, second)
    openai_upstream.answer(events([*sent[:-4], Cut.CLOSE]), streamed(Text("Written.")))

    run = converted.run("Write a line.")

    assert converted.work.joinpath("made.txt").read_text() == "once\n"
    assert run.result["result"] == "Written."
    assert tool_results(openai_upstream.chats[1]).keys() == {append.id}
    assert last_event(tap)["type"] == "error"
    broken, completed = gateway.log_entries(2)
    assert_logged(gateway, [broken, completed], openai_upstream.chats)
    assert (broken["outcome"], completed["outcome"]) == ("upstream_failed", "completed")


def test_a_connection_that_breaks_behind_the_answer_costs_nothing_but_the_exact_usage(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    append = Call("Bash", {"command": "echo once >> made.txt", "description": "Append a line"})
    openai_upstream.answer(events([*stream(append)[:-2], Cut.RESET]), streamed(Text("Written."), usage=None))

    run = converted.run("Write a line.")

    assert converted.work.joinpath("made.txt").read_text() == "once\n"
    assert run.result["result"] == "Written."
    for entry in gateway.log_entries(2):
        assert (entry["outcome"], entry["usage_is_estimate"]) == ("completed", True)
        assert entry["input_tokens"] > 1000
        assert entry["output_tokens"] > 0


def test_an_error_in_the_middle_of_a_stream_is_told_and_asked_again(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway, tap: Wiretap
) -> None:
    begun = stream(Text("It begins well"))[:3]
    openai_upstream.answer(
        events([*begun, error_event("The model is overloaded.", code=503)]), whole(Text("Now it works."))
    )

    run = converted.run("Try it.")

    assert run.texts() == ["Now it works."]
    assert "The model is overloaded." in last_event(tap)["error"]["message"]
    failed, repeated = gateway.log_entries(2)
    assert_logged(gateway, [failed, repeated], openai_upstream.chats)
    assert (failed["status"], failed["outcome"]) == (200, "upstream_failed")
    assert "The model is overloaded." in failed["error_message"]


def test_a_stream_that_begins_with_an_error_has_an_honest_status(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    openai_upstream.answer(
        events([error_event("The model is overloaded.", "overloaded", code=503)]), streamed(Text("Now it works."))
    )

    run = converted.run("Try it.")

    assert run.result["result"] == "Now it works."
    [retry] = run.of_type("system", "api_retry")
    failed, _ = gateway.log_entries(2)
    assert retry["error_status"] == failed["status"] in (503, 529)
    assert failed["outcome"] == "upstream_failed"


def test_a_key_that_the_provider_refuses_is_said_in_its_words(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    refusal = error(401, "invalid_request_error", "Incorrect API key provided.", "invalid_api_key")
    openai_upstream.answer_by(lambda request: refusal)

    run = converted.run("Try it.")

    assert run.result["is_error"]
    assert "Incorrect API key provided." in run.result["result"]
    for entry in gateway.log_entries(len(openai_upstream.chats)):
        assert (entry["status"], entry["error_type"]) == (401, "authentication_error")
        assert "Incorrect API key provided." in entry["error_message"]


def test_a_web_search_that_the_provider_cannot_do_is_said_to_the_model(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    """The client runs a search as a request of its own, with a tool that only Anthropic's servers can execute."""
    find = Call("ToolSearch", {"query": "select:WebSearch", "max_results": 1})
    search = Call("WebSearch", {"query": "tides at the north pier"})
    openai_upstream.answer(streamed(find), streamed(search), streamed(Text("I cannot search.")))

    run = converted.run("When is high tide?")

    assert run.result["result"] == "I cannot search."
    assert "web_search" in tool_results(openai_upstream.chats[2])[search.id]
    wait_until(lambda: gateway.log.entries()[-1]["stop_reason"] == "end_turn", what="the last entry")
    entries = [entry for entry in gateway.log.entries() if entry["session_id"] == run.session_id]
    refused = [entry for entry in entries if entry["outcome"] == "rejected"]
    assert {entry["status"] for entry in refused} == {400}
    assert "only Anthropic's own models can use web_search" in refused[0]["error_message"]


def test_a_client_that_is_killed_in_a_stream_frees_the_provider_within_a_second(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway, tap: Wiretap
) -> None:
    begun, never = stream(Text("It goes on and on."))[:3], Gate()
    openai_upstream.answer(events([*begun, never]))

    with converted.start("Talk to me.") as process:
        [request] = openai_upstream.wait_for_requests(1)
        wait_until(lambda: tap.connections and b"It goe" in tap.connections[0].received, what="the stream's beginning")
        kill(process)

        assert request.client_closed.wait(1)
    [entry] = gateway.log_entries(1)
    assert (entry["status"], entry["outcome"]) == (200, "client_left")
    assert gateway.log.body(entry, "received") == b"".join(begun)


def last_event(tap: Wiretap) -> dict[str, Any]:
    """The last event of the first response."""
    response = tap.exchanges()[0].response
    assert response is not None
    return dict(json.loads(response.body.strip().split(b"\n")[-1].removeprefix(b"data: ")))
