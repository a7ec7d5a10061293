from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from gateway.models import Revision
from routing.definition_files import MAX_FILE_BYTES
from routing.models import AgentDefinition
from tests.routing.admin.pages import errors, text

ADD = reverse("admin:routing_agentdefinition_add")
LIST = reverse("admin:routing_agentdefinition_changelist")
REVIEWER = "---\nname: code-reviewer\ndescription: Looks for mistakes\nmodel: haiku\n---\n\nYou look for mistakes.\n"

pytestmark = pytest.mark.django_db


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("agent.md", content)


def change_url(definition: AgentDefinition) -> str:
    return reverse("admin:routing_agentdefinition_change", args=[definition.pk])


def test_a_definition_is_pasted_and_named_by_what_it_says(admin_client: Client) -> None:
    before = Revision.current()
    assert admin_client.post(ADD, {"text": REVIEWER}).status_code == 302
    assert AgentDefinition.objects.get().name == "code-reviewer"
    shown = text(admin_client.get(LIST))
    assert "code-reviewer" in shown and "Looks for mistakes" in shown and "haiku" in shown
    assert Revision.current() > before


def test_a_definition_is_uploaded(admin_client: Client) -> None:
    assert (
        admin_client.post(ADD, {"text": "", "upload": upload(b"\xef\xbb\xbf" + REVIEWER.encode())}).status_code == 302
    )
    assert AgentDefinition.objects.get().parsed().body == "You look for mistakes."


def test_an_upload_replaces_the_text(admin_client: Client) -> None:
    admin_client.post(ADD, {"text": REVIEWER})
    definition = AgentDefinition.objects.get()
    newer = REVIEWER.replace("look for", "find")
    assert (
        admin_client.post(change_url(definition), {"text": REVIEWER, "upload": upload(newer.encode())}).status_code
        == 302
    )
    assert AgentDefinition.objects.get().parsed().body == "You find mistakes."


@pytest.mark.parametrize(
    ("pasted", "message"),
    [
        ("", "Paste the definition, or choose a file."),
        ("You review.", "Line 1: there is no front matter. The first line must be `---`."),
        ("---\nname: 'a\ndescription: b\n---\nbody", "the front matter is not valid YAML"),
        ("---\nname: a\n---\nbody", "`description` is missing"),
        ("---\nname: a\ndescription: b\n---\n", "nothing follows the front matter"),
        (f"---\nname: {'a' * 201}\ndescription: b\n---\nbody", "longer than 200 characters"),
    ],
)
def test_a_broken_definition_is_refused_with_the_reason_and_kept_on_the_page(
    admin_client: Client, pasted: str, message: str
) -> None:
    response = admin_client.post(ADD, {"text": pasted})
    assert message in errors(response)["text"][0]
    assert pasted.splitlines()[-1:] == [] or pasted.splitlines()[-1] in text(response)
    assert not AgentDefinition.objects.exists()


def test_a_broken_file_is_shown_so_that_it_can_be_mended_on_the_page(admin_client: Client) -> None:
    response = admin_client.post(ADD, {"text": "", "upload": upload(b"---\nname: a\n---\nMy own words.")})
    assert "`description` is missing" in errors(response)["text"][0]
    assert "My own words." in text(response)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"---\nname: a\0\n---", "null character"),
        (b"x" * (MAX_FILE_BYTES + 1), "larger than 1 MiB"),
        (b"", "empty"),
    ],
)
def test_a_file_that_is_no_text_is_refused(admin_client: Client, content: bytes, message: str) -> None:
    response = admin_client.post(ADD, {"text": "typed before", "upload": upload(content)})
    assert message in errors(response)["upload"][0]
    assert "typed before" in text(response)


def test_a_name_is_defined_once(admin_client: Client) -> None:
    admin_client.post(ADD, {"text": REVIEWER})
    response = admin_client.post(ADD, {"text": REVIEWER + "More."})
    assert errors(response)["text"] == ["There is a definition of code-reviewer already: change that one."]


def test_two_names_for_one_prompt_are_refused(admin_client: Client) -> None:
    admin_client.post(ADD, {"text": REVIEWER})
    response = admin_client.post(ADD, {"text": REVIEWER.replace("name: code-reviewer", "name: other")})
    assert "code-reviewer has the same prompt" in errors(response)["text"][0]


def test_what_the_folders_hold_is_shown_with_what_is_wrong_with_it(
    admin_client: Client, tmp_path: Path, settings: Settings
) -> None:
    (tmp_path / "reviewer.md").write_text(REVIEWER)
    (tmp_path / "broken.md").write_text("no front matter <here>")
    settings.AGENT_DEFINITION_DIRS = [str(tmp_path), str(tmp_path / "nowhere")]
    shown = text(admin_client.get(LIST))
    assert f"{tmp_path}/reviewer.md" in shown and "Looks for mistakes" in shown
    assert f"{tmp_path}/broken.md: line 1: there is no front matter" in shown
    assert f"{tmp_path}/nowhere: the folder does not exist" in shown


def test_a_definition_that_can_no_longer_be_read_is_told_in_the_list(admin_client: Client) -> None:
    admin_client.post(ADD, {"text": REVIEWER})
    AgentDefinition.objects.update(text="gone bad")
    assert "cannot be used: there is no front matter" in text(admin_client.get(LIST))


def test_who_may_only_look_sees_the_text(client: Client, admin_client: Client) -> None:
    admin_client.post(ADD, {"text": REVIEWER})
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_agentdefinition"))
    client.force_login(reader)
    shown = text(client.get(change_url(AgentDefinition.objects.get())))
    assert "You look for mistakes." in shown and "<textarea" not in shown
