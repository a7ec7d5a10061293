"""Pings break an upstream's silence for a streaming client, and break nothing else.

`PING_SECONDS` is small here, so a ping is waited for and never timed.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import anthropic
import pytest
from anthropic import Anthropic

from tests.gateway.test_passthrough_answers import ENCODERS, every_encoding
from tests.support.anthropic_api import as_json, error, events, overloaded, streamed, whole
from tests.support.anthropic_stream import MODEL, PING, Text, stream
from tests.support.gateway import RunningGateway
from tests.support.http_client import HttpClient, asked
from tests.support.loop_thread import Gate
from tests.support.scripted_response import Cut, Framing, Response
from tests.support.upstream import ScriptedUpstream

PING_SECONDS = 0.2
LONGER_THAN_A_PING = 2.5 * PING_SECONDS
STREAM = asked(stream=True)
TOLD = stream(Text("After a while."))[:2] + stream(Text("After a while."))[3:]
"""A stream without the upstream's own ping."""
ASKED = {"model": MODEL, "max_tokens": 64, "messages": [{"role": "user", "content": "Will it come?"}]}


@pytest.fixture(scope="module")
def running_gateway(
    scripted_upstream: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("pinging")
    with RunningGateway(folder, scripted_upstream.address, PING_SECONDS=str(PING_SECONDS)) as gateway:
        yield gateway


def told(answer: bytes) -> list[tuple[str, dict]]:
    """The events of a stream; fails where one is torn."""
    assert answer.endswith(b"\n\n")
    lines = [event.split(b"\n") for event in answer.removesuffix(b"\n\n").split(b"\n\n")]
    assert all(len(event) == 2 for event in lines), lines
    return [(name.removeprefix(b"event: ").decode(), json.loads(data.removeprefix(b"data: "))) for name, data in lines]


def only_error(answer: bytes) -> tuple[str, str]:
    """Type and message of the error that is all that a stream tells, apart from pings."""
    [(name, data)] = [event for event in told(answer) if event[0] != "ping"]
    assert (name, data["type"]) == ("error", "error")
    return data["error"]["type"], data["error"]["message"]


def ask_until_pinged(client: HttpClient) -> None:
    client.begin("POST", "/v1/messages", STREAM)
    answer = client.wait_for(PING + PING)
    assert (answer.status, answer.header("content-type")) == (200, "text/event-stream; charset=utf-8")


def test_pings_come_before_the_first_byte_and_the_answer_after_them(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    gate = Gate()
    upstream.answer(events(TOLD).held(gate))

    ask_until_pinged(client)
    gate.open()

    assert client.answer().body.replace(PING, b"") == b"".join(TOLD)
    [entry] = gateway.log_entries(1)
    assert (entry["status"], entry["outcome"], entry["stop_reason"]) == (200, "completed", "end_turn")


@pytest.mark.parametrize("refused", [overloaded(), error(400, "invalid_request_error", "prompt is too long")])
def test_an_error_of_the_upstream_after_a_ping_is_an_event(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, refused: Response
) -> None:
    gate = Gate()
    upstream.answer(refused.held(gate))

    ask_until_pinged(client)
    gate.open()

    expected = json.loads(refused.body())["error"]
    assert only_error(client.answer().body) == (expected["type"], expected["message"])
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["error_type"]) == ("upstream_failed", expected["type"])
    assert entry["attempts"][0]["status"] == refused.status


def test_an_error_page_after_a_ping_is_an_event_too(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    gate = Gate()
    page = gzip.compress(b"<h1>Bad\r\n\r\nGateway</h1>")
    upstream.answer(Response(502, (("content-encoding", "gzip"),), [page]).held(gate))

    ask_until_pinged(client)
    gate.open()

    kind, message = only_error(client.answer().body)
    assert kind == "api_error"
    assert "502" in message and "<h1>Bad" in message
    assert gateway.log_entries(1)[0]["outcome"] == "upstream_failed"


def test_a_connection_that_ends_after_a_ping_is_an_error_event(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    gate = Gate()
    upstream.answer_by(lambda _: Response(200, (), [gate, Cut.RESET], Framing.UNTIL_CLOSE).held(gate))

    ask_until_pinged(client)
    upstream.answer_by(lambda _: Response(200, (("content-type", "text/event-stream"),), [Cut.CLOSE], Framing.CHUNKED))
    gate.open()

    assert only_error(client.answer().body)[0] == "api_error"
    assert gateway.log_entries(1)[0]["outcome"] == "upstream_failed"


@every_encoding
def test_a_compressed_answer_after_a_ping_is_decoded(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, encoding: str
) -> None:
    gate = Gate()
    compressed = ENCODERS[encoding](b"".join(TOLD))
    headers = (("content-type", "text/event-stream"), ("content-encoding", encoding))
    upstream.answer(Response(200, headers, [compressed[:30], compressed[30:]], Framing.CHUNKED).held(gate))

    ask_until_pinged(client)
    gate.open()

    answer = client.answer()
    assert answer.header("content-encoding") is None
    assert answer.body.replace(PING, b"") == b"".join(TOLD)
    assert gateway.log_entries(1)[0]["stop_reason"] == "end_turn"


def test_a_compressed_answer_that_breaks_off_after_a_ping_ends_in_an_error_event(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    gate = Gate()
    compressed = gzip.compress(b"".join(TOLD))
    headers = (("content-type", "text/event-stream"), ("content-encoding", "gzip"))
    upstream.answer(Response(200, headers, [compressed[:-30], Cut.CLOSE, b""], Framing.CHUNKED).held(gate))

    ask_until_pinged(client)
    gate.open()

    begun, _, error = client.answer().body.rpartition(b"event: error\n")
    assert TOLD[1] in begun
    assert only_error(b"event: error\n" + error)[0] == "api_error"
    assert gateway.log_entries(1)[0]["outcome"] == "upstream_failed"


def test_an_error_that_breaks_off_after_a_ping_is_an_error_event(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    gate = Gate()
    refused = overloaded()
    upstream.answer(Response(529, refused.headers, [refused.body()[:20], Cut.CLOSE, b"x" * 99]).held(gate))

    ask_until_pinged(client)
    gate.open()

    assert only_error(client.answer().body)[0] == "api_error"
    assert gateway.log_entries(1)[0]["outcome"] == "upstream_failed"


def test_pings_come_between_two_events(client: HttpClient, upstream: ScriptedUpstream) -> None:
    gate = Gate()
    upstream.answer(events([*TOLD[:3], gate, *TOLD[3:]]))

    client.begin("POST", "/v1/messages", STREAM)
    client.wait_for(TOLD[2] + PING + PING)
    gate.open()

    answer = client.answer().body
    assert answer.replace(PING, b"") == b"".join(TOLD)
    told(answer)


@pytest.mark.parametrize("at", [1, 10, -2, -1], ids="cut at {}".format)
def test_no_ping_falls_into_an_event(client: HttpClient, upstream: ScriptedUpstream, at: int) -> None:
    silence, end = Gate(), Gate()
    upstream.answer(events([TOLD[0], TOLD[1][:at], silence, TOLD[1][at:], end, *TOLD[2:]]))

    client.begin("POST", "/v1/messages", STREAM)
    client.wait_for(TOLD[0] + TOLD[1][:at])
    assert not upstream.requests[0].answered.wait(LONGER_THAN_A_PING)
    silence.open()
    client.wait_for(TOLD[1] + PING)
    end.open()

    assert client.answer().body.replace(PING, b"") == b"".join(TOLD)


def test_no_ping_falls_into_a_compressed_stream(client: HttpClient, upstream: ScriptedUpstream) -> None:
    gate = Gate()
    compressed = gzip.compress(b"".join(TOLD))
    headers = (("content-type", "text/event-stream"), ("content-encoding", "gzip"))
    upstream.answer(Response(200, headers, [compressed[:40], gate, compressed[40:]], Framing.CHUNKED))

    client.begin("POST", "/v1/messages", STREAM)
    client.wait_for(compressed[:40])
    assert not upstream.requests[0].answered.wait(LONGER_THAN_A_PING)
    gate.open()

    assert client.answer().body == compressed


@pytest.mark.parametrize("body", [asked(), asked(stream=False), asked(stream=None)])
def test_a_client_that_wants_no_stream_gets_no_ping(
    client: HttpClient, upstream: ScriptedUpstream, body: bytes
) -> None:
    gate = Gate()
    answered = whole(Text("In one piece."))
    upstream.answer(answered.held(gate))

    client.begin("POST", "/v1/messages", body)
    assert not upstream.wait_for_requests(1)[0].answered.wait(LONGER_THAN_A_PING)
    gate.open()

    answer = client.answer()
    assert (answer.body, answer.header("content-type")) == (answered.body(), "application/json")


def test_a_stream_that_was_answered_by_json_stays_json(client: HttpClient, upstream: ScriptedUpstream) -> None:
    gate = Gate()
    upstream.answer(Response(200, (("content-type", "application/json"),), [b'{"type": ', gate, b'"message"}']))

    client.begin("POST", "/v1/messages", STREAM)
    client.wait_for(b'{"type": ')
    assert not upstream.requests[0].answered.wait(LONGER_THAN_A_PING)
    gate.open()

    assert client.answer().body == as_json({"type": "message"}).body()


def test_a_client_that_leaves_between_pings_is_noticed(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(streamed(Text("Too late.")).held(Gate()))

    ask_until_pinged(client)
    client.leave()

    assert upstream.requests[0].client_closed.wait(1)
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"]) == ("client_left", 200)
    assert (gateway.log.body(entry, "response") or b"").startswith(PING + PING)


def test_the_sdk_puts_the_message_together_around_the_pings(
    upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    before, between = Gate(), Gate()
    upstream.answer(events([*TOLD[:3], between, *TOLD[3:]]).held(before))

    with (
        Anthropic(base_url=gateway.base_url, api_key="sk-ant-api03-sdk", max_retries=0) as sdk,
        sdk.messages.stream(**ASKED) as received,
    ):
        before.open()
        for event in received:
            if event.type == "text":
                between.open()
        message = received.get_final_message()

    assert (message.content[0].text, message.stop_reason) == ("After a while.", "end_turn")


def test_the_sdk_raises_the_upstreams_error_after_a_ping(upstream: ScriptedUpstream, gateway: RunningGateway) -> None:
    gate = Gate()
    upstream.answer(overloaded().held(gate))

    with (
        Anthropic(base_url=gateway.base_url, api_key="sk-ant-api03-sdk", max_retries=0) as sdk,
        pytest.raises(anthropic.APIStatusError, match="Overloaded"),
        sdk.messages.stream(**ASKED) as received,
    ):
        gate.open()
        received.until_done()
