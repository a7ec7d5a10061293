from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from settings.keys import read_or_create_key
from tests.support.sources import PROJECT

_MAKE_KEYS = """
import sys
from pathlib import Path
from settings.keys import read_or_create_key
print("ready", flush=True)
sys.stdin.readline()
for number in range(50):
    print(read_or_create_key(Path(sys.argv[1]) / str(number)))
"""


def test_a_key_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "var/deep/secret_key"
    key = read_or_create_key(path)
    assert len(key) >= 50
    assert read_or_create_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret_key"]


def test_no_two_keys_are_the_same(tmp_path: Path) -> None:
    assert read_or_create_key(tmp_path / "a") != read_or_create_key(tmp_path / "b")


def test_a_key_of_the_users_own_is_taken_without_the_line_end(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("mine\n")
    assert read_or_create_key(tmp_path / "key") == "mine"


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _MAKE_KEYS, str(tmp_path)],
            cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout and process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    first, second = (process.communicate(timeout=30)[0] for process in processes)
    assert first == second
    assert len(set(first.split())) == 50


@pytest.mark.parametrize("name", ["file/key", "folder"])
def test_a_place_that_takes_no_key_is_named_with_a_way_out(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ImproperlyConfigured) as refused:
        read_or_create_key(tmp_path / name)
    assert str(tmp_path / name) in str(refused.value)
    assert "Set VAR_DIR" in str(refused.value)
