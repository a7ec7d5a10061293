"""The project's own files, as git knows them: tracked, or new and not ignored."""

from __future__ import annotations

import subprocess
from functools import lru_cache
from pathlib import Path

from tests.support.parts import require

PROJECT = Path(__file__).resolve().parent.parent.parent


@lru_cache(maxsize=1)
def project_files() -> list[Path]:
    """Relative to the project. Needs a clone: a copy without git's folder cannot tell its files from others."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    require(listed.returncode == 0, f"git cannot list the project's files: {listed.stderr}", "run the tests in a clone")
    names = filter(None, listed.stdout.split("\0"))
    return [Path(name) for name in sorted(names) if (PROJECT / name).is_file()]


def python_files() -> list[Path]:
    """Written by people: without migrations."""
    return [path for path in project_files() if path.suffix == ".py" and "migrations" not in path.parts]
