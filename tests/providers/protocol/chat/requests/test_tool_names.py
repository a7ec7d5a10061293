"""Names of tools that fit, and those that do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.chat.requests.tool_names import ToolNames

names = st.text("abcdefgh_-", min_size=1, max_size=128)


def test_a_name_that_fits_stays() -> None:
    assert ToolNames(["Read", "x" * 64]).declared == {"Read": "Read", "x" * 64: "x" * 64}


def test_a_long_name_keeps_its_beginning_and_is_always_the_same() -> None:
    name = "mcp__github__" + "create_" * 10
    sent = ToolNames([name]).sent(name)
    assert sent.startswith(name[:55] + "_") and len(sent) == 64
    assert ToolNames().sent(name) == ToolNames(["other", name]).sent(name) == sent


def test_names_that_differ_only_at_their_end_stay_apart() -> None:
    declared = ["x" * 100 + "a", "x" * 100 + "b"]
    assert len(ToolNames(declared).declared) == 2


def test_a_short_name_is_never_displaced_by_a_shortened_one() -> None:
    long_name = "y" * 70
    shortened = ToolNames().sent(long_name)
    both = ToolNames([long_name, shortened])
    assert both.sent(shortened) == shortened
    assert both.sent(long_name) not in (shortened, long_name)


@pytest.mark.parametrize(("name", "beginning"), [("my.tool", "my_tool_"), ("naïve", "na_ve_"), ("a b", "a_b_")])
def test_characters_that_other_providers_refuse_are_replaced(name: str, beginning: str) -> None:
    sent = ToolNames([name]).sent(name)
    assert sent.startswith(beginning) and sent != beginning


@given(st.lists(names, unique=True, max_size=20), st.integers(0, 80))
def test_every_name_fits_and_maps_back(declared: list[str], limit: int) -> None:
    tool_names = ToolNames(declared, limit)
    sent = [tool_names.sent(name) for name in declared]
    assert [tool_names.declared[name] for name in sent] == declared
    assert all(0 < len(name) <= max(limit, 16) for name in sent)
