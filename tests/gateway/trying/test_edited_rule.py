from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from providers.models import Provider, ProviderModel
from routing.models import RoutingRule
from tests.gateway.trying.pages import EDITED, TRY, mistakes_of, paste, rule_form, trial_of
from tests.routing.admin.pages import rows
from tests.routing.rows import make_provider, make_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def scripted() -> Provider:
    row = make_provider("scripted", kind="openai")
    ProviderModel(provider=row, name="gpt-x").save()
    return row


def test_a_new_rule_is_tried_with_the_request_that_was_tried_last(admin_client: Client, scripted: Provider) -> None:
    assert trial_of(paste(admin_client)).decision.provider == "anthropic"
    response = admin_client.post(EDITED, rule_form(("model", "claude-opus-*")))
    assert trial_of(response).decision.reason == "rule ‘edited’ → scripted:gpt-x"
    assert "<strong>not saved</strong>" in response.content.decode()
    assert not RoutingRule.objects.exists()


def test_a_stored_rule_is_tried_as_edited_and_stays_as_stored(admin_client: Client, scripted: Provider) -> None:
    rule = make_rule("opus", scripted, ("model", "claude-opus-*"))
    assert trial_of(paste(admin_client)).decision.provider == "scripted"
    edited = rule_form(name="opus") | rows(
        "criteria",
        {"id": rule.criteria.get().pk, "rule": rule.pk, "kind": "model", "value": "claude-haiku-*"},
        initial=1,
    )
    trial = trial_of(admin_client.post(f"{EDITED}?rule={rule.pk}", edited))
    assert trial.decision.provider == "anthropic"
    assert [step.name for step in trial.steps if "opus" in step.name] == ["rule 1 ‘opus’"]
    assert rule.criteria.get().value == "claude-opus-*"


def test_a_criterion_that_is_to_be_deleted_counts_no_more(admin_client: Client, scripted: Provider) -> None:
    rule = make_rule("haiku", scripted, ("model", "claude-haiku-*"))
    paste(admin_client)
    criterion = {"id": rule.criteria.get().pk, "rule": rule.pk, "kind": "model", "value": "claude-haiku-*"}
    edited = rule_form(name="haiku") | rows("criteria", {**criterion, "DELETE": "on"}, initial=1)
    assert trial_of(admin_client.post(f"{EDITED}?rule={rule.pk}", edited)).decision.provider == "scripted"


def test_the_edited_rule_is_tried_in_the_place_of_its_number(admin_client: Client, scripted: Provider) -> None:
    make_rule("first", scripted, ("model", "no-such"), order=10)
    make_rule("last", scripted, order=30)
    paste(admin_client)
    trial = trial_of(admin_client.post(EDITED, rule_form(order=20)))
    assert [step.name for step in trial.steps[1:]] == ["rule 1 ‘first’", "rule 2 ‘edited’"]


def test_fallbacks_are_tried_as_edited(admin_client: Client, scripted: Provider) -> None:
    paste(admin_client)
    fallback = {"order": 1, "target": "anthropic:"}
    response = admin_client.post(EDITED, rule_form() | rows("fallbacks", fallback))
    targets = [str(target) for target in trial_of(response).decision.targets]
    assert targets == ["scripted:gpt-x", "anthropic:claude-opus-5-5"]


def test_a_rule_that_is_not_enabled_is_not_tried(admin_client: Client, scripted: Provider) -> None:
    paste(admin_client)
    response = admin_client.post(EDITED, rule_form(enabled=""))
    assert trial_of(response).decision.provider == "anthropic"
    assert "It is not enabled, so it is not tried." in response.content.decode()


def test_mistakes_of_the_rule_are_told(admin_client: Client, scripted: Provider) -> None:
    paste(admin_client)
    response = admin_client.post(EDITED, rule_form(("input_over", "many"), name=""))
    mistakes = mistakes_of(response)
    assert "Name: This field is required." in mistakes
    assert any(mistake.startswith("Value: ") for mistake in mistakes)
    assert response.context["trial"] is None


def test_a_rule_that_was_deleted_meanwhile_is_told(admin_client: Client, scripted: Provider) -> None:
    assert mistakes_of(admin_client.post(f"{EDITED}?rule=77", rule_form())) == [
        "The rule that was edited is there no more."
    ]


def test_without_an_earlier_request_the_page_asks_for_one_and_keeps_the_rule(
    admin_client: Client, scripted: Provider
) -> None:
    response = admin_client.post(EDITED, rule_form(("model", "claude-opus-*")))
    assert "Which request shall it be tried with?" in response.content.decode()
    kept = {"edited": response.context["edited_text"], "rule": response.context["rule_id"]}
    assert trial_of(paste(admin_client, **kept)).decision.provider == "scripted"


def test_credentials_of_a_pasted_request_are_not_remembered(admin_client: Client) -> None:
    paste(admin_client, headers="x-api-key: sk-secret\nx-team: search")
    assert "sk-secret" not in str(dict(admin_client.session))
    assert "x-team: search" in admin_client.get(TRY).content.decode()


def test_the_rules_page_has_a_button_for_it(admin_client: Client, scripted: Provider) -> None:
    rule = make_rule("opus", scripted)
    page = admin_client.get(reverse("admin:routing_routingrule_change", args=[rule.pk])).content.decode()
    assert f'formaction="{EDITED}?rule={rule.pk}"' in page
    assert f'formaction="{EDITED}"' in admin_client.get(reverse("admin:routing_routingrule_add")).content.decode()
