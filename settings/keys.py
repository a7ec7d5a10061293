"""Keys that the user did not set: made once, kept below `var/` for this user's eyes only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def read_or_create_key(path: Path) -> str:
    """The key in `path`, which is made with mode 600 when it does not exist. Raises `ImproperlyConfigured`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create_key(path)
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The key {path} cannot be read or made: {error.strerror}. Set VAR_DIR to a folder that can be written."
        ) from error


def _create_key(path: Path) -> None:
    """Written aside and linked: of several processes that start at once one wins, and none reads half a key."""
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
    try:
        os.link(unfinished, path)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
