"""Settings of the test suite: everything below a temporary folder, nothing from the user's environment or `.env`."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

_EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"
for _name in re.findall(r"^#?([A-Z_]+)=", _EXAMPLE.read_text(), re.MULTILINE):
    os.environ.pop(_name, None)
os.environ["ENV_FILE"] = os.devnull
os.environ["AGENT_DEFINITION_DIRS"] = ""
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="gateway-tests-")

from settings.base import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
