"""Bodies that are hard to read, or cannot be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.protocol.chat.capabilities import Capabilities
from providers.protocol.chat.requests.notes import Notes
from providers.protocol.messages_request import InvalidRequest
from tests.providers.protocol.chat.requests.converting import READ, chat, convert_body, request_body


def sent_text(body: bytes) -> str:
    found: str = json.loads(convert_body(body, Capabilities()).body)["messages"][-1]["content"]
    return found


def refused(body: bytes) -> str:
    with pytest.raises(InvalidRequest) as error:
        convert_body(body, Capabilities())
    return str(error.value)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (rb"cut \ud83d", "cut \ufffd"),
        (rb"\ude00\ud83d", "\ufffd\ufffd"),
        (rb"whole \ud83d\ude00", "whole 😀"),
        (rb"nul \u0000", "nul \0"),
        ("\u2028 ü".encode(), "\u2028 ü"),
    ],
)
def test_every_character_that_json_can_hold_survives_or_is_replaced(written: bytes, text: str) -> None:
    assert sent_text(b'{"model":"m","messages":[{"role":"user","content":"%s"}]}' % written) == text


def test_half_a_character_anywhere_is_replaced() -> None:
    body = request_body(tools=[READ], system="S").replace(b"Reads", rb"\ud83d").replace(b'"S"', rb'"\ude00"')
    sent = json.loads(convert_body(body, Capabilities()).body)
    assert sent["tools"][0]["function"]["description"] == "\ufffd a file."
    assert sent["messages"][0]["content"] == "\ufffd"


def test_numbers_of_a_repaired_body_stay_what_they_are() -> None:
    body = request_body(temperature=0.25, max_tokens=7).replace(b"Hello", rb"\ud83d")
    sent = json.loads(convert_body(body, Capabilities()).body)
    assert (sent["temperature"], sent["max_tokens"]) == (0.25, 7)


def test_a_null_field_counts_as_missing() -> None:
    nulls = dict.fromkeys(["system", "tools", "tool_choice", "temperature", "thinking", "stream", "metadata", "novel"])
    assert chat(**nulls) == chat()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[]", "The request body is not a JSON object."),
        (b'"x"', "The request body is not a JSON object."),
        (b'{"messages": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "The request body is nested too deeply."),
        (b'{"max_tokens": 1e999, "messages": [{"role": "user", "content": "x"}]}', "max_tokens: Number out of range"),
        (b'{"messages": [{"role": "user", "content": "\\ud83d"}], "n": 1e999}', "The request body is not valid JSON: "),
        (b'{"messages": [{"role": "user", "content": "\\ud83d"}], "n": NaN}', "The request body is not valid JSON: "),
        (b"", "The request body is not valid JSON: "),
        (b'{"messages": [', "The request body is not valid JSON: "),
        (b'{"messages": [{"role": "user", "content": "\xff"}]}', "The request body is not valid JSON: "),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_words(body: bytes, words: str) -> None:
    assert refused(body).startswith(words)


@pytest.mark.parametrize("depth", [100, 300, 400, 700, 900, 990, 1000, 3000])
@pytest.mark.parametrize("place", ["input", "schema", "result"])
def test_deep_nesting_is_sent_or_refused_in_words(place: str, depth: int) -> None:
    deep = b'{"properties":{"content":' * depth + b"{}" + b"}}" * depth
    deep = deep.replace(b"properties", b"title") if place == "result" else deep
    tool = b'{"name":"t","input_schema":%s}' % (deep if place == "schema" else b"{}")
    call = b'{"type":"tool_use","id":"1","name":"t","input":%s}' % (deep if place == "input" else b"{}")
    result = b'{"type":"web_fetch_tool_result","content":%s}' % (deep if place == "result" else b"{}")
    body = b'{"tools":[%s],"messages":[{"role":"assistant","content":[%s,%s]}]}' % (tool, call, result)
    for dialect in ("full", "gemini"):
        try:
            json.loads(convert_body(body, Capabilities().overridden({"schema_dialect": dialect})).body)
        except InvalidRequest as error:
            assert str(error) == "The request body is nested too deeply."


def test_a_huge_number_in_an_input_survives() -> None:
    call = {"type": "tool_use", "id": "1", "name": "t", "input": {"n": 10**300}}
    sent: Any = chat(messages=[{"role": "assistant", "content": [call]}])["messages"][0]["tool_calls"][0]
    assert json.loads(sent["function"]["arguments"]) == {"n": 10**300}


def test_notes_are_few_and_each_stands_once() -> None:
    notes = Notes()
    for number in range(40):
        notes.add(f"sentence {number}")
        notes.add(f"sentence {number}")
    notes.add("another sentence 0", about="sentence 0")
    assert notes.all()[:2] == ("sentence 0", "sentence 1")
    assert len(notes.all()) == Notes.LIMIT + 1
    assert notes.all()[-1].startswith("and ")
