from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from gateway.models import Revision
from providers.models import Provider
from routing.models import MappingFallback, Subagent, SubagentMapping
from tests.routing.admin.pages import errors, inline_errors, rows, text
from tests.routing.rows import make_mapping, make_provider

ADD = reverse("admin:routing_subagentmapping_add")
LIST = reverse("admin:routing_subagentmapping_changelist")

pytestmark = pytest.mark.django_db


def filled(*fallbacks: dict[str, Any], **changes: Any) -> dict[str, Any]:
    form = {"subagent": "code-reviewer", "target": "gemini:flash", "enabled": "on", "note": "", **changes}
    return {**form, **rows("fallbacks", *fallbacks)}


@pytest.fixture(autouse=True)
def gemini() -> Provider:
    return make_provider("gemini", "flash", "pro")


def change_url(mapping: SubagentMapping) -> str:
    return reverse("admin:routing_subagentmapping_change", args=[mapping.pk])


def test_a_mapping_is_picked_and_saved(admin_client: Client) -> None:
    assert admin_client.post(ADD, filled()).status_code == 302
    mapping = SubagentMapping.objects.get()
    assert (mapping.subagent, str(mapping.target), mapping.enabled) == ("code-reviewer", "gemini:flash", True)
    assert "gemini:flash" in text(admin_client.get(LIST))


def test_a_mapping_and_its_fallbacks_make_revisions(admin_client: Client) -> None:
    before = Revision.current()
    admin_client.post(ADD, filled({"order": "1", "target": "gemini:pro"}, {"order": "2", "target": "anthropic:"}))
    fallbacks = MappingFallback.objects.all()
    assert [str(fallback) for fallback in fallbacks] == [
        "code-reviewer: fallback 1 gemini:pro",
        "code-reviewer: fallback 2 anthropic, the requested model",
    ]
    assert Revision.current() > before


def test_the_page_shows_what_is_stored(admin_client: Client, gemini: Provider) -> None:
    listed = text(admin_client.get(change_url(make_mapping("a", gemini, model="pro"))))
    assert '<option value="gemini:pro" selected>' in listed
    unlisted = text(admin_client.get(change_url(make_mapping("b", gemini, model="of-tomorrow"))))
    assert '<option value="gemini: another" selected>' in unlisted and 'value="of-tomorrow"' in unlisted
    requested = text(admin_client.get(change_url(make_mapping("c", gemini, model=""))))
    assert '<option value="gemini:" selected>' in requested


def test_saving_the_page_as_it_is_changes_nothing(admin_client: Client, gemini: Provider) -> None:
    mapping = make_mapping("a", gemini, model="pro")
    fallback = MappingFallback(mapping=mapping, order=1, provider=gemini, model="flash")
    fallback.save()
    before = Revision.current()
    row = {"id": fallback.pk, "mapping": mapping.pk, "order": "1", "target": "gemini:flash"}
    form = {"subagent": "a", "target": "gemini:pro", "enabled": "on", "note": "", **rows("fallbacks", row, initial=1)}
    assert admin_client.post(change_url(mapping), form).status_code == 302
    assert Revision.current() == before


def test_fallbacks_are_changed_and_removed(admin_client: Client, gemini: Provider) -> None:
    mapping = make_mapping("a", gemini)
    kept, removed = [MappingFallback(mapping=mapping, order=n, provider=gemini, model="flash") for n in (1, 2)]
    kept.save()
    removed.save()
    changed = rows(
        "fallbacks",
        {"id": kept.pk, "mapping": mapping.pk, "order": "1", "target": "gemini:pro"},
        {"id": removed.pk, "mapping": mapping.pk, "order": "2", "target": "gemini:flash", "DELETE": "on"},
        initial=2,
    )
    form = {"subagent": "a", "target": "gemini:flash", "enabled": "on", "note": "", **changed}
    assert admin_client.post(change_url(mapping), form).status_code == 302
    assert [(fallback.pk, fallback.model) for fallback in mapping.fallbacks.all()] == [(kept.pk, "pro")]


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"target": ""}, "target", "Choose provider and model."),
        ({"target": "", "target_other": "x"}, "target", "Choose provider and model."),
        ({"target": "gemini: another"}, "target", "Name the other model"),
        ({"target": "gemini:flash", "target_other": "x"}, "target", "Choose “gemini: another model…” for x"),
        ({"target": "gemini: another", "target_other": "two words"}, "target", "holds a space"),
        ({"target": "gone:flash"}, "target", "Select a valid choice"),
        ({"target": "gemini: another", "target_other": "x" * 201}, "target", "at most 200 characters"),
        ({"subagent": "two\nlines"}, "subagent", "line break"),
        ({"subagent": ""}, "subagent", "required"),
        ({"subagent": "taken"}, "subagent", "already exists"),
    ],
)
def test_bad_input_is_refused_at_its_field(
    admin_client: Client, gemini: Provider, changes: dict[str, str], field: str, message: str
) -> None:
    make_mapping("taken", gemini)
    response = admin_client.post(ADD, filled(**changes, note="kept"))
    assert message in " ".join(errors(response)[field])
    assert "kept" in text(response) and SubagentMapping.objects.count() == 1


def test_a_fallback_without_a_target_is_refused_in_its_row(admin_client: Client) -> None:
    response = admin_client.post(ADD, filled({"order": "7", "target": ""}))
    assert inline_errors(response) == [{"target": ["Choose provider and model."]}]


def test_fallbacks_without_a_number_follow_those_above(admin_client: Client) -> None:
    targets = [{"order": "", "target": "gemini:pro"}, {"order": "7", "target": "gemini:"}, {"target": "anthropic:"}]
    assert admin_client.post(ADD, filled(*targets)).status_code == 302
    assert [(row.order, row.target_text) for row in MappingFallback.objects.all()] == [
        (1, "gemini:pro"),
        (7, "gemini, the requested model"),
        (8, "anthropic, the requested model"),
    ]


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ("7", "A fallback above has this number"),
        ("-1", "greater than or equal to 0"),
        ("99999", "less than or equal to"),
    ],
)
def test_a_number_that_says_no_order_is_refused_in_its_row(admin_client: Client, order: str, message: str) -> None:
    sent = filled({"order": "7", "target": "gemini:pro"}, {"order": order, "target": "gemini:flash"})
    mistakes = inline_errors(admin_client.post(ADD, sent))
    assert len(mistakes) == 1 and message in mistakes[0]["order"][0]


def test_who_comes_from_the_list_of_subagents_finds_the_name_filled_in_and_goes_back_there(
    admin_client: Client,
) -> None:
    page = text(admin_client.get(ADD, {"subagent": "plan: a & b"}))
    assert 'value="plan: a &amp; b"' in page
    saved = admin_client.post(f"{ADD}?subagent=code-reviewer", filled())
    assert saved["Location"] == reverse("admin:routing_subagent_changelist")
    assert admin_client.post(ADD, filled(subagent="other"))["Location"] == LIST


def test_subagents_that_were_seen_and_not_mapped_are_proposed(admin_client: Client, gemini: Provider) -> None:
    Subagent.objects.create(name='plan"ner')
    Subagent.objects.create(name="mapped-one")
    make_mapping("mapped-one", gemini)
    page = text(admin_client.get(ADD))
    assert '<option value="plan&quot;ner">' in page and "mapped-one" not in page


def test_providers_that_are_not_enabled_say_so(admin_client: Client) -> None:
    make_provider("asleep", "m", enabled=False)
    assert '<optgroup label="asleep (not enabled)">' in text(admin_client.get(ADD))


def test_what_there_is_to_choose_from_is_read_once_for_all_rows(
    admin_client: Client, gemini: Provider, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    mapping = make_mapping("a", gemini)
    for order in range(10):
        MappingFallback(mapping=mapping, order=order, provider=gemini, model="pro").save()
    with django_assert_max_num_queries(30):
        admin_client.get(change_url(mapping))


def test_who_may_only_look_sees_the_target(client: Client, gemini: Provider) -> None:
    mapping = make_mapping("a", gemini, model="pro")
    MappingFallback(mapping=mapping, order=1, provider=gemini, model="flash").save()
    reader = User.objects.create_user("reader", is_staff=True)
    codenames = ["view_subagentmapping", "view_mappingfallback"]
    reader.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(reader)
    page = text(client.get(change_url(mapping)))
    assert "gemini:pro" in page and "gemini:flash" in page and "<select" not in page
