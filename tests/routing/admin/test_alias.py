from __future__ import annotations

from django.test import Client
from django.urls import reverse

from routing.models import ModelAlias
from tests.routing.admin.pages import errors, text
from tests.routing.rows import make_provider

ADD = reverse("admin:routing_modelalias_add")
LIST = reverse("admin:routing_modelalias_changelist")


def test_an_alias_is_added_and_listed(admin_client: Client) -> None:
    make_provider("openai", "gpt-5")
    filled = {"name": "claude-x", "display_name": "X", "target": "openai:gpt-5", "enabled": "on"}
    assert admin_client.post(ADD, filled).status_code == 302
    alias = ModelAlias.objects.get()
    assert (alias.name, alias.display_name, str(alias.target)) == ("claude-x", "X", "openai:gpt-5")
    assert "claude-x" in text(admin_client.get(LIST))


def test_an_alias_leads_to_a_model_of_its_own(admin_client: Client) -> None:
    make_provider("openai", "gpt-5")
    shown = text(admin_client.get(ADD))
    assert 'value="openai:gpt-5"' in shown and 'value="openai:"' not in shown and "Aliases" not in shown


def test_an_alias_of_an_alias_is_refused_at_the_field(admin_client: Client) -> None:
    openai = make_provider("openai")
    ModelAlias(name="claude-a", provider=openai, model="claude-b").save()
    filled = {"name": "claude-b", "target": "openai: another", "target_other": "claude-a", "enabled": "on"}
    assert (
        "an alias leads to a provider's model, not to another alias"
        in errors(admin_client.post(ADD, filled))["target"][0]
    )


def test_the_page_says_which_names_claude_code_lists(admin_client: Client) -> None:
    assert "contains “claude” or “anthropic”" in text(admin_client.get(ADD))
