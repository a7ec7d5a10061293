"""Exchanges and journal records for the tests of the log's recording side."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from requestlog.digest import ResponseDigest
from requestlog.exchange import Exchange, Outcome
from requestlog.journal import Journal

REQUEST = json.dumps(
    {
        "model": "claude-sonnet-5",
        "system": [{"type": "text", "text": "You look after a lighthouse. " * 20}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Is the lamp lit? " * 20}]}],
    }
).encode()
RESPONSE = b'{"type":"message","content":[{"type":"text","text":"It is."}]}'
_WORDS = ["harbour", "lantern", "tide", "gull", "rope", "anchor", "signal", "breeze", "ledger", "compass", "keel"]


def digest_nothing(exchange: Exchange, response: bytes) -> ResponseDigest:
    return ResponseDigest()


def new_exchange(**fields: Any) -> Exchange:
    """An exchange as the gateway accepts it."""
    accepted = {"method": "POST", "path": "/v1/messages", "requested_model": "claude-sonnet-5", "session_id": "s-1"}
    return Exchange(**(accepted | {"request_headers": [("content-type", "application/json")]} | fields))


def finished(exchange: Exchange, outcome: Outcome = Outcome.COMPLETED, status: int = 200) -> Exchange:
    exchange.status = status
    exchange.response_headers = [("content-type", "application/json"), ("request-id", "req_1")]
    exchange.finish(outcome)
    return exchange


def open_journal(folder: Path, **options: Any) -> Journal:
    return Journal(folder, **({"limit": 1 << 40, "bodies_limit": 1 << 40} | options))


def serve(journal: Journal, request: bytes = REQUEST, response: bytes = RESPONSE, **fields: Any) -> Exchange:
    """One whole exchange."""
    exchange = new_exchange(**fields)
    journal.accept(exchange, request)
    journal.finish(finished(exchange), response)
    return exchange


def prose(random_numbers: random.Random, length: int) -> str:
    """At least `length` characters of words."""
    words = []
    while length > 0:
        words.append(random_numbers.choice(_WORDS) + str(random_numbers.randrange(1000)))
        length -= len(words[-1]) + 1
    return " ".join(words)


def session_requests(turns: int, seed: int = 7) -> list[bytes]:
    """The requests of one session in the shape of Claude Code: each repeats all that was said before."""
    numbers = random.Random(seed)
    tools = [
        {"name": f"tool_{n}", "description": prose(numbers, 2000), "input_schema": {"type": "object"}}
        for n in range(25)
    ]
    system = [{"type": "text", "text": prose(numbers, length)} for length in (90, 120, 14_000)]
    messages: list[dict[str, Any]] = [{"role": "user", "content": [{"type": "text", "text": prose(numbers, 2000)}]}]
    requests = []
    for turn in range(turns):
        last_block = messages[-1]["content"][-1]
        last_block["cache_control"] = {"type": "ephemeral"}
        requests.append(json.dumps({"model": "m", "messages": messages, "system": system, "tools": tools}).encode())
        del last_block["cache_control"]
        messages += _turn(numbers, turn)
    return requests


def _turn(numbers: random.Random, turn: int) -> list[dict[str, Any]]:
    call = {"type": "tool_use", "id": f"toolu_{turn}", "name": "tool_3", "input": {"path": prose(numbers, 60)}}
    result = {
        "type": "tool_result",
        "tool_use_id": call["id"],
        "content": prose(numbers, numbers.randrange(1000, 8000)),
    }
    answer = [{"type": "text", "text": prose(numbers, 150)}, call]
    return [{"role": "assistant", "content": answer}, {"role": "user", "content": [result]}]
