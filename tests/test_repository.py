"""What the repository may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.sources import PROJECT, project_files, python_files

TOP_LEVEL = {
    "Dockerfile", "LICENSE", "Makefile", "README.md", "docker-compose.yaml", "manage.py", "pyproject.toml",
    "gateway", "providers", "requestlog", "routing", "settings", "templates", "tests",
}  # fmt: skip
MAX_LINES = 299
_REGISTRY_FILE = re.compile(
    r"(files\.pythonhosted\.org|pypi\.org/(simple|packages)|registry\.npmjs\.org|registry\.yarnpkg\.com"
    r"|proxy\.golang\.org|static\.crates\.io|deb\.debian\.org)"
)
_MACHINE_PATH = re.compile(r"(?<![\w./:~}-])/(home|root|Users|work|mnt|tmp)/[\w.]")


def lines() -> Iterator[tuple[Path, int, str]]:
    """Every line of the text files: file, number, text."""
    for path in project_files():
        try:
            text = (PROJECT / path).read_text()
        except UnicodeDecodeError:
            continue  # a picture
        yield from ((path, number, line) for number, line in enumerate(text.splitlines(), 1))


def hits(pattern: re.Pattern[str]) -> list[str]:
    return [f"{path}:{number}: {line.strip()[:150]}" for path, number, line in lines() if pattern.search(line)]


def test_the_patterns_find_what_they_are_for() -> None:
    host = "registry.npmjs" + ".org"
    assert _REGISTRY_FILE.search(f'"resolved": "https://{host}/left-pad/-/left-pad-1.0.0.tgz"')
    for folder in ("home", "root", "work"):
        assert _MACHINE_PATH.search(f'cd "/{folder}/somebody/project"')
    assert not _MACHINE_PATH.search('redirect("/log/") # https://host/home/x')


def test_the_top_level_holds_nothing_but_the_frame() -> None:
    found = {path.parts[0] for path in project_files()}
    assert {name for name in found - TOP_LEVEL if not name.startswith(".") and not name.endswith(".lock")} == set()


def test_no_file_names_the_address_of_a_package() -> None:
    assert hits(_REGISTRY_FILE) == []


def test_no_file_names_a_place_on_one_machine() -> None:
    assert hits(_MACHINE_PATH) == []
    assert hits(re.compile(re.escape(str(PROJECT)) + r"\b")) == []


def test_python_files_are_small() -> None:
    lengths = {str(path): len((PROJECT / path).read_text().splitlines()) for path in python_files()}
    assert len(lengths) > 50
    assert {path: length for path, length in lengths.items() if length > MAX_LINES} == {}
