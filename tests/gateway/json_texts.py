"""Generated request bodies: valid JSON in every spelling, not only as serialisers write it."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from tests.support.anthropic_stream import MODEL

_ODD_NUMBERS = ("1E400", "-0.0", "1e-7", "0.10", "-1E+2", "123456789012345678901234567890", "0")
_ODD_LITERALS = (
    '"\u2028 and \u2029"',
    r'"\u2028"',
    r'"\/ \b\f\n\r\t \u0000"',
    r'"\ud83c\udf0a"',
    r'"half a pair: \ud83c"',
    '"\x7f"',
    '""',
)

_spaces = st.text(st.sampled_from(" \t\r\n"), max_size=2)
_strings = st.one_of(
    st.sampled_from(_ODD_LITERALS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20).flatmap(
        lambda text: st.sampled_from([json.dumps(text), json.dumps(text, ensure_ascii=False)])
    ),
)
_scalars = st.one_of(_strings, st.sampled_from(_ODD_NUMBERS), st.integers().map(str), st.sampled_from(["true", "null"]))


@st.composite
def _arrays(draw: st.DrawFn, items: st.SearchStrategy[str]) -> str:
    return "[" + ",".join(_spaced(draw, item) for item in draw(st.lists(items, max_size=3))) + "]"


@st.composite
def _objects(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    """Keys may come twice."""
    pairs = draw(st.lists(st.tuples(_strings, values), max_size=3))
    return _object(draw, [*pairs, *pairs[:1]])


_values = st.recursive(_scalars, lambda inner: _arrays(inner) | _objects(inner), max_leaves=8)


@st.composite
def messages_bodies(draw: st.DrawFn) -> bytes:
    """Bodies of a Messages request without streaming, with unknown fields, in any order and with odd white space."""
    known = [
        ('"model"', json.dumps(MODEL)),
        ('"messages"', draw(_arrays(_values))),
        ('"system"', draw(_strings)),
        ('"temperature"', draw(st.sampled_from(_ODD_NUMBERS))),
    ]
    unknown = draw(st.lists(st.tuples(st.sampled_from(['"x"', r'"\u0078"', '"metadata"', '"tools"']), _values)))
    return _spaced(draw, _object(draw, draw(st.permutations(known + unknown)))).encode()


def _object(draw: st.DrawFn, pairs: list[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{_spaced(draw, key)}:{_spaced(draw, value)}" for key, value in pairs) + "}"


def _spaced(draw: st.DrawFn, text: str) -> str:
    return draw(_spaces) + text + draw(_spaces)
