from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.protocol.model_names import replace_model, without_context_suffix

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("body", "replaced"),
    [
        (b'{"model":"a"}', b'{"model":"neu"}'),
        (b' {\n "model" :\t"a" ,"b":1.0}\n', b' {\n "model" :\t"neu" ,"b":1.0}\n'),
        (b'{"a\\"model\\"": {"model": "x"}, "model": "a"}', b'{"a\\"model\\"": {"model": "x"}, "model": "neu"}'),
        (b'{"b":"\\ud83d","model":"a"}', b'{"b":"\\ud83d","model":"neu"}'),
    ],
)
def test_one_value_is_replaced_and_every_other_byte_stays(body: bytes, replaced: bytes) -> None:
    assert replace_model(body, "neu") == replaced


def test_a_key_that_is_there_twice_is_replaced_twice() -> None:
    assert (
        replace_model(b'{"model":"a","b":[1],"b":22,"model":"c"}', "neu")
        == b'{"model":"neu","b":[1],"b":22,"model":"neu"}'
    )


@pytest.mark.parametrize("body", [b"[]", b"{", b"", b"x", b'{"model"}', b'{"model":"a"', b"[" * 100_000])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        replace_model(body, "neu")


@given(st.dictionaries(st.text(), JSON_VALUES), st.text(min_size=1), st.sampled_from([None, 2]))
def test_any_request_keeps_everything_but_its_model(fields: dict[str, object], model: str, indent: int | None) -> None:
    body = json.dumps(fields | {"model": "old"}, indent=indent).encode()
    assert json.loads(replace_model(body, model)) == fields | {"model": model}


@pytest.mark.parametrize(
    ("model", "name"), [("m", "m"), ("m[1m]", "m"), ("m[1M][1m]", "m"), ("m[1m]x", "m[1m]x"), ("[1m]", "")]
)
def test_the_suffix_for_a_large_context_is_no_part_of_the_name(model: str, name: str) -> None:
    assert without_context_suffix(model) == name
