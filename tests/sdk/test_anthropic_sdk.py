"""The official `anthropic` SDK through the gateway, blocking and async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic

from tests.support.anthropic_api import (
    as_json,
    error,
    events,
    model_list,
    overloaded,
    prompt_too_long,
    rate_limited,
    streamed,
    token_count,
    whole,
)
from tests.support.anthropic_stream import MODEL, PING, Text, Thinking, ToolUse, Usage, error_event, stream
from tests.support.gateway import RunningGateway
from tests.support.passthrough import assert_requests_unchanged, assert_responses_unchanged
from tests.support.scripted_response import Response
from tests.support.upstream import RecordedRequest, ScriptedUpstream
from tests.support.wiretap import Wiretap

API_KEY = "sk-ant-api03-the-key-of-an-sdk-user"
OAUTH_TOKEN = "sk-ant-oat01-a-token-of-a-subscription"
HARBOUR = Usage(input_tokens=21, output_tokens=9, cache_read=300, cache_write_5m=40, cache_write_1h=5)
ASKED: dict[str, Any] = {"model": MODEL, "max_tokens": 64, "messages": [{"role": "user", "content": "Where is it?"}]}
ERRORS = [
    (prompt_too_long(), anthropic.BadRequestError, "prompt is too long"),
    (error(401, "authentication_error", "invalid x-api-key"), anthropic.AuthenticationError, "invalid x-api-key"),
    (error(403, "permission_error", "not for this key"), anthropic.PermissionDeniedError, "not for this key"),
    (error(404, "not_found_error", "model: claude-none"), anthropic.NotFoundError, "model: claude-none"),
    (error(413, "request_too_large", "Request exceeds the size"), anthropic.RequestTooLargeError, "exceeds the size"),
    (rate_limited("7"), anthropic.RateLimitError, "rate limit of 4,000 requests"),
    (error(500, "api_error", "Internal server error"), anthropic.InternalServerError, "Internal server error"),
    (overloaded(), anthropic.OverloadedError, "Overloaded"),
]
every_error = pytest.mark.parametrize(
    ("response", "kind", "text"), ERRORS, ids=[str(response.status) for response, _, _ in ERRORS]
)


@pytest.fixture
def client(tap: Wiretap) -> Iterator[Anthropic]:
    with Anthropic(base_url=tap.base_url, api_key=API_KEY, max_retries=0) as client:
        yield client


@pytest.fixture
async def async_client(tap: Wiretap) -> AsyncIterator[AsyncAnthropic]:
    async with AsyncAnthropic(base_url=tap.base_url, api_key=API_KEY, max_retries=0) as client:
        yield client


def test_a_message(client: Anthropic, upstream: ScriptedUpstream, gateway: RunningGateway, tap: Wiretap) -> None:
    upstream.answer(whole(Text("In the north."), usage=HARBOUR))

    message = client.messages.create(**ASKED)

    assert message.content[0].text == "In the north."
    assert message.usage.cache_creation.ephemeral_1h_input_tokens == 5
    assert_requests_unchanged(tap, upstream)
    assert_responses_unchanged(tap, upstream)
    [entry] = gateway.log_entries(1)
    assert (entry["outcome"], entry["streamed"], entry["stop_reason"]) == ("completed", False, "end_turn")
    assert (entry["input_tokens"], entry["output_tokens"], entry["cache_read_tokens"]) == (21, 9, 300)
    assert (entry["cache_write_5m_tokens"], entry["cache_write_1h_tokens"]) == (40, 5)


async def test_a_message_async(async_client: AsyncAnthropic, upstream: ScriptedUpstream, tap: Wiretap) -> None:
    upstream.answer(whole(Text("In the north.")))

    message = await async_client.messages.create(**ASKED)

    assert message.content[0].text == "In the north."
    assert_requests_unchanged(tap, upstream)
    assert_responses_unchanged(tap, upstream)


def test_a_stream_is_accumulated_as_the_upstream_sent_it(
    client: Anthropic, upstream: ScriptedUpstream, gateway: RunningGateway, tap: Wiretap
) -> None:
    call = ToolUse("get_chart", {"region": "north", "depths": [3, 12], "note": "çok güzel 🌊"})
    upstream.answer(streamed(Thinking("Where was it?", "c2ln"), Text("I look it up."), call, usage=HARBOUR))

    with client.messages.stream(**ASKED) as received:
        text = "".join(received.text_stream)
        message = received.get_final_message()

    thinking, told, called = message.content
    assert (thinking.thinking, thinking.signature) == ("Where was it?", "c2ln")
    assert (text, told.text) == ("I look it up.", "I look it up.")
    assert (called.id, called.name, called.input) == (call.id, "get_chart", call.input)
    assert (message.stop_reason, message.usage.output_tokens) == ("tool_use", 9)
    assert_responses_unchanged(tap, upstream)
    [entry] = gateway.log_entries(1)
    assert (entry["streamed"], entry["tools_called"], entry["output_tokens"]) == (True, ["get_chart"], 9)


async def test_a_stream_is_accumulated_async(
    async_client: AsyncAnthropic, upstream: ScriptedUpstream, tap: Wiretap
) -> None:
    upstream.answer(streamed(Text("Piece by piece it comes.")))

    async with async_client.messages.stream(**ASKED) as received:
        pieces = [piece async for piece in received.text_stream]
        message = await received.get_final_message()

    assert len(pieces) > 1
    assert "".join(pieces) == message.content[0].text == "Piece by piece it comes."
    assert_responses_unchanged(tap, upstream)


def test_the_raw_events_of_a_stream_come_in_order(client: Anthropic, upstream: ScriptedUpstream) -> None:
    upstream.answer(events([PING, *stream(Text("One"))]))

    kinds = [event.type for event in client.messages.create(**ASKED, stream=True)]

    block = ["content_block_start", "content_block_delta", "content_block_stop"]
    assert [kind for kind in kinds if kind != "ping"] == ["message_start", *block, "message_delta", "message_stop"]


def test_tokens_are_counted(client: Anthropic, upstream: ScriptedUpstream, gateway: RunningGateway) -> None:
    upstream.answer(token_count(1234))

    counted = client.messages.count_tokens(model=MODEL, messages=ASKED["messages"])

    assert counted.input_tokens == 1234
    assert upstream.requests[0].path == "/v1/messages/count_tokens"
    [entry] = gateway.log_entries(1)
    assert (entry["path"], entry["outcome"]) == ("/v1/messages/count_tokens", "completed")


async def test_tokens_are_counted_async(async_client: AsyncAnthropic, upstream: ScriptedUpstream) -> None:
    upstream.answer(token_count(77))

    assert (await async_client.messages.count_tokens(model=MODEL, messages=ASKED["messages"])).input_tokens == 77


def test_the_models_are_listed(client: Anthropic, upstream: ScriptedUpstream, tap: Wiretap) -> None:
    upstream.answer(model_list("claude-opus-5-5", "claude-haiku-5"))

    assert [model.id for model in client.models.list(limit=20)] == ["claude-opus-5-5", "claude-haiku-5"]
    assert upstream.requests[0].target == "/v1/models?limit=20"
    assert_requests_unchanged(tap, upstream)


async def test_the_models_are_listed_async(async_client: AsyncAnthropic, upstream: ScriptedUpstream) -> None:
    upstream.answer(model_list("claude-opus-5-5"))

    assert [model.id async for model in async_client.models.list()] == ["claude-opus-5-5"]


@every_error
def test_an_error_has_the_class_and_the_words_of_the_upstream(
    client: Anthropic, upstream: ScriptedUpstream, tap: Wiretap, response: Response, kind: type[Exception], text: str
) -> None:
    upstream.answer(response)

    with pytest.raises(anthropic.APIStatusError) as raised:
        client.messages.create(**ASKED)

    assert type(raised.value) is kind
    assert text in raised.value.message
    assert raised.value.status_code == response.status
    assert raised.value.request_id == dict(response.headers)["request-id"]
    assert_responses_unchanged(tap, upstream)


@every_error
async def test_an_error_before_a_stream_is_no_stream(
    async_client: AsyncAnthropic, upstream: ScriptedUpstream, response: Response, kind: type[Exception], text: str
) -> None:
    upstream.answer(response)

    with pytest.raises(kind, match=text):
        async with async_client.messages.stream(**ASKED) as received:
            await received.until_done()


def test_the_rate_limit_says_when_to_come_back(
    client: Anthropic, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    upstream.answer(rate_limited("7"))

    with pytest.raises(anthropic.RateLimitError) as raised:
        client.messages.create(**ASKED)

    headers = raised.value.response.headers
    assert (headers["retry-after"], headers["anthropic-ratelimit-requests-remaining"]) == ("7", "0")
    [entry] = gateway.log_entries(1)
    assert (entry["status"], entry["outcome"], entry["error_type"]) == (429, "upstream_failed", "rate_limit_error")


def test_the_sdk_tries_again_when_the_upstream_is_overloaded(upstream: ScriptedUpstream, tap: Wiretap) -> None:
    again = (("retry-after-ms", "1"),)
    upstream.answer(overloaded().with_headers(*again), whole(Text("Now it works.")))

    with Anthropic(base_url=tap.base_url, api_key=API_KEY, max_retries=1) as client:
        message = client.messages.create(**ASKED)

    assert message.content[0].text == "Now it works."
    assert [request.header("x-stainless-retry-count") for request in upstream.requests] == ["0", "1"]


def test_an_error_event_in_a_stream_is_raised(
    client: Anthropic, upstream: ScriptedUpstream, gateway: RunningGateway
) -> None:
    begun = stream(Text("It begins well"))[:5]
    upstream.answer(events([*begun, error_event("overloaded_error", "Overloaded")]))

    with pytest.raises(anthropic.APIStatusError, match="Overloaded"), client.messages.stream(**ASKED) as received:
        received.until_done()

    [entry] = gateway.log_entries(1)
    assert (entry["status"], entry["outcome"]) == (200, "upstream_failed")
    assert (entry["error_type"], entry["error_message"]) == ("overloaded_error", "Overloaded")


def test_a_key_goes_upstream_in_the_header_that_the_client_chose(upstream: ScriptedUpstream, tap: Wiretap) -> None:
    upstream.answer(whole(Text("Known.")), whole(Text("Known.")), whole(Text("Known.")))

    for choice in ({"api_key": API_KEY}, {"auth_token": OAUTH_TOKEN}, {"default_headers": {"x-api-key": API_KEY}}):
        with Anthropic(base_url=tap.base_url, **choice) as client:
            client.messages.create(**ASKED)

    # This SDK sends an API key as a bearer token too; older ones and Claude Code put it into `x-api-key`.
    expected = [([], [f"Bearer {API_KEY}"]), ([], [f"Bearer {OAUTH_TOKEN}"]), ([API_KEY], [])]
    assert [credentials(request) for request in upstream.requests] == expected


def test_the_raw_response_names_the_provider(client: Anthropic, upstream: ScriptedUpstream) -> None:
    upstream.answer(as_json({"type": "message", "content": [], "of a later version": True}))

    raw = client.messages.with_raw_response.create(**ASKED)

    assert raw.headers["x-gateway-provider"] == "anthropic"
    assert raw.headers["request-id"] == raw.request_id
    assert raw.http_response.json()["of a later version"] is True


def credentials(request: RecordedRequest) -> tuple[list[str], list[str]]:
    return request.header_values("x-api-key"), request.header_values("authorization")
