from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.requestlog.installation import Installation


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file without entries, to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    database = folder / "db.sqlite3"
    Installation(folder, f"sqlite:///{database}").manage("migrate", "--verbosity", "0")
    return database


@pytest.fixture
def installation(tmp_path: Path, migrated_database: Path) -> Iterator[Installation]:
    database = shutil.copy(migrated_database, tmp_path / "db.sqlite3")
    made = Installation(tmp_path, f"sqlite:///{database}")
    yield made
    made.stop()
