from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from gateway.models import ClientKey, Revision
from providers.models import Provider
from routing.models import RoutingRule
from tests.gateway.trying.pages import EDITED, HELLO, TRY, mistakes_of, paste, rule_form, trial_of
from tests.requestlog.hostile import HOSTILE
from tests.routing.rows import make_mapping, make_provider, make_rule
from tests.support.log_entries import messages_request, store_exchange

pytestmark = pytest.mark.django_db


@pytest.fixture
def scripted() -> Provider:
    """A provider of the Chat Completions format with a credential."""
    row = Provider(name="scripted", kind="openai", base_url="https://llm.example/v1")
    row.set_credential("sk-proj-secret")
    row.full_clean()
    row.save()
    return row


def test_a_pasted_request_shows_its_decision_and_every_step(admin_client: Client, scripted: Provider) -> None:
    make_rule("only planner", scripted, ("subagent", "planner"), order=1)
    make_rule("opus", scripted, ("model", "claude-opus-*"), order=2, model="gpt-x")
    trial = trial_of(paste(admin_client))
    assert [str(target) for target in trial.decision.targets] == ["scripted:gpt-x"]
    assert trial.decision.reason == "rule ‘opus’ → scripted:gpt-x"
    assert [step.matched for step in trial.steps] == [False, False, True]
    assert trial.steps[1].name == "rule 1 ‘only planner’" and trial.steps[1].why == "there is no subagent"


def test_the_converted_request_is_shown_with_its_notes_and_without_its_credential(
    admin_client: Client, scripted: Provider
) -> None:
    make_mapping("planner", scripted, model="gpt-x")
    response = paste(admin_client, {**HELLO, "top_k": 5}, subagent="planner")
    outgoing = trial_of(response).outgoing
    assert outgoing is not None
    assert (outgoing.method, outgoing.url) == ("POST", "https://llm.example/v1/chat/completions")
    assert json.loads(outgoing.body.text)["model"] == "gpt-x"
    assert any("top_k" in note for note in outgoing.notes)
    page = response.content.decode()
    assert "Bearer [redacted " in page and "sk-proj-secret" not in page


def test_an_unchanged_request_is_said_to_be_so(admin_client: Client) -> None:
    outgoing = trial_of(paste(admin_client)).outgoing
    assert outgoing is not None
    assert outgoing.is_unchanged and not outgoing.is_converted
    assert outgoing.url == "https://api.anthropic.com/v1/messages"


def test_what_cannot_be_converted_is_shown_as_the_refusal_that_it_would_be(
    admin_client: Client, scripted: Provider
) -> None:
    make_mapping("planner", scripted)
    response = paste(admin_client, {"model": "m", "messages": "none"}, subagent="planner")
    outgoing = trial_of(response).outgoing
    assert outgoing is not None and "messages" in outgoing.refusal
    assert outgoing.refusal in response.content.decode()


def test_an_unusable_provider_is_told(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("A_KEY", raising=False)
    row = make_provider("broken", credential_source="stored", credential="$A_KEY")
    make_mapping("planner", row)
    outgoing = trial_of(paste(admin_client, subagent="planner")).outgoing
    assert outgoing is not None and "Provider broken cannot be used" in outgoing.refusal


def test_without_any_provider_nothing_can_serve_the_request(admin_client: Client) -> None:
    Provider.objects.update(enabled=False, is_default=False)
    response = paste(admin_client)
    assert trial_of(response).outgoing is None
    assert "Nothing can serve this request." in response.content.decode()


def test_a_logged_exchange_is_tried_by_its_link(admin_client: Client, scripted: Provider) -> None:
    make_mapping("planner", scripted, model="gpt-x")
    entry = store_exchange(request=messages_request(), request_headers=[], call_kind="subagent", subagent="planner")
    log_page = admin_client.get(entry.get_absolute_url()).content.decode()
    link = f"{TRY}?exchange={entry.pk}"
    assert f'href="{link}"' in log_page
    assert trial_of(admin_client.get(link)).decision.reason == "subagent planner → mapping → scripted:gpt-x"


def test_token_counts_that_the_provider_cannot_make_go_nowhere(admin_client: Client, scripted: Provider) -> None:
    make_mapping("planner", scripted)
    entry = store_exchange(
        request=messages_request(), request_headers=[], path="/v1/messages/count_tokens", subagent="planner"
    )
    outgoing = trial_of(admin_client.get(TRY, {"exchange": entry.pk})).outgoing
    assert outgoing is not None and "estimates them itself" in outgoing.refusal


@pytest.mark.parametrize(
    ("fields", "mistake"),
    [
        ({}, "Name an exchange of the log, or paste a request's body."),
        ({"body": "{}", "exchange": str(uuid.UUID(int=1))}, "Two requests"),
        ({"exchange": "yesterday's"}, "Enter a valid UUID."),
        ({"body": "{", "headers": "x: y"}, "not valid JSON"),
        ({"body": "{}", "headers": "a: b\nnonsense"}, "Line 2 is not of the form “name: value”."),
        ({"body": "{}", "headers": "a: ☃"}, "Line 1 holds a character that no header can: ☃"),
        ({"body": "{}", "subagent": "planner", "kind": "main loop"}, "A main loop has no subagent's name."),
        ({"body": "{}", "client_key": "nobody's"}, "nobody"),
    ],
)
def test_mistakes_are_told_and_what_was_typed_stays(admin_client: Client, fields: dict[str, str], mistake: str) -> None:
    response = admin_client.post(TRY, fields)
    assert any(mistake in text for text in mistakes_of(response)), mistakes_of(response)
    assert {name: response.context["form"][name].value() for name in fields} == fields


def test_headers_keys_and_times_are_looked_at(admin_client: Client, scripted: Provider) -> None:
    ClientKey.issue("laptop")
    make_rule("all three", scripted, ("header", "x-team: search"), ("client_key", "laptop"), ("time", "22:00-06:00"))
    fields = {"headers": "X-Team: search", "client_key": "laptop"}
    night = trial_of(paste(admin_client, at="2026-11-22T23:30:00", **fields))
    day = trial_of(paste(admin_client, at="2026-11-22T12:30:00", **fields))
    assert (night.decision.provider, day.decision.provider) == ("scripted", "anthropic")


def test_trying_changes_nothing(admin_client: Client, scripted: Provider) -> None:
    rule = make_rule("stored", scripted, ("model", "nothing"))
    before = Revision.current()
    admin_client.post(TRY, {"body": json.dumps(HELLO)})
    admin_client.post(f"{EDITED}?rule={rule.pk}", rule_form(("model", "claude-*")))
    assert Revision.current() == before
    assert RoutingRule.objects.get().name == "stored"


def test_the_page_runs_no_script_but_the_admins_own(admin_client: Client) -> None:
    make_mapping(HOSTILE[:200].replace("\x00", ""), Provider.objects.get())
    response = paste(admin_client, {**HELLO, "model": HOSTILE, "system": HOSTILE}, headers="x-a: <script>1</script>")
    page = response.content.decode()
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    assert "<script>executed" not in page and "<img src=x" not in page and "\x1b" not in page


def user_with(*permissions: str, **fields: Any) -> Client:
    user = User.objects.create_user("ada", **{"is_staff": True, **fields})
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_it_takes_the_permission_to_view_rules() -> None:
    assert user_with("view_provider").get(TRY).status_code == 403


def test_viewing_rules_is_enough_to_try_them_and_not_to_edit_them(scripted: Provider) -> None:
    client = user_with("view_routingrule")
    rule = make_rule("stored", scripted)
    assert trial_of(paste(client)).decision.targets
    assert client.post(f"{EDITED}?rule={rule.pk}", rule_form()).status_code == 403
    assert client.post(EDITED, rule_form()).status_code == 403


def test_the_log_has_no_link_for_those_who_may_not_follow_it() -> None:
    entry = store_exchange(request=messages_request())
    page = user_with("view_provider").get(entry.get_absolute_url()).content.decode()
    assert TRY not in page


def test_strangers_are_sent_to_the_login() -> None:
    response = Client().get(TRY)
    assert response.status_code == 302 and reverse("admin:login") in response["Location"]
