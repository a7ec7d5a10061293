from __future__ import annotations

import json
from typing import Any

import pytest
from anthropic.types import ModelInfo as SdkModelInfo
from hypothesis import given
from hypothesis import strategies as st

from gateway.model_list import ModelInfo, encode_model, find_model, list_page, own_models
from gateway.snapshot import Snapshot
from providers.models import Provider, ProviderModel
from routing.engine import Target, decide_by_name
from routing.models import ModelAlias


def page(models: list[ModelInfo], upstream: bytes | None = None, **query: Any) -> dict[str, Any]:
    return json.loads(list_page(models, upstream, **query))


def ids(page: dict[str, Any]) -> list[str]:
    return [model["id"] for model in page["data"]]


def ours(*ids: str) -> list[ModelInfo]:
    return [ModelInfo(id, id.title()) for id in ids]


def theirs(*ids: str, has_more: bool = False) -> bytes:
    return json.dumps({"data": [{"type": "model", "id": id} for id in ids], "has_more": has_more}).encode()


def test_a_model_has_the_shape_of_the_api() -> None:
    encoded = encode_model(ModelInfo("claude-x", "X", max_input_tokens=1000, max_tokens=10))
    assert json.loads(encoded) == {
        "type": "model",
        "id": "claude-x",
        "display_name": "X",
        "created_at": "1970-01-01T00:00:00Z",
        "lifecycle": "active",
        "max_input_tokens": 1000,
        "max_tokens": 10,
    }
    assert SdkModelInfo.model_validate_json(encoded).created_at.year == 1970


def test_limits_that_are_not_known_are_left_out() -> None:
    known = json.loads(encode_model(ModelInfo("m", "M")))
    assert "max_tokens" not in known and "max_input_tokens" not in known


def test_a_page_has_the_shape_of_the_api() -> None:
    assert {key: value for key, value in page(ours("a", "b")).items() if key != "data"} == {
        "has_more": False,
        "first_id": "a",
        "last_id": "b",
    }


def test_an_empty_list_has_no_first_and_no_last() -> None:
    assert page([]) == {"data": [], "has_more": False, "first_id": None, "last_id": None}


def test_ours_come_first_and_the_upstreams_own_objects_stay_as_they_are() -> None:
    upstream = b'{"data":[{"id":"c", "new_field":1.0},{"id":"a"},{"x":1},7,{"id":"d","n":1e400}],"has_more":false}'
    body = list_page(ours("a", "b"), upstream)
    assert b'{"id":"c", "new_field":1.0},{"id":"d","n":1e400}]' in body
    assert body.count(b'"id":"a"') == 1


@pytest.mark.parametrize("upstream", [None, b"", b"{}", b"[]", b"<html>", b'{"data":null}', b'{"data":[1]}', b"\xff"])
def test_an_upstream_without_a_list_adds_nothing(upstream: bytes | None) -> None:
    assert ids(page(ours("a"), upstream)) == ["a"]


@pytest.mark.parametrize(
    ("query", "expected", "has_more"),
    [
        ({}, "abcde", False),
        ({"limit": 2}, "ab", True),
        ({"limit": 5}, "abcde", False),
        ({"limit": 2, "after_id": "b"}, "cd", True),
        ({"limit": 2, "after_id": "c"}, "de", False),
        ({"limit": 2, "after_id": "e"}, "", False),
        ({"limit": 2, "before_id": "d"}, "bc", True),
        ({"limit": 2, "before_id": "c"}, "ab", False),
        ({"limit": 2, "before_id": "a"}, "", False),
        ({"after_id": "nobody"}, "", False),
        ({"before_id": "nobody"}, "", False),
        ({"limit": 0}, "a", True),
        ({"limit": 10**9}, "abcde", False),
    ],
)
def test_pages_are_cut_as_the_api_does_it(query: dict[str, Any], expected: str, has_more: bool) -> None:
    found = page(ours("a", "b"), theirs("c", "d", "e"), **query)
    assert (ids(found), found["has_more"]) == (list(expected), has_more)


def test_more_that_only_the_upstream_has_is_told_of_at_the_end() -> None:
    upstream = theirs("b", has_more=True)
    assert page(ours("a"), upstream)["has_more"]
    assert not page(ours("a"), upstream, after_id="b")["has_more"], "a client would ask for ever"
    assert not page(ours("a"), upstream, before_id="b")["has_more"]


@given(st.lists(st.text("abc", max_size=2), unique=True, max_size=9), st.integers(1, 4))
def test_the_pages_together_are_the_list(names: list[str], limit: int) -> None:
    models, collected, after = ours(*names), [], None
    while True:
        found = page(models, limit=limit, after_id=after)
        collected += ids(found)
        if not found["has_more"]:
            break
        after = found["last_id"]
    assert collected == names


def test_a_model_is_found_by_its_id() -> None:
    assert find_model(ours("a", "b"), "b") == ModelInfo("b", "B")
    assert find_model(ours("a", "b"), "c") is None


@pytest.fixture
def snapshot(db: None) -> Snapshot:
    first, second = (provider(name) for name in ("first", "second"))
    ModelAlias(name="claude-gpt-5", display_name="GPT-5", provider=first, model="gpt-5").save()
    ModelAlias(name="shadow", provider=second, model="other").save()
    ProviderModel(provider=first, name="gpt-5", context_window=400_000).save()
    ProviderModel(provider=first, name="common", display_name="Common", max_output_tokens=7).save()
    ProviderModel(provider=second, name="common").save()
    ProviderModel(provider=second, name="shadow").save()
    return Snapshot.load()


def provider(name: str) -> Provider:
    row = Provider(name=name, kind="openai", preset="openai", base_url="https://llm.example", credential_source="none")
    row.save()
    return row


def test_aliases_and_models_are_offered_under_the_names_that_lead_to_them(snapshot: Snapshot) -> None:
    assert own_models(snapshot) == [
        ModelInfo("claude-gpt-5", "GPT-5", 400_000, 128_000),
        ModelInfo("shadow", "shadow"),
        ModelInfo("common", "Common", None, 7),
        ModelInfo("gpt-5", "gpt-5", 400_000, 128_000),
        ModelInfo("second:common", "common"),
        ModelInfo("second:shadow", "shadow"),
    ]


def test_every_id_leads_to_its_model(snapshot: Snapshot) -> None:
    decisions = [decide_by_name(model.id, snapshot.routes) for model in own_models(snapshot)]
    assert [(decision.provider, decision.model) for decision in decisions] == [
        ("first", "gpt-5"),
        ("second", "other"),
        ("first", "common"),
        ("first", "gpt-5"),
        ("second", "common"),
        ("second", "shadow"),
    ]


def test_a_model_that_no_name_leads_to_is_not_offered(snapshot: Snapshot) -> None:
    blocked = {**snapshot.routes.aliases, "second:common": Target("first", "gpt-5")}
    routes = type(snapshot.routes)(**{**vars(snapshot.routes), "aliases": blocked})
    changed = Snapshot(**{**vars(snapshot), "routes": routes})
    assert "second:common" not in [model.id for model in own_models(changed)]
