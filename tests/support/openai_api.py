"""A scripted upstream that stands where a Chat Completions API stands, and its answers in that API's words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.support.openai_stream import USUAL, Part, Usage, completion, next_id, stream
from tests.support.openai_validation import problems_of
from tests.support.scripted_response import Framing, Headers, Response, Step
from tests.support.upstream import RecordedRequest, ScriptedUpstream

PATH = "/v1/chat/completions"


class OpenAIUpstream(ScriptedUpstream):
    """Every chat request must be one that the `openai` SDK's types allow; another is among the `failures`.

    `extensions` are the keys beyond those that the test expects of its provider.
    """

    extensions: tuple[str, ...] = ()

    def reset(self) -> None:
        super().reset()
        self.extensions = ()

    def respond(self, request: RecordedRequest) -> Response:
        if request.path == PATH:
            self.failures += [f"{PATH}: {problem}" for problem in problems_of(request.body, self.extensions)]
        return super().respond(request)

    @property
    def chats(self) -> list[RecordedRequest]:
        return self.posts(PATH)


def streamed(*parts: Part, usage: Usage | None = USUAL, interleaved: bool = False) -> Response:
    """A whole completion as an event stream."""
    return events(stream(*parts, usage=usage, interleaved=interleaved))


def events(steps: Sequence[Step]) -> Response:
    """An event stream of the given events; gates and cuts may stand between them."""
    headers = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"), *_own_headers())
    return Response(headers=headers, steps=steps, framing=Framing.CHUNKED)


def cut_everywhere(response: Response, size: int) -> Response:
    """The same bytes in chunks of `size`, which end in the middle of events and of characters."""
    body = response.body()
    steps = [body[start : start + size] for start in range(0, len(body), size)]
    return Response(response.status, response.headers, steps, response.framing)


def whole(*parts: Part, usage: Usage = USUAL) -> Response:
    """A completion without streaming."""
    return as_json(completion(*parts, usage=usage))


def as_json(content: Any, status: int = 200, headers: Headers = ()) -> Response:
    own = (("content-type", "application/json"), *_own_headers())
    return Response(status, own + headers, [json.dumps(content).encode()])


def error(status: int, kind: str, text: str, code: str | None = None, headers: Headers = ()) -> Response:
    return as_json({"error": {"message": text, "type": kind, "param": None, "code": code}}, status, headers)


def rate_limited(retry_after: str = "1") -> Response:
    text = "Rate limit reached for gpt-test on tokens per min (TPM): Limit 30000, Used 29871, Requested 4120."
    return error(429, "tokens", text, "rate_limit_exceeded", (("retry-after", retry_after),))


def context_too_long() -> Response:
    text = (
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 130534 tokens. "
        "Please reduce the length of the messages."
    )
    return error(400, "invalid_request_error", text, "context_length_exceeded")


def tool_results(request: RecordedRequest) -> dict[str, str]:
    """The tool messages by the id of their call, as text; two for one call are an `AssertionError`."""
    messages = [message for message in request.json()["messages"] if message["role"] == "tool"]
    results = {message["tool_call_id"]: text_of(message["content"]) for message in messages}
    assert len(results) == len(messages), "a call got more than one result"
    return results


def calls_in(request: RecordedRequest) -> list[dict[str, Any]]:
    """The tool calls of the conversation so far."""
    return [call for message in request.json()["messages"] for call in message.get("tool_calls") or ()]


def images_in(request: RecordedRequest) -> list[str]:
    """The URLs of all images in user messages."""
    contents = [message["content"] for message in request.json()["messages"] if message["role"] == "user"]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]


def text_of(content: str | list[dict[str, Any]] | None) -> str:
    """The text of a message's content, whatever its form."""
    if not isinstance(content, list):
        return content or ""
    return "".join(part.get("text", "") for part in content)


def _own_headers() -> Headers:
    return (
        ("x-request-id", next_id("req_")),
        ("openai-processing-ms", "312"),
        ("openai-version", "2020-10-01"),
        ("x-ratelimit-limit-requests", "500"),
        ("x-ratelimit-remaining-requests", "499"),
        ("x-ratelimit-reset-requests", "120ms"),
    )
