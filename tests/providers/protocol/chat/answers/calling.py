"""Tool calls as an upstream writes them, and those that an answer has."""

from __future__ import annotations

import json
from typing import Any

from tests.providers.protocol.chat.answers.answering import (
    Answer,
    call,
    finished,
)

READ = '{"index":0,"id":"call_1","type":"function","function":{"name":"Read","arguments":""}}'


READ_A = '{"index":0,"id":"call_1","type":"function","function":{"name":"Read","arguments":"{\\"path\\":\\"a\\"}"}}'


BASH_LS = (
    '{"index":1,"id":"call_2","type":"function","function":{"name":"Bash","arguments":"{\\"command\\":\\"ls\\"}"}}'
)


BOTH = [("Read", {"path": "a"}), ("Bash", {"command": "ls"})]


def calls_of(answer: Answer) -> list[tuple[str, Any]]:
    return [(block["name"], block["input"]) for block in answer.content if block["type"] == "tool_use"]


def ids_of(answer: Answer) -> list[str]:
    return [block["id"] for block in answer.content if block["type"] == "tool_use"]


def whole(name: str, value: str, **fields: Any) -> str:
    """An entry of `tool_calls` with whole arguments."""
    return json.dumps(fields | {"function": {"name": name, "arguments": value}})


def one(text: str) -> Answer:
    """What becomes of a call with these arguments, in one piece."""
    return finished(call(whole("Read", text, index=0, id="call_1")))
