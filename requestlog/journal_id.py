"""A name for a journal folder that stays the same for good.

Several machines may share one database, each with a journal of its own. A recorder must judge only the workers of its
own folder, so every entry and every position carries the folder's name.
"""

from __future__ import annotations

import secrets
from pathlib import Path

FILE_NAME = "journal.id"


def read_or_create_id(folder: Path) -> str:
    """The folder's id, 32 hexadecimal digits. Only the holder of the recorder's lock may call this."""
    path = folder / FILE_NAME
    if path.exists():
        return path.read_text().strip()
    created = secrets.token_hex(16)
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(created + "\n")
    unfinished.replace(path)
    return created
