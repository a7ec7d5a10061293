"""What the client and the log are told when the upstream fails, early or in the middle of its answer."""

from __future__ import annotations

import json
from collections.abc import Iterator

import anthropic
import pytest
from anthropic import Anthropic

from tests.support.anthropic_api import as_json, events, whole
from tests.support.anthropic_stream import MODEL, Text, error_event, stream
from tests.support.gateway import RunningGateway
from tests.support.http_client import JSON, BrokenOff, HttpClient, asked
from tests.support.loop_thread import Gate
from tests.support.scripted_response import Cut, Framing, Response
from tests.support.upstream import ScriptedUpstream

STREAM = asked(stream=True)
TOLD = stream(Text("Not for long."))
EVENT_STREAM = (("content-type", "text/event-stream"),)
ASKED = {"model": MODEL, "max_tokens": 64, "messages": [{"role": "user", "content": "Will it last?"}]}
both_kinds = pytest.mark.parametrize("body", [STREAM, asked()], ids=["streaming", "not streaming"])
every_cut = pytest.mark.parametrize("cut", Cut, ids=[cut.value for cut in Cut])
NO_HTTP = [
    pytest.param(b"220 mail.example ESMTP\r\n", id="SMTP"),
    pytest.param(b"HTTP/1.1 OK\r\n\r\n", id="no status"),
    pytest.param(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", id="no colon"),
    pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n", id="length is no number"),
    pytest.param(b"HTTP/1.1 200 OK\r\nx-long: " + b"y" * 300_000 + b"\r\n\r\n", id="endless header"),
    pytest.param(b"HTTP/1.1 200 OK\r\nx-odd: \x01\x02\r\ncontent-length: 0\r\n\r\n", id="control characters"),
]


class RawResponse(Response):
    """An answer of exactly these bytes."""

    def head(self) -> bytes:
        return b""


def raw(*steps: bytes | Gate | Cut) -> Response:
    return RawResponse(steps=steps, framing=Framing.UNTIL_CLOSE)


@pytest.fixture(scope="module")
def running_gateway(
    scripted_upstream: ScriptedUpstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    """A gateway that waits half a second for its upstream."""
    gateway = RunningGateway(tmp_path_factory.mktemp("impatient"), scripted_upstream.address)
    gateway.prepare()
    gateway.set_provider(first_byte_timeout=0.5, idle_timeout=0.5)
    with gateway:
        yield gateway


@both_kinds
def test_an_upstream_that_never_answers_is_given_up(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, body: bytes
) -> None:
    upstream.answer(whole(Text("Too late.")).held(Gate()))

    answer = client.ask("POST", "/v1/messages", body)

    status, kind, message = answer.error()
    assert (status, kind) == (504, "timeout_error")
    assert upstream.address in message and "0.5 s" in message
    assert answer.header("x-gateway-provider") == "anthropic"
    assert upstream.requests[0].client_closed.wait(1)
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["error_message"]) == ("upstream_failed", 504, message)
    assert [(attempt["status"], bool(attempt["error"])) for attempt in entry["attempts"]] == [(None, True)]


def test_an_upstream_that_falls_silent_in_mid_stream_is_given_up(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(events([*TOLD[:4], Gate()]))

    body = client.ask("POST", "/v1/messages", STREAM).body

    error = json.loads(body.removeprefix(b"".join(TOLD[:4]) + b"event: error\ndata: "))
    assert error["error"]["type"] == "api_error"
    assert "sent nothing for 0.5 s" in error["error"]["message"]
    assert upstream.requests[0].client_closed.wait(1)
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"]) == ("upstream_failed", 200)
    assert entry["error_message"] == error["error"]["message"]


@every_cut
@pytest.mark.parametrize("torn", [b"", TOLD[4][:-1], TOLD[4][:25], TOLD[4][:3]], ids="{} bytes".format)
def test_a_stream_that_is_cut_ends_in_an_error_that_the_sdk_raises(
    upstream: ScriptedUpstream, gateway: RunningGateway, cut: Cut, torn: bytes
) -> None:
    sent = Gate()
    upstream.answer(events([*TOLD[:4], torn or TOLD[4], sent, cut, *TOLD[5:]]))

    with (
        Anthropic(base_url=gateway.base_url, api_key="sk-ant-api03-sdk", max_retries=0) as sdk,
        pytest.raises(anthropic.APIStatusError, match="in the middle of its answer"),
        sdk.messages.stream(**ASKED) as received,
    ):
        next(received)
        sent.open()
        received.until_done()

    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["error_type"]) == ("upstream_failed", 200, "api_error")
    assert "in the middle of its answer" in entry["error_message"]
    assert entry["input_tokens"] == 12


@every_cut
def test_a_cut_body_that_is_no_stream_reaches_the_client_broken(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, cut: Cut
) -> None:
    for framing in (Framing.CHUNKED, Framing.LENGTH):
        sent = Gate()
        upstream.answer(Response(200, (JSON,), [b'{"type": ', sent, cut, b'"message"}'], framing))
        with HttpClient(gateway.port) as client, pytest.raises(BrokenOff) as broken:
            client.begin("POST", "/v1/messages", asked())
            client.wait_for(b'{"type": ')
            sent.open()
            client.answer()
        assert broken.value.answer.body == b'{"type": '

    for entry in gateway.log_entries(2):
        assert (entry["outcome"], entry["status"], entry["error_type"]) == ("upstream_failed", 200, "api_error")


@pytest.mark.parametrize(
    ("headers", "framing"),
    [((*EVENT_STREAM, ("content-encoding", "gzip")), Framing.CHUNKED), (EVENT_STREAM, Framing.LENGTH)],
    ids=["compressed", "of a known length"],
)
def test_a_cut_stream_that_takes_no_event_reaches_the_client_broken(
    client: HttpClient,
    upstream: ScriptedUpstream,
    gateway: RunningGateway,
    headers: tuple[tuple[str, str], ...],
    framing: Framing,
) -> None:
    upstream.answer(Response(200, headers, [TOLD[0], Cut.CLOSE, TOLD[1]], framing))

    with pytest.raises(BrokenOff) as broken:
        client.ask("POST", "/v1/messages", STREAM)

    assert broken.value.answer.body == TOLD[0]
    [entry] = gateway.log_entries(1)
    assert entry["outcome"] == "upstream_failed"


@both_kinds
@pytest.mark.parametrize("data", NO_HTTP)
def test_an_answer_that_is_no_http_is_an_error_of_the_provider(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, data: bytes, body: bytes
) -> None:
    upstream.answer_by(lambda _: raw(data))

    answer = client.ask("POST", "/v1/messages", body)

    status, kind, message = answer.error()
    assert (status, kind) == (502, "api_error")
    assert message.startswith(f"Provider anthropic: http://{upstream.address} ")
    assert answer.header("x-gateway-provider") == "anthropic"
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["error_message"]) == ("upstream_failed", 502, message)


def test_a_kept_connection_that_the_upstream_has_closed_costs_a_second_attempt(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(whole(Text("One.")), raw(Cut.CLOSE), whole(Text("Two.")))
    client.ask("POST", "/v1/messages", asked())

    answer = client.ask("POST", "/v1/messages", asked())

    assert answer.status == 200
    assert [request.connection for request in upstream.requests[:2]] == [upstream.requests[0].connection] * 2
    _, entry = gateway.log_entries(2)
    assert (entry["outcome"], [attempt["status"] for attempt in entry["attempts"]]) == ("completed", [None, 200])


def test_an_upstream_that_closes_every_connection_is_not_asked_for_ever(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer_by(lambda _: raw(Cut.CLOSE))

    status, kind, message = client.ask("POST", "/v1/messages", STREAM).error()

    assert (status, kind) == (502, "api_error")
    assert "closed the connection without an answer" in message
    assert len(upstream.requests) <= 2
    [entry] = gateway.log_entries(1)
    assert entry["outcome"] == "upstream_failed"
    assert len(entry["attempts"]) == len(upstream.requests)


def test_a_stream_without_its_last_event_passes_and_is_noted(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(events(TOLD[:-1]))

    assert client.ask("POST", "/v1/messages", STREAM).body == b"".join(TOLD[:-1])
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"], entry["error_type"]) == ("upstream_failed", 200, "api_error")
    assert "message_stop" in entry["error_message"]


def test_an_error_event_passes_and_is_noted(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    overloaded = error_event("overloaded_error", "Overloaded")
    upstream.answer(events([*TOLD[:3], overloaded]))

    assert client.ask("POST", "/v1/messages", STREAM).body == b"".join(TOLD[:3]) + overloaded
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["status"]) == ("upstream_failed", 200)
    assert (entry["error_type"], entry["error_message"]) == ("overloaded_error", "Overloaded")


def test_the_gateway_serves_on_after_all_that(client: HttpClient, upstream: ScriptedUpstream) -> None:
    upstream.answer(raw(Cut.RESET), raw(Cut.RESET), as_json({"type": "message"}))

    assert client.ask("POST", "/v1/messages", asked()).status == 502
    assert client.ask("POST", "/v1/messages", asked()).status == 200
