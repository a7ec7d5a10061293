"""Settings of the test suite: everything below a temporary folder, nothing read from the user's environment or
`.env`."""

from __future__ import annotations

import os
import tempfile

os.environ["VAR_DIR"] = os.environ.get("TEST_VAR_DIR") or tempfile.mkdtemp(prefix="gateway-tests-")

from settings.base import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
