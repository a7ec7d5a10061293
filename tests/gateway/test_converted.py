"""A provider of OpenAI's format behind the gateway: what of its answers reaches the client, and when."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from requestlog.models import BodyKind
from tests.support.gateway import RunningGateway
from tests.support.http_client import Answer, HttpClient, asked
from tests.support.loop_thread import Gate
from tests.support.scripted_response import Cut, Framing, Response, Step
from tests.support.upstream import ScriptedUpstream

MODEL = "gpt-test"
STREAM = asked(model=MODEL, stream=True)
WHOLE = asked(model=MODEL)
DONE = b"data: [DONE]\n\n"
USAGE = {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}


def chunk(finish_reason: str | None = None, **delta: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return b"data: " + json.dumps({"id": "chatcmpl-1", "model": MODEL, "choices": [choice]}).encode() + b"\n\n"


def usage_chunk() -> bytes:
    return b"data: " + json.dumps({"id": "chatcmpl-1", "choices": [], "usage": USAGE}).encode() + b"\n\n"


HELLO = [
    chunk(role="assistant", content=""),
    chunk(content="Hel"),
    chunk(content="lo."),
    chunk("stop"),
    usage_chunk(),
    DONE,
]


def completion(text: str = "Hello.") -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {"id": "chatcmpl-1", "object": "chat.completion", "model": MODEL, "choices": [choice], "usage": USAGE}


def stream(*steps: Step, status: int = 200) -> Response:
    headers = (("content-type", "text/event-stream"), ("x-request-id", "req-upstream"))
    return Response(status, headers, steps, framing=Framing.CHUNKED)


def json_answer(content: Any, status: int = 200, *headers: tuple[str, str]) -> Response:
    return Response(status, (("content-type", "application/json"), *headers), [json.dumps(content).encode()])


def event_names(answer: Answer) -> list[str]:
    return [line[7:].decode() for line in answer.body.split(b"\n") if line.startswith(b"event: ")]


def data_of(answer: Answer, event: str) -> Any:
    """The data of the first event of this name."""
    _, _, rest = answer.body.partition(b"event: " + event.encode() + b"\ndata: ")
    return json.loads(rest.partition(b"\n")[0])


@pytest.fixture(scope="module")
def running_gateway(
    scripted_upstream: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    """A gateway whose only provider speaks OpenAI's format, and which breaks every silence at once."""
    gateway = RunningGateway(tmp_path_factory.mktemp("converting"), scripted_upstream.address, PING_SECONDS="0.2")
    gateway.prepare()
    gateway.set_provider(kind="openai", credential_source="none")
    with gateway:
        yield gateway


def test_a_stream_is_converted_and_both_sides_are_in_the_log(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(stream(*HELLO))

    answer = client.ask("POST", "/v1/messages?beta=true", asked(model=MODEL, stream=True, top_k=5))

    assert answer.status == 200 and (answer.header("content-type") or "").startswith("text/event-stream")
    assert event_names(answer)[0] == "message_start" and event_names(answer)[-1] == "message_stop"
    assert data_of(answer, "message_start")["message"]["model"] == MODEL
    assert data_of(answer, "message_delta")["usage"]["input_tokens"] == 11
    [request] = upstream.requests
    assert request.target == "/v1/chat/completions"
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["wire_format"], entry["upstream_request_id"]) == (
        "completed",
        "openai",
        "req-upstream",
    )
    assert (entry["input_tokens"], entry["output_tokens"], entry["stop_reason"]) == (11, 3, "end_turn")
    assert not entry["usage_is_estimate"]
    assert any("top_k" in note for note in entry["conversion_notes"])
    assert gateway.log.body(entry, BodyKind.SENT) == request.body
    assert gateway.log.body(entry, BodyKind.RECEIVED) == b"".join(HELLO)
    assert gateway.log.body(entry, BodyKind.RESPONSE) == answer.body


def test_a_whole_answer_is_converted(client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway) -> None:
    upstream.answer(json_answer(completion()))

    answer = client.ask("POST", "/v1/messages", WHOLE)

    message = json.loads(answer.body)
    assert message["content"] == [{"type": "text", "text": "Hello."}]
    assert answer.header("content-length") == str(len(answer.body))
    assert answer.header("x-gateway-provider") == "anthropic"
    [entry] = gateway.log_entries(1)
    assert message["id"] == f"msg_{entry['id'].hex}"


def test_a_provider_that_does_not_stream_is_streamed_to_the_client(
    client: HttpClient, upstream: ScriptedUpstream
) -> None:
    upstream.answer(json_answer(completion()))
    answer = client.ask("POST", "/v1/messages", STREAM)
    assert event_names(answer)[-1] == "message_stop"
    assert data_of(answer, "content_block_delta")["delta"]["text"] == "Hello."


def test_a_provider_that_streams_unasked_gives_one_message(client: HttpClient, upstream: ScriptedUpstream) -> None:
    upstream.answer(stream(*HELLO))
    answer = client.ask("POST", "/v1/messages", WHOLE)
    assert json.loads(answer.body)["content"] == [{"type": "text", "text": "Hello."}]


@pytest.mark.parametrize("body", [STREAM, WHOLE], ids=["streaming", "not streaming"])
def test_b90_a_compressed_answer_is_read_all_the_same(
    client: HttpClient, upstream: ScriptedUpstream, body: bytes
) -> None:
    content = gzip.compress(json.dumps(completion()).encode())
    upstream.answer(Response(200, (("content-type", "application/json"), ("content-encoding", "gzip")), [content]))
    answer = client.ask("POST", "/v1/messages", body)
    assert answer.status == 200 and b"Hello." in answer.body and answer.header("content-encoding") is None


@pytest.mark.parametrize("body", [STREAM, WHOLE], ids=["streaming", "not streaming"])
def test_an_error_keeps_its_status_words_and_retry_after(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, body: bytes
) -> None:
    content = {"error": {"message": "Slow down, please.", "type": "tokens", "code": "rate_limit_exceeded"}}
    upstream.answer(json_answer(content, 429, ("retry-after", "7")))

    answer = client.ask("POST", "/v1/messages", body)

    assert answer.error() == (429, "rate_limit_error", "Slow down, please.")
    assert answer.header("retry-after") == "7"
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["error_message"]) == ("upstream_failed", 429, "Slow down, please.")
    assert json.loads(gateway.log.body(entry, BodyKind.RECEIVED)) == content


def test_b83_an_error_as_the_first_event_of_a_200_becomes_a_status(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(stream(b'data: {"error": {"message": "All busy.", "code": 529}}\n\n'))
    answer = client.ask("POST", "/v1/messages", STREAM)
    assert answer.error() == (529, "overloaded_error", "All busy.")
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"]) == ("upstream_failed", 529)


def test_b22_b84_b106_an_error_in_mid_stream_is_an_error_event_and_a_failure_in_the_log(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(stream(*HELLO[:2], b'data: {"error": {"message": "Lost it."}}\n\n', Gate()))

    answer = client.ask("POST", "/v1/messages", STREAM)

    assert event_names(answer)[-1] == "error"
    assert data_of(answer, "error")["error"]["message"] == "Lost it."
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["error_message"]) == ("upstream_failed", "Lost it.")
    assert upstream.requests[0].client_closed.wait(2), "the rest of the stream was waited for"


@pytest.mark.parametrize("end", [[], [Cut.RESET]], ids=["closed", "reset"])
def test_a_stream_that_breaks_off_before_its_finish_is_never_a_clean_end(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, end: list[Step]
) -> None:
    upstream.answer(stream(*HELLO[:2], *end))
    answer = client.ask("POST", "/v1/messages", STREAM)
    assert event_names(answer)[-1] == "error" and "message_stop" not in event_names(answer)
    [entry] = gateway.log_entries(1)
    assert entry["outcome"] == "upstream_failed"


def test_a_connection_that_breaks_after_the_finish_costs_nothing(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(stream(*HELLO[:4], Cut.RESET))
    answer = client.ask("POST", "/v1/messages", STREAM)
    assert event_names(answer)[-1] == "message_stop"
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["usage_is_estimate"]) == ("completed", True)


def test_b81_a_silent_provider_is_bridged_by_pings_and_its_error_told_as_an_event(
    client: HttpClient, upstream: ScriptedUpstream
) -> None:
    gate = Gate()
    upstream.answer(json_answer({"error": {"message": "Gone."}}, 503).held(gate))
    client.begin("POST", "/v1/messages", STREAM)
    client.wait_for(b"event: ping")
    gate.open()
    answer = client.answer()
    assert event_names(answer)[-1] == "error" and data_of(answer, "error")["error"]["message"] == "Gone."


def test_what_is_no_answer_of_the_format_is_a_bad_gateway(client: HttpClient, upstream: ScriptedUpstream) -> None:
    upstream.answer(Response(200, (("content-type", "text/html"),), [b"<html><title>Sign in</title></html>"]))
    status, kind, message = client.ask("POST", "/v1/messages", WHOLE).error()
    assert (status, kind) == (502, "api_error") and "Sign in" in message


def test_a_request_that_cannot_be_converted_is_refused_and_logged(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    tool = {"type": "web_search_20250305", "name": "web_search"}
    status, kind, message = client.ask("POST", "/v1/messages", asked(model=MODEL, tools=[tool])).error()
    assert (status, kind) == (400, "invalid_request_error") and "web_search" in message
    assert not upstream.requests
    [entry] = gateway.log_entries(1)
    assert entry["outcome"] == "rejected"


def test_a_client_that_leaves_frees_the_provider(upstream: ScriptedUpstream, gateway: RunningGateway) -> None:
    upstream.answer(stream(*HELLO[:2], Gate()))
    with HttpClient(gateway.port) as leaving:
        leaving.begin("POST", "/v1/messages", STREAM)
        leaving.wait_for(b"content_block_delta")
    assert upstream.requests[0].client_closed.wait(1)
    [entry] = gateway.log_entries(1)
    assert entry["outcome"] == "client_left" and gateway.log.body(entry, BodyKind.RECEIVED)


def test_a_client_that_leaves_before_the_first_event_frees_the_provider(
    upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(stream(b": thinking\n\n", Gate()))
    with HttpClient(gateway.port) as leaving:
        leaving.begin("POST", "/v1/messages", STREAM)
        upstream.wait_for_requests(1)
        leaving.wait_for(b"event: ping")
    assert upstream.requests[0].client_closed.wait(1)
    [entry] = gateway.log_entries(1)
    assert entry["outcome"] == "client_left"


def test_b95_b96_no_credential_of_the_client_reaches_the_provider(
    client: HttpClient, upstream: ScriptedUpstream
) -> None:
    upstream.answer(json_answer(completion()))
    headers = [
        ("content-type", "application/json"),
        ("x-api-key", "sk-ant-mine"),
        ("authorization", "Bearer sk-ant-oat-mine"),
    ]
    client.ask("POST", "/v1/messages", WHOLE, headers)
    sent = b"\n".join(f"{name}: {value}".encode() for name, value in upstream.requests[0].headers)
    assert b"mine" not in sent + upstream.requests[0].body


@pytest.mark.parametrize("path", ["/v1/messages?beta=true", "/v1/v1/messages", "/v1/v1/messages?beta=true&x=1"])
def test_b80_b100_neither_a_query_nor_a_second_v1_makes_a_difference(
    client: HttpClient, upstream: ScriptedUpstream, path: str
) -> None:
    upstream.answer(json_answer(completion()))
    assert client.ask("POST", path, WHOLE).status == 200
    assert upstream.requests[0].target == "/v1/chat/completions"


def test_where_nothing_lists_models_the_list_is_empty(client: HttpClient, gateway: RunningGateway) -> None:
    empty = {"data": [], "has_more": False, "first_id": None, "last_id": None}
    assert json.loads(client.ask("GET", "/v1/models").body) == empty
    status, kind, message = client.ask("GET", "/v1/models/gpt-test").error()
    assert (status, kind, message) == (404, "not_found_error", "There is no model gpt-test at this gateway.")
    listed, asked_for = gateway.log_entries(2)
    assert (listed["outcome"], asked_for["outcome"], asked_for["status"]) == ("completed", "rejected", 404)
