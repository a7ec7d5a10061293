"""Rules and mappings that cannot be used are told at start and by `manage.py check --database default`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import OperationalError, ProgrammingError

from routing.problems import route_problems


@register(Tags.database)
def check_routes(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    try:
        problems = route_problems() if databases else []
    except (OperationalError, ProgrammingError):  # no such table or column: `migrate` itself runs the checks first
        return []
    return [Warning(problem, id="routing.W001") for problem in problems]
