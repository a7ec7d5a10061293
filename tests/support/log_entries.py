"""Entries of the request log for tests of what reads it."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from requestlog import pieces
from requestlog.blocks import BlockStore
from requestlog.exchange import Outcome
from requestlog.models import Body, BodyKind, Entry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg=="
"""A PNG of one pixel, base64."""

_numbers = itertools.count()
_COMPLETED: dict[str, Any] = {
    "client_address": "127.0.0.1",
    "user_agent": "claude-cli/2.1.197 (external, cli)",
    "session_id": "4f1c0e5a-7f3e-4f0e-9a3b-2d1c6f9b8a70",
    "method": "POST",
    "path": "/v1/messages?beta=true",
    "requested_model": "claude-sonnet-5",
    "routed_model": "claude-sonnet-5",
    "provider": "anthropic",
    "wire_format": "anthropic",
    "streamed": True,
    "decision_reason": "no rule matched: the default provider",
    "config_revision": 3,
    "status": 200,
    "outcome": Outcome.COMPLETED.value,
    "stop_reason": "end_turn",
    "upstream_request_id": "req_0123",
    "overhead_ms": 0.42,
    "input_tokens": 12,
    "output_tokens": 345,
    "cache_read_tokens": 23456,
    "cache_write_5m_tokens": 789,
    "cache_write_1h_tokens": 0,
}


def id_at(moment: datetime) -> uuid.UUID:
    """A new UUIDv7 of `moment`, greater than those made before for the same millisecond."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | next(_numbers))


def entry_at(moment: datetime = NOON, **columns: Any) -> Entry:
    """An unsaved entry: a completed exchange of 2.5 s, changed by `columns`."""
    times = {
        "received_at": moment,
        "upstream_answered_at": moment + timedelta(milliseconds=420),
        "first_token_at": moment + timedelta(milliseconds=610),
        "finished_at": moment + timedelta(milliseconds=2500),
    }
    return Entry(id=id_at(moment), **(_COMPLETED | times | columns))


def store_entries(count: int, start: datetime = NOON, **columns: Any) -> list[Entry]:
    """`count` entries without bodies, one each second, oldest first."""
    moments = [start + timedelta(seconds=number) for number in range(count)]
    return Entry.objects.bulk_create(entry_at(moment, **columns) for moment in moments)


def store_exchange(
    moment: datetime = NOON,
    *,
    request: Any = None,
    sent: Any = None,
    received: Any = None,
    response: Any = None,
    message: Any = None,
    request_headers: Iterable[tuple[str, str]] | None = None,
    sent_headers: Iterable[tuple[str, str]] | None = None,
    response_headers: Iterable[tuple[str, str]] | None = None,
    **columns: Any,
) -> Entry:
    """One entry with its bodies: bytes are stored as they are, any other value as its JSON, None not at all."""
    bodies = {
        BodyKind.REQUEST: request,
        BodyKind.SENT: sent,
        BodyKind.RECEIVED: received,
        BodyKind.RESPONSE: response,
        BodyKind.MESSAGE: message,
        BodyKind.REQUEST_HEADERS: request_headers,
        BodyKind.SENT_HEADERS: sent_headers,
        BodyKind.RESPONSE_HEADERS: response_headers,
    }
    entry = entry_at(moment, **columns)
    entry.save(force_insert=True)
    for kind, content in bodies.items():
        if content is not None:
            store_body(entry, kind, content if isinstance(content, bytes) else json.dumps(content).encode())
    return entry


def store_body(entry: Entry, kind: BodyKind, content: bytes) -> Body:
    blocks = BlockStore()
    blocks.begin()
    found = [blocks.share(piece.content) if piece.shared else piece.content for piece in pieces.split(content)]
    with transaction.atomic():
        blocks.save()
    references = [part if isinstance(part, bytes) else part.id for part in found]
    return Body.objects.create(entry=entry, kind=kind, size=len(content), pieces=pieces.pack(references))


def messages_request(*messages: Any, **fields: Any) -> dict[str, Any]:
    """A Messages request as Claude Code shapes it."""
    return {
        "model": "claude-sonnet-5",
        "max_tokens": 32000,
        "stream": True,
        "thinking": {"type": "adaptive"},
        "system": [
            {"type": "text", "text": "You help with a garden planner written in Python."},
            {
                "type": "text",
                "text": "Answer briefly. Run the tests before you say that it works.",
                "cache_control": {"type": "ephemeral"},
            },
        ],
        "tools": [
            {
                "name": "Bash",
                "description": "Runs a command in the project's folder.",
                "input_schema": {
                    "type": "object",
                    "properties": {"command": {"type": "string"}},
                    "required": ["command"],
                },
            },
            {"name": "Read", "description": "Reads a file.", "input_schema": {"type": "object"}},
        ],
        "messages": list(messages) or [{"role": "user", "content": "When do I sow the beans?"}],
    } | fields


def message_response(*blocks: Any, **fields: Any) -> dict[str, Any]:
    """A response as one message."""
    return {
        "id": "msg_0123",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5",
        "content": list(blocks) or [{"type": "text", "text": "After the last frost, in May."}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 12, "output_tokens": 345},
    } | fields
