"""The scripted upstream's answers, in the words and headers of the Messages API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.support.anthropic_stream import USUAL, Block, Usage, message, next_id, stream
from tests.support.scripted_response import Framing, Headers, Response, Step

RATE_LIMITS: Headers = (
    ("anthropic-ratelimit-requests-limit", "4000"),
    ("anthropic-ratelimit-requests-remaining", "3999"),
    ("anthropic-ratelimit-input-tokens-limit", "400000"),
    ("anthropic-ratelimit-input-tokens-remaining", "399000"),
    ("anthropic-organization-id", "00000000-0000-4000-8000-000000000000"),
)


def streamed(*blocks: Block, usage: Usage = USUAL) -> Response:
    """A whole message as an event stream."""
    return events(stream(*blocks, usage=usage))


def events(steps: Sequence[Step]) -> Response:
    """An event stream of the given events; gates and cuts may stand between them."""
    headers = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"), *_own_headers())
    return Response(headers=headers, steps=steps, framing=Framing.CHUNKED)


def whole(*blocks: Block, usage: Usage = USUAL) -> Response:
    """A message without streaming."""
    return as_json(message(*blocks, usage=usage))


def as_json(content: Any, status: int = 200, headers: Headers = ()) -> Response:
    own = (("content-type", "application/json"), *_own_headers())
    return Response(status, own + headers, [json.dumps(content).encode()])


def error(status: int, kind: str, text: str, headers: Headers = ()) -> Response:
    """An error; its body repeats the request id, as the API's does."""
    request_id = next_id("req")
    content = {"type": "error", "error": {"type": kind, "message": text}, "request_id": request_id}
    own = (("content-type", "application/json"), ("request-id", request_id), *headers)
    return Response(status, own, [json.dumps(content).encode()])


def overloaded() -> Response:
    return error(529, "overloaded_error", "Overloaded", (("x-should-retry", "true"),))


def rate_limited(retry_after: str = "1") -> Response:
    text = "This request would exceed your organization's rate limit of 4,000 requests per minute."
    headers = (("retry-after", retry_after), ("anthropic-ratelimit-requests-remaining", "0"))
    return error(429, "rate_limit_error", text, headers)


def prompt_too_long() -> Response:
    return error(400, "invalid_request_error", "prompt is too long: 203745 tokens > 200000 maximum")


def token_count(input_tokens: int) -> Response:
    return as_json({"input_tokens": input_tokens})


def model_list(*ids: str) -> Response:
    created = "2026-05-01T00:00:00Z"
    models = [{"type": "model", "id": id, "display_name": id.title(), "created_at": created} for id in ids]
    return as_json({"data": models, "has_more": False, "first_id": ids[0], "last_id": ids[-1]})


def _own_headers() -> Headers:
    return (("request-id", next_id("req")), *RATE_LIMITS)
