"""Claude Code on a model of an OpenAI-format provider: what arrives there, what the client prints, what the log holds.

The scripted upstream itself checks every request against the `openai` SDK's types.
"""

from __future__ import annotations

import base64
import json

from tests.conftest import OPENAI_KEY
from tests.e2e.converted import assert_logged
from tests.support.claude_code import ClaudeCode
from tests.support.gateway import RunningGateway
from tests.support.log_entries import PIXEL
from tests.support.openai_api import (
    OpenAIUpstream,
    calls_in,
    cut_everywhere,
    images_in,
    streamed,
    text_of,
    tool_results,
)
from tests.support.openai_stream import Call, Reasoning, Text, Usage
from tests.support.pdf import pdf_of
from tests.support.upstream import RecordedRequest

LONG = "The tide tables say 潮汐表显示水位很低, 満潮は正午, çok güzel 🌊👩‍🚀 and so on. " * 60


def test_a_plain_answer_is_printed_and_logged(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    usage = Usage(prompt_tokens=6500, completion_tokens=34, cached=6380)
    openai_upstream.answer(streamed(Text("The tide is low."), usage=usage))

    run = converted.run("How is the tide?")

    assert (run.exit_code, run.result["result"]) == (0, "The tide is low.")
    [request] = openai_upstream.chats
    assert (request.header_values("authorization"), request.header_values("x-api-key")) == (
        [f"Bearer {OPENAI_KEY}"],
        [],
    )
    body = request.json()
    assert (body["model"], body["stream"], body["stream_options"]) == ("gpt-test", True, {"include_usage": True})
    assert body["messages"][0]["role"] == "system"
    assert "x-anthropic-billing-header" not in text_of(body["messages"][0]["content"])
    assert "How is the tide?" in everything_in(request)
    [entry] = gateway.log_entries(1)
    assert_logged(gateway, [entry], [request])
    assert (entry["input_tokens"], entry["cache_read_tokens"], entry["output_tokens"]) == (120, 6380, 34)
    assert (entry["outcome"], entry["stop_reason"], entry["usage_is_estimate"]) == ("completed", "end_turn", False)
    assert entry["received_at"] <= entry["upstream_answered_at"] <= entry["first_token_at"] <= entry["finished_at"]


def test_parallel_tools_whose_arguments_come_in_turns_really_run(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    converted.work.joinpath("note.txt").write_text("the sea is calm\n")
    write = Call("Bash", {"command": "echo from the tool | tee made.txt", "description": "Write a file"})
    read = Call("Read", {"file_path": str(converted.work / "note.txt")})
    fail = Call("Bash", {"command": "echo it broke >&2; exit 3", "description": "Fail"})
    openai_upstream.answer(
        streamed(Text("I look."), write, read, interleaved=True), streamed(fail), streamed(Text("Calm, it says."))
    )

    run = converted.run("Look at the note.")

    assert converted.work.joinpath("made.txt").read_text() == "from the tool\n"
    assert run.texts() == ["I look.", "Calm, it says."]
    first, second, third = openai_upstream.chats
    assert [json.loads(call["function"]["arguments"]) for call in calls_in(third)] == [
        *(write.arguments, read.arguments, fail.arguments)
    ]
    results = tool_results(second)
    assert results[write.id] == "from the tool"
    assert "the sea is calm" in results[read.id]
    assert list(tool_results(third)) == [write.id, read.id, fail.id]
    assert tool_results(third)[fail.id].startswith("Error: ")
    assert "it broke" in tool_results(third)[fail.id]
    entries = gateway.log_entries(3)
    assert_logged(gateway, entries, [first, second, third])
    assert [entry["tools_called"] for entry in entries] == [["Bash", "Read"], ["Bash"], []]
    assert [entry["stop_reason"] for entry in entries] == ["tool_use", "tool_use", "end_turn"]
    assert {entry["session_id"] for entry in entries} == {run.session_id}


def test_a_session_that_is_continued_keeps_its_history(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    look = Call("Bash", {"command": "echo seven boats", "description": "Count"})
    openai_upstream.answer(
        streamed(Reasoning("I should count them."), look),
        streamed(Text("There are seven.")),
        streamed(Text("The red one.")),
    )

    converted.run("How many boats?")
    run = converted.run("Which is the fastest?", "--continue")

    assert run.result["result"] == "The red one."
    last = openai_upstream.chats[-1]
    assert tool_results(last) == {look.id: "seven boats"}
    told = everything_in(last)
    assert told.index("How many boats?") < told.index("There are seven.") < told.index("Which is the fastest?")
    assert "I should count them." not in told
    assert_logged(gateway, gateway.log_entries(3), openai_upstream.chats)


def test_a_picture_that_the_client_reads_is_seen_upstream(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    picture = converted.work / "chart.png"
    picture.write_bytes(base64.b64decode(PIXEL))
    read = Call("Read", {"file_path": str(picture)})
    openai_upstream.answer(streamed(read), streamed(Text("One pixel.")))

    run = converted.run("What is on the chart?")

    assert run.result["result"] == "One pixel."
    asked, shown = openai_upstream.chats
    assert (images_in(asked), len(images_in(shown))) == ([], 1)
    assert images_in(shown)[0].startswith("data:image/png;base64,iVBOR")
    roles = [message["role"] for message in shown.json()["messages"]]
    assert roles.index("tool") < len(roles) - 1 - roles[::-1].index("user")
    assert list(tool_results(shown)) == [read.id]
    assert_logged(gateway, gateway.log_entries(2), [asked, shown])


def test_a_pdf_that_the_client_reads_arrives_as_its_text(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    plan = converted.work / "plan.pdf"
    plan.write_bytes(pdf_of("Moor at the north pier"))
    read = Call("Read", {"file_path": str(plan)})
    openai_upstream.answer(streamed(read), streamed(Text("In the north.")))

    run = converted.run("Where do we moor?")

    assert run.result["result"] == "In the north."
    assert "Moor at the north pier" in everything_in(openai_upstream.chats[1])
    _, shown = gateway.log_entries(2)
    assert any("PDF" in note for note in shown["conversion_notes"])


def test_a_tool_that_the_client_holds_back_can_be_called_once_it_was_searched_for(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    search = Call("ToolSearch", {"query": "select:CronList", "max_results": 1})
    use = Call("CronList", {})
    openai_upstream.answer(streamed(search), streamed(use), streamed(Text("None.")))

    run = converted.run("Which jobs are there?")

    assert run.result["result"] == "None."
    first, second, third = openai_upstream.chats
    assert "CronList" not in tools_of(first)
    assert {"ToolSearch", "CronList"} <= tools_of(second) == tools_of(third)
    assert "CronList" in tool_results(third)[search.id]
    assert "No scheduled jobs" in tool_results(third)[use.id]
    assert_logged(gateway, gateway.log_entries(3), [first, second, third])


def test_a_long_text_in_many_small_pieces_is_whole(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    call = Call("Bash", {"command": f"printf %s '{LONG}' > long.txt", "description": "Keep it"})
    openai_upstream.answer(
        cut_everywhere(streamed(Text(LONG, size=3), call), 97), cut_everywhere(streamed(Text("说完了。")), 1)
    )

    run = converted.run("Tell me everything.")

    assert run.texts() == [LONG, "说完了。"]
    assert converted.work.joinpath("long.txt").read_text() == LONG
    assert_logged(gateway, gateway.log_entries(2), openai_upstream.chats)


def test_reasoning_is_shown_as_thinking(
    converted: ClaudeCode, openai_upstream: OpenAIUpstream, gateway: RunningGateway
) -> None:
    look = Call("Bash", {"command": "true", "description": "Nothing"})
    openai_upstream.answer(
        streamed(Reasoning("The table says low."), Text("I look."), look),
        streamed(Reasoning("So it is.", key="reasoning"), Text("The tide is low.")),
    )

    run = converted.run("How is the tide?")

    assert run.thoughts() == ["The table says low.", "So it is."]
    assert run.texts() == ["I look.", "The tide is low."]
    first, second = gateway.log_entries(2)
    assert_logged(gateway, [first, second], openai_upstream.chats)
    message = json.loads(gateway.log.body(first, "message") or b"{}")
    assert [block["type"] for block in message["content"]] == ["thinking", "text", "tool_use"]


def tools_of(request: RecordedRequest) -> set[str]:
    return {tool["function"]["name"] for tool in request.json()["tools"]}


def everything_in(request: RecordedRequest) -> str:
    """The text of all messages."""
    return "\n".join(text_of(message.get("content")) for message in request.json()["messages"])
