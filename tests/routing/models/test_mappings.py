from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from gateway.models import Revision
from routing.models import MappingFallback, Subagent, SubagentMapping
from tests.routing.rows import make_mapping, make_provider

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["code-reviewer", "Explore", "plugin:agent", "mit Leerzeichen", "größte", "a*b"])
def test_a_subagent_may_be_called_anything_that_fits_in_a_line(name: str) -> None:
    SubagentMapping(subagent=name, provider=make_provider("p"), model="m").full_clean()


@pytest.mark.parametrize("name", ["", " a", "a ", "a\nb", "a\0"])
def test_a_name_that_no_subagent_has_is_refused(name: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        SubagentMapping(subagent=name, provider=make_provider("p"), model="m").full_clean()
    assert "subagent" in refusal.value.message_dict


def test_a_subagent_is_mapped_once_by_case() -> None:
    provider = make_provider("p")
    make_mapping("explore", provider)
    SubagentMapping(subagent="Explore", provider=provider).full_clean()
    with pytest.raises(ValidationError, match="already exists"):
        SubagentMapping(subagent="explore", provider=provider).full_clean()


def test_a_provider_that_a_mapping_leads_to_stays() -> None:
    provider, spare = make_provider("p"), make_provider("spare")
    MappingFallback(mapping=make_mapping("a", provider), provider=spare, model="m").save()
    for each in (provider, spare):
        with pytest.raises(ProtectedError):
            each.delete()


def test_mappings_and_fallbacks_make_revisions() -> None:
    provider = make_provider("p")
    revisions = [Revision.current()]
    mapping = make_mapping("a", provider)
    revisions.append(Revision.current())
    mapping.note = "cheaper"
    mapping.save()
    revisions.append(Revision.current())
    MappingFallback(mapping=mapping, provider=provider, model="m").save()
    revisions.append(Revision.current())
    mapping.delete()
    revisions.append(Revision.current())
    assert sorted(set(revisions)) == revisions


def test_what_traffic_shows_makes_no_revision() -> None:
    before = Revision.current()
    Subagent.objects.create(name="a", known_by="launched")
    assert Revision.current() == before


def test_subagents_know_whether_somebody_has_mapped_them() -> None:
    make_mapping("a", make_provider("p"), model="x")
    Subagent.objects.bulk_create([Subagent(name="a"), Subagent(name="A")])
    found = Subagent.objects.with_mapped()
    assert {(each.name, each.is_mapped) for each in found} == {("a", True), ("A", False)}  # type: ignore[attr-defined]
    assert [each.name for each in Subagent.objects.not_mapped()] == ["A"]
    assert Subagent.objects.get(name="A").mapping is None
    assert str(Subagent.objects.get(name="a").mapping) == "a"
