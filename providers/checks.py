"""What is wrong with the providers as they are stored: shown at start and by `manage.py check --database default`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import OperationalError, ProgrammingError

from providers.models import Provider


def provider_problems() -> list[str]:
    """One sentence or two for each problem; empty when all is well, and before the first migration."""
    try:
        enabled = list(Provider.objects.filter(enabled=True).prefetch_related("models"))
    except (OperationalError, ProgrammingError):  # no such table or column: `migrate` itself runs the checks first
        return []
    return list(_problems(enabled))


def _problems(enabled: Sequence[Provider]) -> Iterator[str]:
    for provider in enabled:
        if problem := provider.to_config().problem:
            yield f"Provider {provider.name}: {problem}"
    if not any(provider.is_default for provider in enabled):
        yield "No enabled provider is the default, so requests that no route claims fail: choose one in the admin."


@register(Tags.database)
def check_providers(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    return [Warning(problem, id="providers.W001") for problem in provider_problems()] if databases else []
