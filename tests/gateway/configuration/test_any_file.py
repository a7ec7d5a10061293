"""Whatever a file holds, it is taken or refused in words; nothing else happens."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from gateway.configuration.document import read_configuration
from gateway.configuration.dumping import as_yaml
from gateway.configuration.problems import ConfigurationError
from gateway.configuration.source import parse_yaml
from tests.gateway.configuration.samples import RICH, loaded
from tests.gateway.configuration.test_go_proxy import OF_THE_ISSUE

_ANYTHING = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        2**80,
        1.5,
        float("nan"),
        "",
        "x",
        "a:b",
        ":",
        "$",
        "$$",
        "kept",
        "1",
        [],
        [[]],
        [{}],
        {},
        {"": {}},
    ]
)
_SAMPLES = [parse_yaml(text).data for text in (RICH, OF_THE_ISSUE)]


def _places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [*([path] if path else []), *(place for key, child in children for place in _places(child, (*path, key)))]


def _with(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(data)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


@st.composite
def broken_samples(draw: st.DrawFn) -> str:
    data = draw(st.sampled_from(_SAMPLES))
    return as_yaml(_with(data, draw(st.sampled_from(_places(data))), draw(_ANYTHING)))


class AnyFile(TestCase):
    @settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
    @given(broken_samples())
    def test_a_file_with_anything_in_one_place_is_taken_or_refused(self, text: str) -> None:
        before = read_configuration()
        try:
            loaded(text)
        except ConfigurationError as error:
            assert all(problem.line for problem in error.problems), str(error)
            assert read_configuration() == before
        else:
            assert loaded(text).changes == ()
