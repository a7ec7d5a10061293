"""A first look at a request of the Messages API, without taking it apart.

Strategy: one pass that checks the JSON's syntax and copies only what routing and log need. What tells who calls stays
raw JSON, as a view of the body: it is looked into for few requests. What the API itself would refuse for its content
(an unknown field, a wrong type) is the API's business: a body is refused here only when the gateway cannot serve it at
all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec


class InvalidRequest(ValueError):
    """The body is no request for a model; the text says what is wrong with it."""


class RequestParts(msgspec.Struct, frozen=True):
    """Parts of the body, most of them as raw JSON: empty where there is none, and of any shape where there is one.

    `tool_names` has one name for each tool, empty for a tool without one.
    """

    tool_names: Sequence[str] = ()
    system: msgspec.Raw = msgspec.Raw()
    messages: Sequence[msgspec.Raw] = ()
    output_config: msgspec.Raw = msgspec.Raw()


@dataclass(frozen=True, slots=True)
class RequestFacts:
    model: str
    streamed: bool
    message_count: int | None
    tools_offered: int
    session_id: str
    parts: RequestParts = field(default=RequestParts(), compare=False, repr=False)


class _Tool(msgspec.Struct):
    name: str = ""


class _Metadata(msgspec.Struct):
    user_id: str | None = None


class _Request(msgspec.Struct):
    model: str
    stream: bool | None = None
    messages: list[msgspec.Raw] | None = None
    tools: list[_Tool] | None = None
    metadata: _Metadata | None = None
    system: msgspec.Raw = msgspec.Raw()
    output_config: msgspec.Raw = msgspec.Raw()


class _UserId(msgspec.Struct):
    session_id: str = ""


_decode = msgspec.json.Decoder(_Request).decode
_decode_user_id = msgspec.json.Decoder(_UserId).decode


def read_facts(body: bytes) -> RequestFacts:
    """What a Messages or count_tokens request is about. Raises `InvalidRequest`."""
    try:
        body.decode()  # the JSON decoder does not look into the strings that it skips
        request = _decode(body)
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"The request body is not valid UTF-8: {error.reason} at byte {error.start}.") from error
    except (msgspec.DecodeError, RecursionError):
        return _read_leniently(body)
    if not request.model:
        return _read_leniently(body)  # which says what is wrong with it
    return RequestFacts(
        model=request.model,
        streamed=request.stream is True,
        message_count=None if request.messages is None else len(request.messages),
        tools_offered=len(request.tools or ()),
        session_id=_session_id((request.metadata and request.metadata.user_id) or ""),
        parts=RequestParts(
            tool_names=[tool.name for tool in request.tools or ()],
            system=request.system,
            messages=request.messages or (),
            output_config=request.output_config,
        ),
    )


def _read_leniently(body: bytes) -> RequestFacts:
    """Facts of a body in which some field has an unexpected type, or whose JSON the quick decoder does not take.

    It refuses halves of surrogate pairs (`"\\ud83d"`, which JavaScript writes for an emoji that was cut in two) and
    numbers beyond its range; both are JSON, and what to say about them is the API's business.
    """
    request = _load(body)
    if not isinstance(request, dict):
        raise InvalidRequest("The request body is not a JSON object.")
    model, messages, tools, metadata = map(request.get, ("model", "messages", "tools", "metadata"))
    if not isinstance(model, str) or not model:
        raise InvalidRequest("model: Field required" if model is None else "model: Input should be a valid string")
    model = _without_surrogates(model)
    user_id = metadata.get("user_id") if isinstance(metadata, dict) else None
    return RequestFacts(
        model=model,
        streamed=request.get("stream") is True,
        message_count=len(messages) if isinstance(messages, list) else None,
        tools_offered=len(tools) if isinstance(tools, list) else 0,
        session_id=_session_id(_without_surrogates(user_id) if isinstance(user_id, str) else ""),
        parts=_parts(request),
    )


def _parts(request: dict[str, Any]) -> RequestParts:
    messages, tools = request.get("messages"), request.get("tools")
    return RequestParts(
        tool_names=[_tool_name(tool) for tool in tools] if isinstance(tools, list) else (),
        system=_raw(request.get("system")),
        messages=[_raw(message) for message in messages] if isinstance(messages, list) else (),
        output_config=_raw(request.get("output_config")),
    )


def _tool_name(tool: object) -> str:
    name = tool.get("name") if isinstance(tool, dict) else None
    return name if isinstance(name, str) else ""


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw() if value is None else msgspec.Raw(json.dumps(value).encode())


def _load(body: bytes) -> Any:
    """The body as the standard library reads it. Raises `InvalidRequest`."""
    try:
        return json.loads(body.decode(), parse_int=float, parse_constant=_refuse_constant)
    except ValueError as error:
        reason = str(error).removeprefix("JSON is malformed: ")
        raise InvalidRequest(f"The request body is not valid JSON: {reason}") from error
    except RecursionError as error:
        raise InvalidRequest("The request body is nested too deeply.") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _without_surrogates(text: str) -> str:
    """Neither the log's database nor a header can hold half a character."""
    return text.encode(errors="replace").decode()


def _session_id(user_id: str) -> str:
    """The session that a client without the session header names: in a JSON object, or as `…_session_<uuid>`."""
    if not user_id.startswith("{"):
        return user_id.rpartition("_session_")[2] if "_session_" in user_id else ""
    try:
        return _decode_user_id(user_id).session_id
    except (msgspec.DecodeError, RecursionError):
        return ""
