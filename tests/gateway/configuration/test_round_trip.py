"""Dumping and loading are each other's inverse."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from gateway.configuration.document import read_configuration
from gateway.configuration.dumping import as_file
from gateway.configuration.environment import with_environment
from gateway.configuration.source import parse_yaml
from gateway.models import Revision
from providers.models import Provider
from routing.models import AgentDefinition, MappingFallback, RoutingRule, SubagentMapping
from tests.gateway.configuration.samples import DEFINITION, RICH, loaded


@pytest.mark.django_db
def test_a_file_with_everything_in_it_comes_out_as_it_went_in() -> None:
    loaded(RICH)
    assert as_file(read_configuration()) == RICH


@pytest.mark.django_db
def test_loading_what_was_dumped_changes_nothing() -> None:
    loaded(RICH)
    before = Revision.current()
    assert loaded(as_file(read_configuration())).changes == ()
    assert Revision.current() == before


@pytest.mark.django_db
def test_what_was_dumped_makes_the_same_configuration_out_of_an_empty_one() -> None:
    loaded(RICH)
    dumped, document = as_file(read_configuration()), read_configuration()
    loaded("{providers: {}, aliases: {}, subagents: {}, rules: [], agent_definitions: {}}")
    assert not Provider.objects.exists()
    loaded(dumped)
    assert read_configuration() == document


@pytest.mark.django_db
def test_everything_that_a_file_says_is_in_the_rows() -> None:
    loaded(RICH)
    openai = Provider.objects.get(name="openai")
    assert (openai.kind, openai.preset, openai.credential) == ("openai", "openai", "${OPENAI_API_KEY}")
    assert openai.extra_headers == {"x-team": "search", "x-price": "5 $ each"}
    assert openai.models.get(name="gpt-4.1").context_window == 1_000_000
    planner = SubagentMapping.objects.get(subagent="planner")
    assert (str(planner.target), planner.note) == ("openai:gpt-5", "Cheap enough,\nsays $ACCOUNTING.")
    assert [str(fallback.target) for fallback in planner.fallbacks.all()] == ["openai:gpt-4.1", "anthropic:"]
    rules = {rule.name: (rule.order, rule.enabled) for rule in RoutingRule.objects.all()}
    assert rules == {"long prompts": (10, True), "pictures": (35, False), "the rest": (45, True)}
    pictures = RoutingRule.objects.get(name="pictures")
    assert sorted(pictures.criteria.values_list("kind", "value")) == [
        ("images", "yes"),
        ("model", "*-5"),
        ("model", "claude-opus-*"),
    ]
    assert AgentDefinition.objects.get().text == DEFINITION


@pytest.mark.django_db
def test_numbers_of_fallbacks_that_say_the_same_stay_as_they_are() -> None:
    loaded(RICH)
    MappingFallback.objects.filter(order=20).update(order=77)
    assert loaded(RICH).changes == ()
    assert sorted(MappingFallback.objects.values_list("order", flat=True)) == [10, 77]


@pytest.mark.django_db
def test_fallbacks_and_criteria_that_differ_are_replaced() -> None:
    loaded(RICH)
    changed = RICH.replace("      - openai:gpt-4.1\n", "").replace("model: claude-opus-*", "model: claude-sonnet-*")
    loaded(changed)
    assert as_file(read_configuration()) == changed


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\x7f"), max_size=40)
_NASTY = st.text(st.sampled_from("a -:#|>'\"\\$\n\r\t\x85\u2028?{}[]&*!%@`,=~0\ufeff"), max_size=12)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | _NASTY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=10) | _NASTY, _JSON, max_size=4))
def test_any_data_survive_being_written_and_read(data: dict[str, object]) -> None:
    assert with_environment(parse_yaml(as_file(data))).data == data


class AnyTexts(TestCase):
    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    @given(note=_TEXT, header=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20))
    def test_any_text_comes_out_as_it_went_in(self, note: str, header: str) -> None:
        provider = Provider(name="a", base_url="https://llm.example", credential_source="none")
        provider.extra_headers = {"x-any": header}
        provider.save()
        SubagentMapping(subagent="planner", provider=provider, model="m", note=note).save()
        before = Revision.current()
        assert loaded(as_file(read_configuration())).changes == ()
        assert Revision.current() == before
