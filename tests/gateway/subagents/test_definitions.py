"""Definitions from folders and from the admin, as they change while the gateway runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from asgiref.sync import async_to_sync

from gateway.subagents import definitions as module
from gateway.subagents.definitions import Definitions, DefinitionWatch, KnownDefinitions
from requestlog.naming import AgentName
from routing.identification.definitions import Definition, parse_definition
from routing.identification.prompts import fingerprint_of_body
from tests.gateway.subagents.clients import definition
from tests.support.waiting import wait_until

SCOUT = "You look for things."
COOK = "You cook."
IN_FILE, PASTED = "file", "pasted"


def parsed(name: str, body: str) -> Definition:
    return parse_definition(definition(name, body), name)


def known(watch: DefinitionWatch, pasted: Definitions = (), patience: float = 10) -> dict[str, AgentName]:
    return async_to_sync(watch.known)(pasted, patience).names


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scout.md").write_text(definition("scout", SCOUT))
    return tmp_path


@pytest.fixture
def watch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DefinitionWatch]:
    monkeypatch.setattr(module, "SCAN_SECONDS", 0.05)
    made = DefinitionWatch([str(folder)])
    yield made
    made.close()


def test_files_and_pasted_texts_are_told_apart() -> None:
    both = KnownDefinitions.of([parsed("scout", SCOUT)], [parsed("cook", COOK)])
    assert both.names == {
        fingerprint_of_body(SCOUT): AgentName("scout", IN_FILE),
        fingerprint_of_body(COOK): AgentName("cook", PASTED),
    }
    assert both.bodies.find(f"{COOK}\n\nAlways.") == AgentName("cook", PASTED)


def test_one_body_under_two_names_tells_neither_wherever_they_stand() -> None:
    assert KnownDefinitions.of([parsed("scout", SCOUT)], [parsed("lookout", SCOUT)]).names == {}
    same = KnownDefinitions.of([parsed("scout", SCOUT)], [parsed("scout", SCOUT)])
    assert same.names == {fingerprint_of_body(SCOUT): AgentName("scout", PASTED)}


def test_the_first_call_waits_for_the_first_look(watch: DefinitionWatch) -> None:
    assert known(watch) == {fingerprint_of_body(SCOUT): AgentName("scout", IN_FILE)}


def test_a_file_that_comes_changes_or_goes_is_followed(watch: DefinitionWatch, folder: Path) -> None:
    known(watch)
    (folder / "cook.md").write_text(definition("cook", COOK))
    wait_until(lambda: fingerprint_of_body(COOK) in watch.current.names)
    (folder / "cook.md").write_text(definition("chef", COOK))
    wait_until(lambda: watch.current.names[fingerprint_of_body(COOK)].name == "chef")
    (folder / "cook.md").unlink()
    wait_until(lambda: fingerprint_of_body(COOK) not in watch.current.names)


def test_what_is_pasted_counts_at_once_and_so_does_its_removal(folder: Path) -> None:
    with mock.patch.object(module, "SCAN_SECONDS", 3600):
        watch = DefinitionWatch([str(folder)])
        assert len(known(watch)) == 1
        assert len(known(watch, (parsed("cook", COOK),))) == 2
        assert len(known(watch, ())) == 1
        watch.close()


def test_files_that_cannot_be_used_are_listed(watch: DefinitionWatch, folder: Path) -> None:
    (folder / "broken.md").write_text("no front matter")
    known(watch)
    wait_until(lambda: [problem.path for problem in watch.problems] == [str(folder / "broken.md")])


def test_a_slow_disk_is_waited_for_once(folder: Path) -> None:
    goes_on = threading.Event()

    def slow(*arguments: object) -> object:
        goes_on.wait(20)
        return module.ScanResult()

    with mock.patch.object(module, "scan_folders", slow):
        watch = DefinitionWatch([str(folder)])
        assert known(watch, patience=0.05) == {}
        with mock.patch.object(watch, "_wait_for", wraps=watch._wait_for) as waiting:
            assert known(watch, patience=20) == {}
        assert waiting.call_args.args[1] == 0
        goes_on.set()
        watch.close()
