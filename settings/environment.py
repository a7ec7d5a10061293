"""Reads settings from the environment, with errors for people instead of tracebacks.

What can be judged by its value alone is judged here, because Django's own start fails on some of it before the system
checks run; what needs other settings is left to `gateway.checks`."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured

_EXPECTED = {int: "a whole number", float: "a number", bool: "true or false"}
_BOOLEAN = re.compile(r"\s*(true|on|ok|y|yes|1|false|off|n|no|0|)\s*", re.IGNORECASE)
_DATABASE = re.compile(r"(sqlite:///|postgres://|postgresql://).")


class Environment(environ.Env):  # type: ignore[misc]  # the package has no types
    def get_value(
        self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False
    ) -> Any:
        """As in the base class. Raises `ImproperlyConfigured` for a value that is not what the setting takes."""
        try:
            if cast is bool and not _BOOLEAN.fullmatch(self.ENVIRON.get(var, "")):
                raise ValueError("the base class would take it for false")
            return super().get_value(var, cast, default, parse_default)
        except (ValueError, TypeError, KeyError) as error:
            expected = _EXPECTED.get(cast, "another form")
            raise ImproperlyConfigured(f"{var}={self.ENVIRON.get(var)!r} is not valid: it takes {expected}.") from error

    def choice(self, var: str, choices: Collection[str], default: str) -> str:
        """One of the choices, in upper case. Raises `ImproperlyConfigured`."""
        value = str(self.str(var, default=default)).upper()
        if value not in choices:
            raise ImproperlyConfigured(f"{var}={value!r} is not valid: it takes one of {', '.join(choices)}.")
        return value

    def time_zone(self, var: str, default: str) -> str:
        """The name of a time zone. Raises `ImproperlyConfigured`."""
        value = str(self.str(var, default=default))
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError) as error:
            raise ImproperlyConfigured(
                f"{var}={value!r} is not valid: it takes a time zone such as Europe/Berlin."
            ) from error
        return value

    def database(self, var: str, default: str) -> dict[str, Any]:
        """Django's settings for the database at a URL. Raises `ImproperlyConfigured`, without the password."""
        url = str(self.str(var, default=default))
        if not _DATABASE.match(url):
            raise ImproperlyConfigured(f"{var} is not valid: it begins with sqlite:/// (and a path) or postgres://.")
        try:
            return dict(self.db_url_config(url))
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{var} is not a valid URL: write special characters in user name and password as %XX."
            ) from error
