from __future__ import annotations

import os
from pathlib import Path

import pytest

from routing.definition_files import MAX_FILE_BYTES, Problem, ScanResult, scan_folders
from routing.identification.prompts import fingerprint_of_body


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "agents").mkdir()
    return tmp_path / "agents"


def define(path: Path, name: str, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\nname: {name}\ndescription: An agent.\n---\n{body}\n")
    return path


def reasons(result: ScanResult) -> dict[str, str]:
    return {Path(problem.path).name: problem.reason for problem in result.problems}


def test_the_files_of_a_folder_and_below_it_are_read(folder: Path) -> None:
    define(folder / "planner.md", "planner", "You plan.")
    define(folder / "more" / "reviewer.md", "reviewer", "You review.")
    (folder / "README.txt").write_text("No agent.")

    result = scan_folders([folder])

    assert [definition.name for definition in result.definitions] == ["reviewer", "planner"]
    assert result.problems == ()
    assert result.names == {fingerprint_of_body("You plan."): "planner", fingerprint_of_body("You review."): "reviewer"}
    assert result.bodies == {"You plan.": "planner", "You review.": "reviewer"}


def test_a_folder_that_is_given_twice_counts_once(folder: Path) -> None:
    define(folder / "more" / "a.md", "a", "You help.")
    assert len(scan_folders([folder, str(folder), folder / "more"]).definitions) == 1


def test_a_tilde_stands_for_the_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder.parent))
    define(folder / "a.md", "a", "You help.")
    assert [definition.name for definition in scan_folders(["~/agents"]).definitions] == ["a"]


def test_missing_folders_are_listed(tmp_path: Path) -> None:
    file = define(tmp_path / "file.md", "a", "You help.")
    result = scan_folders([tmp_path / "nowhere", file, "~nobody-of-this-name/agents"])
    assert reasons(result) == {
        "nowhere": "the folder does not exist. Create it, or take it out of the settings.",
        "file.md": "this is no folder. Create it, or take it out of the settings.",
        "agents": "the folder does not exist. Create it, or take it out of the settings.",
    }


def test_broken_files_are_listed_and_hide_no_others(folder: Path) -> None:
    define(folder / "good.md", "good", "You help.")
    (folder / "none.md").write_text("You help.")
    (folder / "gone.md").symlink_to(folder / "nowhere")
    (folder / "large.md").write_bytes(b"-" * (MAX_FILE_BYTES + 1))
    os.mkfifo(folder / "pipe.md")

    result = scan_folders([folder])

    assert [definition.name for definition in result.definitions] == ["good"]
    assert reasons(result) == {
        "none.md": "line 1: there is no front matter. The first line must be `---`.",
        "gone.md": "the file cannot be read: No such file or directory.",
        "large.md": "the file is larger than 1 MiB, which no definition is.",
        "pipe.md": "this is no file that can be read.",
    }


def test_one_name_with_two_bodies_is_listed_and_both_bodies_tell_the_name(folder: Path) -> None:
    first = define(folder / "a.md", "helper", "You help here.")
    second = define(folder / "b.md", "helper", "You help there.")

    result = scan_folders([folder])

    assert result.problems == (
        Problem(str(first), f"helper has another body in {second} (helper)."),
        Problem(str(second), f"helper has another body in {first} (helper)."),
    )
    assert result.bodies == {"You help here.": "helper", "You help there.": "helper"}


def test_one_body_under_two_names_is_listed_and_tells_no_name(folder: Path) -> None:
    first = define(folder / "a.md", "helper", "You help.")
    second = define(folder / "b.md", "servant", "You help.  ")

    result = scan_folders([folder])

    why = "it does not tell which of them calls. Change one of them."
    assert result.problems == (
        Problem(str(first), f"the body is the same as in {second} (servant): {why}"),
        Problem(str(second), f"the body is the same as in {first} (helper): {why}"),
    )
    assert (result.names, result.bodies, len(result.definitions)) == ({}, {}, 2)


def test_the_same_definition_in_two_projects_is_no_problem(tmp_path: Path) -> None:
    for project in ("a", "b"):
        define(tmp_path / project / "helper.md", "helper", "You help.")
    result = scan_folders([tmp_path / "a", tmp_path / "b"])
    assert result.problems == ()
    assert result.bodies == {"You help.": "helper"}


def test_without_changes_a_scan_gives_the_result_before(folder: Path) -> None:
    define(folder / "a.md", "a", "You help.")
    (folder / "broken.md").write_text("")
    before = scan_folders([folder])
    assert scan_folders([folder], before) is before


def test_only_changed_files_are_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    define(folder / "same.md", "same", "You stay.")
    changed = define(folder / "changed.md", "changed", "You help.")
    before = scan_folders([folder])
    read: list[str] = []
    read_bytes = Path.read_bytes

    def note_and_read(path: Path) -> bytes:
        read.append(path.name)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", note_and_read)

    define(changed, "changed", "You help more.")
    after = scan_folders([folder], before)

    assert read == ["changed.md"]
    assert after.bodies == {"You stay.": "same", "You help more.": "changed"}


def test_files_that_come_and_go_are_noticed(folder: Path) -> None:
    gone = define(folder / "gone.md", "gone", "You go.")
    before = scan_folders([folder])
    gone.unlink()
    define(folder / "new.md", "new", "You come.")
    assert scan_folders([folder], before).bodies == {"You come.": "new"}
