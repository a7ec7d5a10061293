"""Tool calls in all the shapes in which upstreams write them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from providers.protocol.chat.answers.stream import ChatStreamTranslator
from providers.protocol.chat.context import ThoughtSignatures
from providers.protocol.chat.tool_ids import ToolIds, to_client, to_upstream
from tests.providers.protocol.chat.answers.answering import (
    CONTEXT,
    TOOL_CALLS,
    Answer,
    arguments,
    call,
    context,
    delta,
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


# -------------------------------------------------------------------------------------------------- shapes of one call


def test_a_call_in_pieces_goes_out_in_pieces() -> None:
    answer = finished(call(READ), arguments('{"pa'), arguments('th":'), arguments(' "a"}'))
    assert answer.outline == [
        "begin tool_use Read call_1", 'input_json: {"pa', 'input_json: th":', 'input_json:  "a"}', "close",
        "end tool_use",
    ]  # fmt: skip


def test_a_call_whose_arguments_come_in_its_first_chunk_keeps_them() -> None:
    answer = finished(call(READ_A))
    assert answer.outline == ["begin tool_use Read call_1", 'input_json: {"path":"a"}', "close", "end tool_use"]


def test_a_call_begins_without_waiting_for_its_arguments() -> None:
    translator = ChatStreamTranslator(CONTEXT)
    assert b"content_block_start" in translator.feed(call(READ))[-1]


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([call(READ_A)], id="whole"),
        pytest.param([call(READ), arguments('{"path":'), arguments('"a"}')], id="id and name in the first chunk only"),
        pytest.param(
            [
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":"{\\"path\\":"}}'),
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":"\\"a\\"}"}}'),
            ],
            id="id and name in every chunk",
        ),
        pytest.param(
            [
                call('{"index":0,"id":"call_1"}'),
                call('{"index":0,"function":{"name":"Read"}}'),
                arguments('{"path":"a"}'),
            ],
            id="the name after the id",
        ),
        pytest.param(
            [
                arguments('{"path":'),
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":"\\"a\\"}"}}'),
            ],
            id="the name after the arguments",
        ),
        pytest.param(
            [
                call('{"id":"call_1","function":{"name":"Read","arguments":"{"}}'),
                call('{"function":{"arguments":"\\"path\\":\\"a\\"}"}}'),
            ],
            id="no index",
        ),
        pytest.param(
            [call('{"id":"call_1","function":{"name":"Read"}}'), arguments('{"path":"a"}')],
            id="no index in the first chunk",
        ),
        pytest.param(
            [
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":"{"}}'),
                call('{"index":0,"id":"chatcmpl-tool-2","function":{"arguments":"\\"path\\":"}}'),
                call('{"index":0,"id":"chatcmpl-tool-3","function":{"arguments":"\\"a\\"}"}}'),
            ],
            id="a new id in every chunk",
        ),
        pytest.param(
            [call(READ), arguments('{"path":"a"}'), call('{"index":0,"id":"","function":{"name":"","arguments":""}}')],
            id="an empty piece at the end",
        ),
        pytest.param([call(READ), arguments('{"path":"a"}'), arguments('{"path":"a"}')], id="the whole once more"),
        pytest.param([call(READ_A), call(READ_A)], id="the whole call once more"),
        pytest.param(
            [call(READ), arguments('{"path":"a"}'), arguments("{"), arguments('"path":"a"}')],
            id="the whole once more in pieces",
        ),
        pytest.param([call(READ), arguments("{}"), arguments('{"path":"a"}')], id="{} before the arguments"),
        pytest.param(
            [call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":{"path":"a"}}}')], id="an object"
        ),
        pytest.param(
            [
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":{}}}'),
                arguments('{"path":"a"}'),
            ],
            id="an empty object before the arguments",
        ),
        pytest.param([delta('{"tool_calls":%s}', READ_A)], id="no list"),
        pytest.param([call(READ_A.replace('"index":0', '"index":"0"'))], id="the index as a text"),
        pytest.param([call(READ), TOOL_CALLS, arguments('{"path":"a"}')], id="arguments after the finish"),
    ],
)
def test_one_call_in_every_shape_is_the_same_call(chunks: list[bytes]) -> None:
    answer = finished(*chunks)
    assert answer.content == [{"type": "tool_use", "id": "call_1", "name": "Read", "input": {"path": "a"}}]
    assert answer.stop_reason == "tool_use"
    assert answer.notes == []


def test_a_function_call_of_old_is_a_tool_call() -> None:
    answer = finished(
        delta('{"function_call":{"name":"Read","arguments":""}}'),
        delta('{"function_call":{"arguments":"{\\"path\\":"}}'),
        delta('{"function_call":{"arguments":"\\"a\\"}"}}'),
    )
    assert answer.content == [{"type": "tool_use", "id": "toolu_0123_1", "name": "Read", "input": {"path": "a"}}]


@pytest.mark.parametrize("nothing", ["[]", "null", "{}", "[null]"])
def test_no_tool_calls_are_none(nothing: str) -> None:
    answer = finished(delta('{"content":"Hi","tool_calls":%s}', nothing))
    assert answer.content == [{"type": "text", "text": "Hi"}]
    assert answer.stop_reason == "end_turn"


def test_text_and_calls_in_one_chunk_are_both_kept() -> None:
    answer = finished(delta('{"content":"Look:","tool_calls":[%s,%s]}', READ_A, BASH_LS))
    assert answer.outline == [
        "begin text", "text: Look:", "close",
        "begin tool_use Read call_1", 'input_json: {"path":"a"}', "close",
        "begin tool_use Bash call_2", 'input_json: {"command":"ls"}', "close",
        "end tool_use",
    ]  # fmt: skip


def test_a_call_without_a_name_is_left_out_with_a_note() -> None:
    answer = finished(call('{"index":0,"id":"call_1","function":{"arguments":"{\\"a\\":1}"}}'), TOOL_CALLS)
    assert answer.content == [] and answer.stop_reason == "end_turn"
    assert answer.notes[0] == 'A tool call without a name was left out; its arguments: {"a":1}'


# ----------------------------------------------------------------------------------------------------- several calls


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([call(f"{READ_A},{BASH_LS}")], id="both in one chunk"),
        pytest.param([call(READ_A), call(BASH_LS)], id="one after the other"),
        pytest.param([call(READ_A), call(BASH_LS.replace('"index":1', '"index":0'))], id="index always 0"),
        pytest.param(
            [
                call(READ),
                arguments('{"path":"a"}'),
                call('{"index":0,"id":"call_2","function":{"name":"Bash","arguments":""}}'),
                arguments('{"command":"ls"}'),
            ],
            id="index always 0, in pieces",
        ),
        pytest.param(
            [
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":""}}'),
                call('{"index":1,"id":"call_2","function":{"name":"Bash","arguments":""}}'),
                arguments('{"path"', 0),
                arguments('{"command"', 1),
                arguments(':"a"}', 0),
                arguments(':"ls"}', 1),
            ],
            id="interleaved",
        ),
        pytest.param(
            [
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":"{"}}'),
                call('{"index":0,"id":"call_2","function":{"name":"Bash","arguments":"{"}}'),
                call('{"index":0,"id":"call_1","function":{"name":"Read","arguments":"\\"path\\":\\"a\\"}"}}'),
                call('{"index":0,"id":"call_2","function":{"name":"Bash","arguments":"\\"command\\":\\"ls\\"}"}}'),
            ],
            id="interleaved by their ids, index always 0",
        ),
        pytest.param(
            [call(whole("Read", '{"path":"a"}', id="call_1")), call(whole("Bash", '{"command":"ls"}', id="call_2"))],
            id="index missing",
        ),
        pytest.param(
            [call(whole("Read", '{"path":"a"}', id="call_1") + "," + whole("Bash", '{"command":"ls"}', id="call_2"))],
            id="index missing, in one chunk",
        ),
        pytest.param(
            [
                call('{"id":"call_1","function":{"name":"Read","arguments":"{\\"path\\":"}}'),
                call('{"function":{"arguments":"\\"a\\"}"}}'),
                call('{"id":"call_2","function":{"name":"Bash","arguments":"{\\"command\\":"}}'),
                call('{"function":{"arguments":"\\"ls\\"}"}}'),
            ],
            id="index missing, in pieces",
        ),
    ],
)
def test_two_calls_in_every_shape_are_the_same_two_calls(chunks: list[bytes]) -> None:
    answer = finished(*chunks)
    assert calls_of(answer) == BOTH
    assert ids_of(answer) == ["call_1", "call_2"]
    assert answer.notes == []


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([call(whole("Read", '{"path":"a"}')), call(whole("Bash", '{"command":"ls"}'))], id="neither"),
        pytest.param(
            [call(whole("Read", '{"path":"a"}') + "," + whole("Bash", '{"command":"ls"}'))], id="in one chunk"
        ),
        pytest.param(
            [call(whole("Read", '{"path":"a"}', index=0)), call(whole("Bash", '{"command":"ls"}', index=0))],
            id="index always 0",
        ),
        pytest.param(
            [
                call(whole("Read", '{"path":"a"}', index=0, id="")),
                call(whole("Bash", '{"command":"ls"}', index=1, id="")),
            ],
            id="empty ids",
        ),
    ],
)
def test_calls_without_ids_are_told_apart_and_get_ids(chunks: list[bytes]) -> None:
    answer = finished(*chunks)
    assert calls_of(answer) == BOTH
    assert ids_of(answer) == ["toolu_0123_1", "toolu_0123_2"]


def test_the_same_call_twice_in_one_chunk_is_two_calls() -> None:
    answer = finished(call(whole("Read", '{"path":"a"}') + "," + whole("Read", '{"path":"a"}')))
    assert calls_of(answer) == [BOTH[0], BOTH[0]]


def test_calls_of_one_tool_without_ids_are_told_apart_by_their_arguments() -> None:
    answer = finished(call(whole("Read", '{"path":"a"}', index=0)), call(whole("Read", '{"path":"b"}', index=0)))
    assert calls_of(answer) == [("Read", {"path": "a"}), ("Read", {"path": "b"})]


def test_calls_without_arguments_are_told_apart_by_their_names() -> None:
    answer = finished(call(whole("Read", "")), call(whole("Bash", "")))
    assert calls_of(answer) == [("Read", {}), ("Bash", {})]


def test_interleaved_calls_follow_one_another() -> None:
    answer = finished(
        call(READ),
        call(BASH_LS),
        arguments('{"path":'),
        delta('{"content":"And?"}'),
        arguments('"a"}'),
        call('{"index":2,"id":"call_3","function":{"name":"Read","arguments":"{}"}}'),
    )
    assert answer.outline == [
        "begin tool_use Read call_1", 'input_json: {"path":', 'input_json: "a"}', "close",
        "begin tool_use Bash call_2", 'input_json: {"command":"ls"}', "close",
        "begin text", "text: And?", "close",
        "begin tool_use Read call_3", "input_json: {}", "close",
        "end tool_use",
    ]  # fmt: skip


def test_what_waits_goes_out_when_the_call_before_it_has_become_complete() -> None:
    translator = ChatStreamTranslator(CONTEXT)
    translator.feed(call(READ) + arguments('{"path":'))
    assert translator.feed(delta('{"content":"And"}')) == []
    translator.feed(arguments('"a"}'))
    ended, begun, waited, piece = translator.feed(delta('{"content":" so"}'))
    assert b"content_block_stop" in ended and b"content_block_start" in begun
    assert b'"And"' in waited and b'" so"' in piece


def test_a_complete_call_does_not_keep_the_next_one_waiting() -> None:
    translator = ChatStreamTranslator(CONTEXT)
    translator.feed(call(READ_A))
    ended, begun, piece = translator.feed(call(BASH_LS))
    assert b"content_block_stop" in ended and b"content_block_start" in begun and b"ls" in piece


def test_arguments_for_a_call_that_has_ended_are_left_out_with_a_note() -> None:
    answer = finished(call(READ_A), call(BASH_LS), arguments(" ", 0), arguments(',"more":1}', 0))
    assert calls_of(answer) == BOTH
    assert answer.notes == ["Arguments that came after the end of the tool call Read were left out."]


# ------------------------------------------------------------------------------------------------------------ arguments


@pytest.mark.parametrize("text", ["", " ", "null", "{}", " {} ", '"{}"', '""', '"null"'])
def test_no_arguments_are_an_empty_input(text: str) -> None:
    answer = one(text)
    assert calls_of(answer) == [("Read", {})]
    assert answer.outline == ["begin tool_use Read call_1", "input_json: {}", "close", "end tool_use"]
    assert answer.notes == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(' \n{"path":"a"}', id="space before"),
        pytest.param('{"path":"a"}\n ', id="space after"),
        pytest.param('"{\\"path\\":\\"a\\"}"', id="JSON in a JSON text"),
        pytest.param('"\\"{\\\\\\"path\\\\\\":\\\\\\"a\\\\\\"}\\""', id="JSON in a JSON text in a JSON text"),
    ],
)
def test_arguments_are_unwrapped(text: str) -> None:
    assert calls_of(one(text)) == [("Read", {"path": "a"})]
    pieces = [text[place : place + 3] for place in range(0, len(text), 3)]
    assert calls_of(finished(call(READ), *map(arguments, pieces))) == [("Read", {"path": "a"})]


@pytest.mark.parametrize("text", ["[1, 2]", "ls -l", "5", '"ls"', "true", '"{broken"', '"ls'])
def test_arguments_that_are_no_object_are_kept_as_a_field(text: str) -> None:
    answer = one(text)
    assert calls_of(answer) == [("Read", {"unparsed_arguments": text})]
    assert answer.notes == [
        "The arguments of the tool call Read are not a JSON object and became the field unparsed_arguments."
    ]


def test_arguments_that_were_cut_off_go_out_as_they_are_with_a_note() -> None:
    answer = finished(call(READ), arguments('{"path": "a'))
    assert answer.outline[1:3] == ['input_json: {"path": "a', "close"]
    assert answer.notes == ["The arguments of the tool call Read are not a complete JSON object."]


def test_other_arguments_after_complete_ones_are_left_out_with_a_note() -> None:
    answer = finished(call(READ), arguments('{"path":"a"}'), arguments('{"path":"b"}'))
    assert calls_of(answer) == [("Read", {"path": "a"})]
    assert answer.notes == ["The arguments of the tool call Read had more text after their end, which was left out."]


def test_a_brace_inside_a_text_ends_nothing() -> None:
    answer = finished(call(READ), arguments('{"path":"{a}'), arguments('{b}"}'))
    assert calls_of(answer) == [("Read", {"path": "{a}{b}"})]


def test_characters_beyond_ascii_stay_what_they_are() -> None:
    answer = finished(call(READ), arguments('{"path":"日'), arguments('本😀\u2028"}'))
    assert calls_of(answer) == [("Read", {"path": "日本😀\u2028"})]


# ---------------------------------------------------------------------------------------------------------- ids, names


@pytest.mark.parametrize("upstream_id", ["call_1", "toolu_1", "chatcmpl-tool-9f"])
def test_an_id_is_kept(upstream_id: str) -> None:
    assert ids_of(finished(call(whole("Read", "{}", index=0, id=upstream_id)))) == [upstream_id]


def test_an_id_of_the_history_is_not_used_again() -> None:
    answer = finished(call(READ_A), context=context(used_tool_ids=frozenset({"call_1", "toolu_0123_1"})))
    assert ids_of(answer) == ["toolu_0123_2"]


def test_two_calls_with_one_id_get_two_ids() -> None:
    answer = finished(call(READ_A), call(BASH_LS.replace("call_2", "call_1")))
    assert calls_of(answer) == BOTH
    assert ids_of(answer) == ["call_1", "toolu_0123_1"]


@pytest.mark.parametrize("message_id", ["msg_" + "ab" * 16, "msg_a/b c", "", "日本"])
def test_an_id_that_is_made_is_one_that_every_api_takes(message_id: str) -> None:
    made = ToolIds(message_id, frozenset()).claim("")
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", made)


@pytest.mark.parametrize("upstream_id", ["functions.Bash:0", "a b", "日本", "toolu_b64_x", "call_1"])
def test_an_id_that_the_client_may_not_have_comes_back_to_the_upstream_as_it_was(upstream_id: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9_-]+", to_client(upstream_id))
    assert to_upstream(to_client(upstream_id)) == upstream_id


@pytest.mark.parametrize(
    "client_id", ["toolu_b64_", "toolu_b64_x", "toolu_b64_____", "toolu_b64_Y2FsbA", "toolu_01abc"]
)
def test_an_id_that_only_looks_rewritten_goes_upstream_as_it_is(client_id: str) -> None:
    assert to_upstream(client_id) == client_id


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        pytest.param("Bash", "Bash", id="as declared"),
        pytest.param("bash", "Bash", id="another case"),
        pytest.param("default_api:Bash", "Bash", id="a prefix with a colon"),
        pytest.param("functions.Bash", "Bash", id="a prefix with a dot"),
        pytest.param("default_api.functions.bash", "Bash", id="prefixes and another case"),
        pytest.param("mcp__x__a_very_lo_1a2b3c", "mcp__x__a_very_long_name", id="shortened"),
        pytest.param("mcp__x__a_very_long_name", "mcp__x__a_very_long_name", id="not shortened"),
        pytest.param("get.v2", "get.v2", id="a dot of its own"),
        pytest.param("note", "note", id="exact before another case"),
        pytest.param("NOTE", "NOTE", id="two that differ in their case only"),
        pytest.param("Other", "Other", id="not declared"),
    ],
)
def test_a_name_is_given_out_as_the_client_declared_it(written: str, declared: str) -> None:
    names = ["Bash", "get.v2", "Note", "note"]
    tools = dict(zip(names, names, strict=True)) | {"mcp__x__a_very_lo_1a2b3c": "mcp__x__a_very_long_name"}
    answer = finished(call(whole(written, "{}", index=0, id="call_1")), context=context(declared_tools=tools))
    assert [name for name, _ in calls_of(answer)] == [declared]


def test_a_tool_that_was_not_offered_is_noted() -> None:
    answer = finished(call(whole("Write", "{}", index=0)))
    assert answer.notes == ["The model called a tool that it was not offered: Write"]


# ----------------------------------------------------------------------------------------------------------- signatures

SIGNED = '"extra_content":{"google":{"thought_signature":"c2ln"}}'


@pytest.mark.parametrize(
    "chunk",
    [
        pytest.param(
            call('{"index":0,"id":"call_1",%s,"function":{"name":"Read","arguments":"{}"}}', SIGNED), id="call"
        ),
        pytest.param(delta('{%s,"tool_calls":[%s]}', SIGNED, READ_A), id="delta"),
        pytest.param(call(READ) + call('{"index":0,%s,"function":{"arguments":"{}"}}', SIGNED), id="later"),
        pytest.param(call('{"index":0,"id":"call_1",%s}', SIGNED) + call(READ), id="before the name"),
    ],
)
def test_the_signature_of_a_call_is_remembered_by_its_id(chunk: bytes) -> None:
    signatures = ThoughtSignatures()
    finished(chunk, context=context(signatures=signatures))
    assert signatures.of("call_1") == "c2ln"


def test_the_signature_of_a_call_without_an_id_is_remembered_by_the_id_that_it_got() -> None:
    signatures = ThoughtSignatures()
    answer = finished(call('{%s,"function":{"name":"Read"}}', SIGNED), context=context(signatures=signatures))
    assert signatures.of(ids_of(answer)[0]) == "c2ln"


def test_one_signature_for_several_calls_is_the_first_ones() -> None:
    signatures = ThoughtSignatures()
    finished(delta('{%s,"tool_calls":[%s,%s]}', SIGNED, READ_A, BASH_LS), context=context(signatures=signatures))
    assert signatures.of("call_1") == "c2ln"
    assert signatures.of("call_2") == ThoughtSignatures.SKIP_VALIDATION


@pytest.mark.parametrize("extra", ['"x"', "null", '{"google":5}', '{"google":{"thought_signature":{}}}'])
def test_an_odd_signature_is_none(extra: str) -> None:
    signatures = ThoughtSignatures()
    chunk = call('{"id":"call_1","extra_content":%s,"function":{"name":"Read"}}', extra)
    finished(chunk, context=context(signatures=signatures))
    assert signatures.of("call_1") == ThoughtSignatures.SKIP_VALIDATION


def test_a_signature_without_a_place_to_remember_it_changes_nothing() -> None:
    assert finished(call('{"id":"call_1",%s,"function":{"name":"Read"}}', SIGNED)).notes == []
