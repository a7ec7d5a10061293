"""Compares the log with what is known from outside."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.gateway import RunningGateway
from tests.support.log_reader import Row

CATCH_UP_SECONDS = 30
Outcomes = Mapping[bytes, str]
"""What is expected of each request, which is named by its body: no two are the same."""


def assert_logged(gateway: RunningGateway, expected: Outcomes) -> dict[bytes, Row]:
    """Every request has exactly one entry with its body and its outcome, and nothing else has one; the entries."""
    entries = gateway.log_entries(len(expected), CATCH_UP_SECONDS)
    logged = {gateway.log.body(entry, "request"): entry for entry in entries}
    assert {body: entry["outcome"] for body, entry in logged.items()} == expected
    return {body: entry for body, entry in logged.items() if body is not None}


def completed(*bodies: bytes) -> dict[bytes, str]:
    return dict.fromkeys(bodies, "completed")
