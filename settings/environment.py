"""Reads settings from the environment, with errors for people instead of tracebacks."""

from __future__ import annotations

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

_EXPECTED = {int: "a whole number", float: "a number", bool: "true or false"}


class Environment(environ.Env):  # type: ignore[misc]  # the package has no types
    def get_value(
        self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False
    ) -> Any:
        """As in the base class. Raises `ImproperlyConfigured` for a value that is not what the setting takes."""
        try:
            return super().get_value(var, cast, default, parse_default)
        except (ValueError, TypeError, KeyError) as error:
            expected = _EXPECTED.get(cast, "another form")
            raise ImproperlyConfigured(f"{var}={self.ENVIRON.get(var)!r} is not valid: it takes {expected}.") from error
