"""What the upstream answers is what the client gets: status, end-to-end headers and body, each chunk as it comes."""

from __future__ import annotations

import gzip

import brotli
import pytest
import zstandard

from tests.support.anthropic_api import as_json, error, events, rate_limited, streamed, whole
from tests.support.anthropic_stream import Text, Thinking, stream
from tests.support.gateway import RunningGateway
from tests.support.http_client import HttpClient, asked
from tests.support.loop_thread import Gate
from tests.support.scripted_response import Framing, Response
from tests.support.upstream import ScriptedUpstream

STREAM = asked(stream=True)
SHORT_STREAM = b"".join(stream(Text("U+2028: \u2028. Short, çok kısa 🌊")))
ENCODERS = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstandard.ZstdCompressor().compress}
every_encoding = pytest.mark.parametrize("encoding", ENCODERS)
every_framing = pytest.mark.parametrize("framing", Framing, ids=[framing.value for framing in Framing])


def event_stream(*chunks: bytes, **headers: str) -> Response:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Response(200, (("content-type", "text/event-stream"), *named), chunks, Framing.CHUNKED)


@pytest.mark.parametrize(
    "status", [200, 201, 202, 299, 302, 307, 400, 401, 403, 404, 413, 418, 422, 429, 500, 503, 529]
)
def test_every_status_passes_with_its_body(client: HttpClient, upstream: ScriptedUpstream, status: int) -> None:
    upstream.answer(as_json({"whatever": status}, status, headers=(("location", "http://127.0.0.1:9/elsewhere"),)))

    answer = client.ask("POST", "/v1/messages", asked())

    assert (answer.status, answer.body) == (status, as_json({"whatever": status}).body())
    assert answer.header("location") == "http://127.0.0.1:9/elsewhere"


def test_an_answer_without_a_body_passes(client: HttpClient, upstream: ScriptedUpstream) -> None:
    upstream.answer(Response(200, (("request-id", "req_1"),)))

    answer = client.ask("POST", "/v1/messages", asked())

    assert (answer.status, answer.body, answer.header("content-length")) == (200, b"", "0")


def test_end_to_end_headers_pass_in_their_order_and_hop_by_hop_headers_do_not(
    client: HttpClient, upstream: ScriptedUpstream
) -> None:
    end_to_end = [
        ("content-type", "application/json; charset=utf-8"),
        ("request-id", "req_01Example"),
        ("retry-after", "17"),
        ("anthropic-ratelimit-tokens-remaining", "0"),
        ("set-cookie", "one=1; Path=/"),
        ("anthropic-ratelimit-tokens-reset", "2026-01-01T00:00:00Z"),
        ("set-cookie", "two=2; HttpOnly"),
        ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("server", "of-the-upstream"),
        ("x-in-latin-1", "caf\xe9"),
        ("x-empty", ""),
    ]
    of_one_hop = (("connection", "keep-alive, x-hop"), ("x-hop", "1"), ("keep-alive", "timeout=4"))
    upstream.answer(Response(200, of_one_hop + tuple(end_to_end), [b"{}"]))

    answer = client.ask("POST", "/v1/messages", asked())

    own = [header for header in answer.headers if header[0].startswith("x-gateway-")]
    assert answer.headers == [*end_to_end, ("content-length", "2"), *own]
    assert answer.header("x-gateway-provider") == "anthropic"


def test_the_request_id_of_the_gateway_leads_to_the_entry(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(whole(Text("Found.")))

    answer = client.ask("POST", "/v1/messages", asked())

    [entry] = gateway.log_entries(1)
    assert str(entry["id"]) == answer.header("x-gateway-request-id")
    assert gateway.log.body(entry, "request") == asked()
    assert gateway.log.body(entry, "response") == answer.body


def test_the_words_of_an_error_are_the_upstreams(client: HttpClient, upstream: ScriptedUpstream) -> None:
    refused = rate_limited("9")
    upstream.answer(refused)

    answer = client.ask("POST", "/v1/messages", STREAM)

    assert (answer.status, answer.body, answer.header("retry-after")) == (429, refused.body(), "9")
    assert answer.header("content-type") == "application/json"


@pytest.mark.parametrize("status", [400, 529])
def test_an_error_that_is_no_json_passes_too(client: HttpClient, upstream: ScriptedUpstream, status: int) -> None:
    page = b"<html>\xff\xfe no JSON, no UTF-8</html>"
    upstream.answer(Response(status, (("content-type", "text/html"),), [page]))

    answer = client.ask("POST", "/v1/messages", asked())

    assert (answer.status, answer.body, answer.header("content-type")) == (status, page, "text/html")


def test_a_cookie_of_the_upstream_is_not_kept_for_the_next_client(
    client: HttpClient, upstream: ScriptedUpstream
) -> None:
    upstream.answer(whole(Text("One.")).with_headers(("set-cookie", "who=one")), whole(Text("Two.")))

    client.ask("POST", "/v1/messages", asked())
    client.ask("POST", "/v1/messages", asked())

    assert upstream.requests[1].header("cookie") is None


def test_a_stream_cut_into_two_chunks_at_any_byte_stays_the_same(
    client: HttpClient, upstream: ScriptedUpstream
) -> None:
    offsets = range(1, len(SHORT_STREAM))
    upstream.answer(*(event_stream(SHORT_STREAM[:offset], SHORT_STREAM[offset:]) for offset in offsets))

    for offset in offsets:
        assert client.ask("POST", "/v1/messages", STREAM).body == SHORT_STREAM, f"cut at byte {offset}"


def test_a_stream_in_single_bytes_stays_the_same(client: HttpClient, upstream: ScriptedUpstream) -> None:
    upstream.answer(event_stream(*(SHORT_STREAM[at : at + 1] for at in range(len(SHORT_STREAM)))))

    assert client.ask("POST", "/v1/messages", STREAM).body == SHORT_STREAM


@every_encoding
def test_a_compressed_message_stays_compressed(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, encoding: str
) -> None:
    message = whole(Text("In few bytes. " * 50))
    compressed = ENCODERS[encoding](message.body())
    upstream.answer(Response(200, (*message.headers, ("content-encoding", encoding)), [compressed]))

    answer = client.ask("POST", "/v1/messages", asked())

    assert (answer.body, answer.header("content-encoding")) == (compressed, encoding)
    [entry] = gateway.log_entries(1)
    assert (entry["stop_reason"], entry["output_tokens"]) == ("end_turn", 7)


@every_encoding
def test_a_compressed_stream_stays_compressed(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, encoding: str
) -> None:
    compressed = ENCODERS[encoding](SHORT_STREAM)
    upstream.answer(event_stream(compressed[:20], compressed[20:], content_encoding=encoding))

    answer = client.ask("POST", "/v1/messages", STREAM)

    assert (answer.body, answer.header("content-encoding")) == (compressed, encoding)
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["stop_reason"], entry["streamed"]) == ("completed", "end_turn", True)


@every_framing
def test_the_body_is_the_same_whatever_marks_its_end(
    client: HttpClient, upstream: ScriptedUpstream, framing: Framing
) -> None:
    body = whole(Text("The end is marked somehow.")).body()
    upstream.answer(Response(200, (("content-type", "application/json"),), [body], framing))

    assert client.ask("POST", "/v1/messages", asked()).body == body


def test_each_event_reaches_the_client_while_the_next_one_is_held_back(
    client: HttpClient, upstream: ScriptedUpstream
) -> None:
    told = stream(Thinking("Hm."), Text("Piece by piece."))
    gates = [Gate() for _ in told]
    upstream.answer(events([step for pair in zip(told, gates, strict=True) for step in pair]))

    client.begin("POST", "/v1/messages", STREAM)

    for event, gate in zip(told, gates, strict=True):
        assert bytes(client.wait_for(event).received).endswith(event)
        gate.open()
    assert client.answer().body == b"".join(told)


def test_half_an_event_reaches_the_client_while_the_rest_is_held_back(
    client: HttpClient, upstream: ScriptedUpstream
) -> None:
    gate = Gate()
    upstream.answer(events([SHORT_STREAM[:30], gate, SHORT_STREAM[30:]]))

    client.begin("POST", "/v1/messages", STREAM)

    assert client.wait_for(SHORT_STREAM[:30]).received == SHORT_STREAM[:30]
    gate.open()
    assert client.answer().body == SHORT_STREAM


def test_an_event_of_ten_megabytes_passes(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    long = b'event: ping\ndata: {"type": "ping", "padding": "' + b"x" * 10 * 1024 * 1024 + b'"}\n\n'
    answered = events([long, *stream(Text("After a long line."))])
    upstream.answer(answered)

    assert client.ask("POST", "/v1/messages", STREAM).body == answered.body()
    assert gateway.log_entries(1)[0]["stop_reason"] == "end_turn"


def test_an_error_keeps_its_body_for_a_streaming_client(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    refused = error(400, "invalid_request_error", "thinking: signature is not valid")
    upstream.answer(refused, streamed(Text("Now.")))

    assert client.ask("POST", "/v1/messages", STREAM).body == refused.body()
    assert client.ask("POST", "/v1/messages", STREAM).status == 200
    first, second = gateway.log_entries(2)
    assert (first["outcome"], first["error_message"]) == ("upstream_failed", "thinking: signature is not valid")
    assert (second["outcome"], second["error_message"]) == ("completed", "")
