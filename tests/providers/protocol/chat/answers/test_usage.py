"""Token counts: what upstreams report, and what is reported for those that do not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.providers.protocol.chat.answers.answering import DONE, STOP, Answer, call, data, delta, filled, translated

TEXT = delta('{"content":"Hello there"}')


def usage_chunk(usage: str) -> bytes:
    return data('{"choices":[],"usage":%s}', usage)


def ended(*chunks: bytes) -> Answer:
    return translated(TEXT, STOP, *chunks, DONE)


def last_usage(answer: Answer) -> Any:
    return json.loads(answer.events[-2].data)["usage"]


def first_usage(answer: Answer) -> Any:
    return json.loads(answer.events[0].data)["message"]["usage"]


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        pytest.param(
            '{"prompt_tokens":25,"completion_tokens":7,"total_tokens":32}',
            {"input_tokens": 25, "output_tokens": 7},
            id="the usual",
        ),
        pytest.param(
            '{"prompt_tokens":100,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":60}}',
            {"input_tokens": 40, "cache_read_input_tokens": 60, "output_tokens": 7},
            id="cached tokens",
        ),
        pytest.param(
            '{"prompt_tokens":100,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":0}}',
            {"input_tokens": 100, "cache_read_input_tokens": 0, "output_tokens": 7},
            id="no cached tokens",
        ),
        pytest.param(
            '{"prompt_tokens":100,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":null}}',
            {"input_tokens": 100, "output_tokens": 7},
            id="cached tokens not told",
        ),
        pytest.param(
            '{"prompt_tokens":100,"completion_tokens":7,"prompt_tokens_details":null}',
            {"input_tokens": 100, "output_tokens": 7},
            id="no details",
        ),
        pytest.param(
            '{"prompt_tokens":100,"completion_tokens":7,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}',
            {"input_tokens": 36, "cache_read_input_tokens": 64, "output_tokens": 7},
            id="DeepSeek",
        ),
        pytest.param(
            '{"prompt_tokens":100,"completion_tokens":7,"cached_tokens":64}',
            {"input_tokens": 36, "cache_read_input_tokens": 64, "output_tokens": 7},
            id="Moonshot",
        ),
        pytest.param(
            '{"prompt_tokens":194,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":50,"cache_write_tokens":100}}',
            {
                "input_tokens": 44,
                "cache_read_input_tokens": 50,
                "cache_creation_input_tokens": 100,
                "output_tokens": 2,
            },
            id="OpenRouter's cache writes",
        ),
        pytest.param(
            '{"prompt_tokens":50,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":60}}',
            {"input_tokens": 0, "cache_read_input_tokens": 60, "output_tokens": 7},
            id="more cached than all",
        ),
        pytest.param(
            '{"prompt_tokens":20,"completion_tokens":151,"total_tokens":553}',
            {"input_tokens": 20, "output_tokens": 533},
            id="thinking in the total only",
        ),
        pytest.param(
            '{"prompt_tokens":20,"total_tokens":53}', {"input_tokens": 20, "output_tokens": 33}, id="no completion"
        ),
        pytest.param(
            '{"prompt_tokens":20.0,"completion_tokens":3.0}', {"input_tokens": 20, "output_tokens": 3}, id="floats"
        ),
        pytest.param(
            '{"input_tokens":20,"output_tokens":3}', {"input_tokens": 20, "output_tokens": 3}, id="other names"
        ),
        pytest.param(
            '{"prompt_tokens":20,"completion_tokens":0}', {"input_tokens": 20, "output_tokens": 0}, id="no output"
        ),
    ],
)
def test_reported_usage_is_given_out_in_the_apis_terms(reported: str, expected: dict[str, int]) -> None:
    answer = ended(usage_chunk(reported))
    assert last_usage(answer) == expected
    assert not answer.translator.usage_is_estimate


@pytest.mark.parametrize(
    "chunk",
    [
        pytest.param(data('{"usage":{"prompt_tokens":25,"completion_tokens":7}}'), id="no choices"),
        pytest.param(data('{"choices":null,"usage":{"prompt_tokens":25,"completion_tokens":7}}'), id="null choices"),
        pytest.param(
            data('{"choices":[{"index":0,"delta":{}}],"x_groq":{"usage":{"prompt_tokens":25,"completion_tokens":7}}}'),
            id="Groq",
        ),
        pytest.param(
            data('{"choices":[{"index":0,"delta":{},"usage":{"prompt_tokens":25,"completion_tokens":7}}]}'),
            id="Moonshot's choice",
        ),
        pytest.param(
            data('{"choices":[{"index":0,"delta":{}}],"usage":{"prompt_tokens":25,"completion_tokens":7}}'),
            id="with a choice",
        ),
    ],
)
def test_usage_is_found_wherever_it_is(chunk: bytes) -> None:
    assert last_usage(ended(chunk)) == {"input_tokens": 25, "output_tokens": 7}


def test_usage_with_every_chunk_is_cumulative() -> None:
    def chunk(text: str, count: int) -> bytes:
        usage = filled('{"prompt_tokens":25,"completion_tokens":%s,"total_tokens":%s}', count, 25 + count)
        return data('{"choices":[{"index":0,"delta":{"content":"%s"}}],"usage":%s}', text, usage)

    answer = translated(chunk("a", 1), chunk("b", 2), chunk("c", 3), STOP, DONE)
    assert first_usage(answer) == {"input_tokens": 25, "output_tokens": 1}
    assert last_usage(answer) == {"input_tokens": 25, "output_tokens": 3}


def test_a_null_does_not_take_back_what_was_told() -> None:
    told = usage_chunk('{"prompt_tokens":25,"completion_tokens":7}')
    answer = ended(told, usage_chunk('{"prompt_tokens":null,"completion_tokens":null}'), usage_chunk("null"))
    assert last_usage(answer) == {"input_tokens": 25, "output_tokens": 7}


@pytest.mark.parametrize(
    "reported",
    ["null", "{}", "[]", "5", '{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}', '{"prompt_tokens":null}']
    + ['{"prompt_tokens":-1,"completion_tokens":true}', '{"prompt_tokens":"many"}', '{"prompt_tokens":1e30}'],
)
def test_usage_that_says_nothing_is_estimated_and_marked(reported: str) -> None:
    answer = ended(usage_chunk(reported))
    assert last_usage(answer) == {"input_tokens": 1000, "output_tokens": 3}  # 11 characters
    assert answer.translator.usage_is_estimate


def test_the_estimate_counts_everything_that_was_given_out() -> None:
    chunks = delta('{"reasoning":"12345678"}'), call('{"id":"a","function":{"name":"Read","arguments":"{\\"a\\":12}"}}')
    assert last_usage(translated(*chunks, STOP, DONE)) == {"input_tokens": 1000, "output_tokens": 5}  # 20 characters


def test_the_output_alone_may_be_estimated() -> None:
    answer = ended(usage_chunk('{"prompt_tokens":25}'))
    assert last_usage(answer) == {"input_tokens": 25, "output_tokens": 3}
    assert answer.translator.usage_is_estimate


def test_a_message_starts_with_the_estimate_of_its_input() -> None:
    answer = ended(usage_chunk('{"prompt_tokens":25,"completion_tokens":7}'))
    assert first_usage(answer) == {"input_tokens": 1000, "output_tokens": 1}


def test_a_message_starts_with_the_input_that_is_already_known() -> None:
    known = '"usage":{"prompt_tokens":25,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":5}}'
    answer = translated(data('{"choices":[{"index":0,"delta":{"role":"assistant"}}],%s}', known), STOP, DONE)
    assert first_usage(answer) == {"input_tokens": 20, "cache_read_input_tokens": 5, "output_tokens": 1}
