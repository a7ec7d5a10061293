"""What the tests with a converted model have in common: the model's name, and what must hold of each exchange."""

from __future__ import annotations

import json

from tests.conftest import OPENAI_KEY
from tests.support.gateway import RunningGateway
from tests.support.log_reader import Row
from tests.support.upstream import RecordedRequest

MODEL = "scripted:gpt-test"


def assert_logged(gateway: RunningGateway, entries: list[Row], requests: list[RecordedRequest]) -> None:
    """The log holds every exchange in both formats, as each side had it, and what the conversion changed."""
    assert len(entries) == len(requests)
    for entry, request in zip(entries, requests, strict=True):
        _assert_both_formats(gateway, entry, request)


def _assert_both_formats(gateway: RunningGateway, entry: Row, request: RecordedRequest) -> None:
    assert (entry["requested_model"], entry["routed_model"]) == (MODEL, "gpt-test")
    assert (entry["provider"], entry["wire_format"]) == ("scripted", "openai")
    asked = json.loads(gateway.log.body(entry, "request") or b"{}")
    assert asked["model"] == MODEL
    assert len(asked["messages"]) == entry["message_count"]
    assert gateway.log.body(entry, "sent") == request.body
    assert request.response
    assert gateway.log.body(entry, "received") == request.response.body()
    assert gateway.log.body(entry, "response")
    assert entry["conversion_notes"]
    assert OPENAI_KEY not in str(gateway.log.headers(entry, "sent_headers"))
