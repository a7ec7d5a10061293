"""Whatever comes in, the answer is an error in the API's shape, the log has one entry, and the server lives on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.anthropic_api import as_json
from tests.support.gateway import RunningGateway
from tests.support.http_client import JSON, BrokenOff, HttpClient, asked, chunk, request_head
from tests.support.log_reader import Row
from tests.support.upstream import ScriptedUpstream

OK = as_json({"type": "message"})
LIMIT = 32 * 1024 * 1024
CHUNKED = ("transfer-encoding", "chunked")
NOTHING_KEPT = None
DEEP = b'{"model": "m", "messages": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"
REFUSED_BODIES = [
    pytest.param(b"", "not valid JSON", id="empty"),
    pytest.param(b"When does the tide turn?", "not valid JSON", id="no JSON"),
    pytest.param(b'{"model": "m", "x": NaN}', "not valid JSON", id="no number"),
    pytest.param(asked()[:-1], "not valid JSON", id="cut off"),
    pytest.param(asked() + b"}", "not valid JSON", id="too long"),
    pytest.param(b"[1, 2]", "not a JSON object", id="array"),
    pytest.param(b"null", "not a JSON object", id="null"),
    pytest.param(b'{"messages": []}', "model: Field required", id="no model"),
    pytest.param(b'{"model": 5}', "model: Input should be a valid string", id="model of another type"),
    pytest.param(b'{"model": "m", "system": "caf\xe9"}', "not valid UTF-8", id="latin-1"),
    pytest.param(asked().decode().encode("utf-16"), "not valid UTF-8", id="UTF-16"),
    pytest.param(DEEP, "nested too deeply", id="deep"),
]
TAKEN_BODIES = [
    pytest.param(b'{"model": "m", "stream": "yes", "temperature": 1E400}', id="number out of range"),
    pytest.param(rb'{"model": "m", "messages": "\ud83d", "stream": 1}', id="half a character"),
    pytest.param(rb'{"model": "\ud83d", "metadata": {"user_id": "\ud83d_session_1"}}', id="half a character in facts"),
    pytest.param(rb'{"model": "m\u0000", "metadata": [], "tools": {}}', id="fields of other types"),
]
NO_HTTP = [
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is TLS\r\n\r\n", id="TLS"),
    pytest.param(b"EHLO mail.example\r\n\r\n", id="SMTP"),
    pytest.param(b"POST /v1/messages HTTP/1.1\r\nno colon\r\n\r\n", id="no colon"),
    pytest.param(b"POST /v1/mess\xe4ges HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", id="path that is no ASCII"),
    pytest.param(request_head("POST", "/v1/messages", [("content-length", "-1")]), id="negative length"),
    pytest.param(
        request_head("POST", "/v1/messages", [("content-length", "5"), ("content-length", "6")]) + b"12345",
        id="two lengths",
    ),
    pytest.param(
        request_head("POST", "/v1/messages", [("content-length", "5"), CHUNKED]) + b"0\r\n\r\n",
        id="two framings",
    ),
]


@pytest.fixture(autouse=True)
def the_server_lives_on(client: HttpClient, gateway: RunningGateway) -> Iterator[None]:
    yield
    with HttpClient(gateway.port) as next_client:
        assert next_client.ask("GET", "/healthz").status == 200


def only_entry(gateway: RunningGateway) -> Row:
    [entry] = gateway.log_entries(1)
    return entry


def is_rejected(entry: Row, status: int, message: str) -> bool:
    """Whether the entry tells the refusal: the same words as the client got."""
    return (entry["outcome"], entry["status"], entry["error_message"]) == ("rejected", status, message)


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/count_tokens"])
@pytest.mark.parametrize(("body", "says"), REFUSED_BODIES)
def test_a_body_that_names_no_model_is_refused_and_kept(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, path: str, body: bytes, says: str
) -> None:
    status, kind, message = client.ask("POST", path, body).error()

    assert (status, kind) == (400, "invalid_request_error")
    assert says in message
    assert upstream.requests == []
    entry = only_entry(gateway)
    assert is_rejected(entry, 400, message)
    assert (gateway.log.body(entry, "request") or b"") == body


@pytest.mark.parametrize("body", TAKEN_BODIES)
def test_a_body_that_only_the_api_may_judge_goes_to_the_api(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, body: bytes
) -> None:
    upstream.answer(OK)

    assert client.ask("POST", "/v1/messages", body).status == 200
    assert upstream.requests[0].body == body
    assert gateway.log.body(only_entry(gateway), "request") == body


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_the_content_type_does_not_matter(
    client: HttpClient, upstream: ScriptedUpstream, content_type: str | None
) -> None:
    upstream.answer(OK)

    answer = client.ask("POST", "/v1/messages", asked(), [("content-type", content_type)] if content_type else [])

    assert answer.status == 200
    assert (upstream.requests[0].body, upstream.requests[0].header("content-type")) == (asked(), content_type)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/messages"), ("DELETE", "/v1/messages"), ("POST", "/v1/models")]
)
def test_a_method_that_the_path_does_not_take_is_refused(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, method: str, path: str
) -> None:
    status, kind, message = client.ask(method, path, asked()).error()

    assert (status, kind, message) == (405, "invalid_request_error", f"{path} does not take {method}.")
    entry = only_entry(gateway)
    assert is_rejected(entry, 405, message)
    assert gateway.log.body(entry, "request") is NOTHING_KEPT


def test_a_body_of_the_greatest_length_is_taken(client: HttpClient, upstream: ScriptedUpstream) -> None:
    body = asked(system="")
    body = body.replace(b'"system": "', b'"system": "' + b"x" * (LIMIT - len(body)))
    upstream.answer(OK)

    assert client.ask("POST", "/v1/messages", body).status == 200
    assert upstream.requests[0].body == body


def test_a_body_whose_length_is_too_great_is_refused_before_it_comes(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    client.send(request_head("POST", "/v1/messages", [JSON, ("content-length", str(LIMIT + 1))]))

    status, kind, message = client.answer().error()

    assert (status, kind) == (413, "request_too_large")
    entry = only_entry(gateway)
    assert is_rejected(entry, 413, message)
    assert gateway.log.body(entry, "request") is NOTHING_KEPT
    assert upstream.requests == []


@pytest.mark.parametrize("chunked", [False, True], ids=["content-length", "chunked"])
def test_a_client_that_sends_too_much_can_read_the_refusal(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, chunked: bool
) -> None:
    megabyte = b"x" * 2**20
    framing = CHUNKED if chunked else ("content-length", str(33 * 2**20))
    client.send(request_head("POST", "/v1/messages", [JSON, framing]))
    for _ in range(33):
        client.send(chunk(megabyte) if chunked else megabyte)

    status, kind, message = client.answer().error()

    assert (status, kind) == (413, "request_too_large")
    entry = only_entry(gateway)
    assert is_rejected(entry, 413, message)
    assert gateway.log.body(entry, "request") is NOTHING_KEPT


def test_a_body_that_ends_too_early_is_refused_while_the_client_still_listens(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    client.send(request_head("POST", "/v1/messages", [JSON, CHUNKED]) + chunk(asked()))
    client.finish_sending()

    status, kind, message = client.answer().error()

    assert (status, kind) == (400, "invalid_request_error")
    assert is_rejected(only_entry(gateway), 400, message)
    assert upstream.requests == []


@pytest.mark.parametrize("framing", [CHUNKED, ("content-length", "1000")], ids=["chunked", "content-length"])
def test_a_client_that_goes_away_with_half_a_body_has_left(
    client: HttpClient, gateway: RunningGateway, framing: tuple[str, str]
) -> None:
    client.send(request_head("POST", "/v1/messages", [JSON, framing]) + chunk(asked()))
    client.leave_abruptly()

    assert only_entry(gateway)["outcome"] == "client_left"


@pytest.mark.parametrize("broken", [b"zz\r\nabc\r\n", b"-5\r\nabc\r\n", b"5\r\nabcdefgh\r\n", b"f" * 40 + b"\r\n"])
def test_a_broken_chunk_is_refused(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, broken: bytes
) -> None:
    client.send(request_head("POST", "/v1/messages", [JSON, CHUNKED]) + chunk(asked()) + broken)

    status, kind, message = client.answer().error()

    assert (status, kind) == (400, "invalid_request_error")
    entry = only_entry(gateway)
    assert is_rejected(entry, 400, message)
    assert (entry["method"], entry["path"]) == ("POST", "/v1/messages")
    assert upstream.requests == []


@pytest.mark.parametrize("data", NO_HTTP)
def test_what_is_no_http_is_refused(client: HttpClient, gateway: RunningGateway, data: bytes) -> None:
    client.send(data)

    status, kind, message = client.answer().error()

    assert (status, kind, message) == (400, "invalid_request_error", "The request is not valid HTTP/1.1.")
    assert client.is_closed_by_server()
    assert is_rejected(only_entry(gateway), 400, message)


@pytest.mark.parametrize(
    "headers",
    [[(f"x-{number}", "y" * 20) for number in range(4000)], [("x-long", "y" * 100_000)]],
    ids=["many", "one that is huge"],
)
def test_headers_that_are_too_long_are_refused(
    client: HttpClient, upstream: ScriptedUpstream, gateway: RunningGateway, headers: list[tuple[str, str]]
) -> None:
    client.send(request_head("POST", "/v1/messages", [*headers, ("content-length", "0")]))

    status, kind, message = client.answer().error()

    assert (status, kind) == (431, "invalid_request_error")
    assert is_rejected(only_entry(gateway), 431, message)
    assert upstream.requests == []


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b"GET /", id="path"),
        pytest.param(b"GET /v1/models HTTP/1.1\r\nx-a: ", id="header"),
        pytest.param(request_head("POST", "/v1/messages", [CHUNKED]) + b"0\r\nx-a: ", id="trailer"),
        pytest.param(request_head("POST", "/v1/messages", [CHUNKED]) + b"1;", id="chunk extension"),
    ],
)
def test_a_line_without_end_is_refused(client: HttpClient, gateway: RunningGateway, beginning: bytes) -> None:
    client.send(beginning)
    with pytest.raises((ConnectionError, TimeoutError)):
        for _ in range(100):
            client.send(b"y" * 65536)

    entry = only_entry(gateway)
    assert (entry["outcome"], entry["status"]) == ("rejected", 431)


def test_a_trailer_adds_no_headers(client: HttpClient, upstream: ScriptedUpstream) -> None:
    upstream.answer(OK)

    client.send(request_head("POST", "/v1/messages", [CHUNKED]) + chunk(asked()) + b"0\r\nx-api-key: late\r\n\r\n")

    assert client.answer().status == 200
    assert upstream.requests[0].header("x-api-key") is None


def test_a_client_that_only_connects_leaves_no_entry(client: HttpClient, gateway: RunningGateway) -> None:
    client.send(b"POST /v1/mess")
    client.finish_sending()
    with pytest.raises(BrokenOff):
        client.answer()

    with HttpClient(gateway.port) as other:
        other.ask("POST", "/v1/messages", b"")
    assert only_entry(gateway)["status"] == 400
