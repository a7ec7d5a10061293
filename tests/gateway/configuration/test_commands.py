"""`load_config` and `dump_config` as people call them."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from gateway.models import Revision
from gateway.revisions import NOBODY
from tests.gateway.configuration.samples import RICH

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.yaml"
    path.write_text(RICH)
    return path


def output_of(command: str, *arguments: object) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def test_a_file_is_loaded_and_its_changes_are_told(file: Path) -> None:
    printed = output_of("load_config", file)
    assert printed.startswith("Changed:\n  provider ollama added\n")
    revision = Revision.objects.get()
    assert (revision.changed_by, revision.note) == (NOBODY, "loaded gateway.yaml")
    assert output_of("load_config", file) == "Nothing to change: the configuration is as the file says.\n"


def test_a_dump_is_the_file_that_was_loaded(file: Path) -> None:
    output_of("load_config", file)
    assert output_of("dump_config") == RICH


def test_a_dump_can_be_piped_into_loading(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output_of("load_config", file)
    dumped = output_of("dump_config").encode()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(dumped)))
    assert output_of("load_config") == "Nothing to change: the configuration is as the file says.\n"
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"aliases: {}")))
    output_of("load_config", "-")
    assert Revision.objects.order_by("-id")[0].note == "loaded from standard input"


def test_a_dry_run_shows_the_difference_and_changes_nothing(file: Path) -> None:
    printed = output_of("load_config", file, "--dry-run")
    assert printed.startswith("This would change:\n")
    assert "\n+  claude-gpt:\n+    target: openai:gpt-5\n" in printed
    assert not Revision.objects.exists()


def test_problems_are_told_as_one_error(file: Path) -> None:
    file.write_text(RICH.replace("kind: openai", "kind: soap"))
    with pytest.raises(CommandError) as caught:
        output_of("load_config", file)
    assert str(caught.value).splitlines()[:2] == [
        "Nothing was changed:",
        "line 8, providers.ollama.kind: Value 'soap' is not a valid choice.",
    ]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="missing.yaml cannot be read: No such file or directory"):
        output_of("load_config", tmp_path / "missing.yaml")


def test_what_is_not_taken_over_is_told(file: Path) -> None:
    file.write_text("server: {port: 3001}\n")
    assert output_of("load_config", file) == (
        "line 1, server.port: not taken over: set PORT=3001 in the gateway's environment.\n"
        "Nothing to change: the configuration is as the file says.\n"
    )
