from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.usage import MAX_TOKENS, Usage

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation"]
LIVES = ["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"]
odd_usages = st.dictionaries(
    st.sampled_from(FIELDS), json_values | st.dictionaries(st.sampled_from(LIVES), json_values), max_size=5
)


def merged(*usages: Any) -> Usage:
    result = Usage()
    for usage in usages:
        result = result.merged_with(usage)
    return result


def test_every_field_is_read() -> None:
    usage = {
        "input_tokens": 1,
        "output_tokens": 2,
        "cache_read_input_tokens": 3,
        "cache_creation_input_tokens": 9,
        "cache_creation": {"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 5},
        "service_tier": "standard",
        "server_tool_use": {"web_search_requests": 1},
    }
    assert merged(usage) == Usage(1, 2, 3, 4, 5)


def test_the_later_number_wins_field_by_field() -> None:
    assert merged({"input_tokens": 10, "output_tokens": 1}, {"output_tokens": 7}) == Usage(10, 7)


def test_a_missing_or_null_field_says_nothing() -> None:
    assert merged({"input_tokens": 10, "output_tokens": 3}, {"input_tokens": None}, {}, None) == Usage(10, 3)


def test_zero_is_a_number() -> None:
    assert merged({"input_tokens": 10}, {"input_tokens": 0}).input_tokens == 0


def test_cache_writes_without_their_life_count_as_the_shorter_one() -> None:
    usage = merged({"cache_creation_input_tokens": 30})
    assert (usage.cache_write_5m_tokens, usage.cache_write_1h_tokens) == (30, None)


def test_the_sum_at_the_end_does_not_count_what_the_start_told_by_its_life_again() -> None:
    start = {
        "cache_creation_input_tokens": 300,
        "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
    }
    usage = merged(start, {"cache_creation_input_tokens": 300, "output_tokens": 5})
    assert (usage.cache_write_5m_tokens, usage.cache_write_1h_tokens) == (100, 200)


@pytest.mark.parametrize("count", [-1, True, 1.5, "7", [], MAX_TOKENS + 1, 10**400])
def test_what_is_no_count_says_nothing(count: Any) -> None:
    assert merged({"input_tokens": count, "cache_creation_input_tokens": count}) == Usage()


@given(odd_usages | json_values, odd_usages | json_values)
def test_anything_at_all_gives_counts_or_nothing(first: Any, second: Any) -> None:
    usage = merged(first, second)
    counts = (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_tokens,
        usage.cache_write_5m_tokens,
        usage.cache_write_1h_tokens,
    )
    assert all(count is None or (type(count) is int and 0 <= count <= MAX_TOKENS) for count in counts)
