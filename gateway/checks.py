"""System checks of the settings: `manage.py serve` refuses to start while one of them finds an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

_HOST = re.compile(r"([\w.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?")


@register()
def check_settings(**_: Any) -> list[CheckMessage]:
    return list(_problems())


def _problems() -> Iterator[Error]:
    if not 0 < settings.PORT < 65536:
        yield Error(f"PORT is {settings.PORT}.", hint="Set it to a number from 1 to 65535.", id="gateway.E001")
    if settings.WORKERS < 1:
        yield Error(f"WORKERS is {settings.WORKERS}.", hint="Set it to 1 or more.", id="gateway.E002")
    if not 0 < settings.PING_SECONDS <= 15:
        yield Error(
            f"PING_SECONDS is {settings.PING_SECONDS:g}.",
            hint="Set it to more than 0 and at most 15: Claude Code warns after 20 s without a byte.",
            id="gateway.E003",
        )
    for host in settings.CLIENT_CREDENTIAL_HOSTS:
        if not _HOST.fullmatch(host.strip()):
            yield Error(
                f"CLIENT_CREDENTIAL_HOSTS holds {host!r}, which is no host.",
                hint="Write each one as name or name:port, without https://.",
                id="gateway.E004",
            )
    if not 0 < settings.JOURNAL_BODIES_LIMIT <= settings.JOURNAL_LIMIT:
        yield Error(
            f"JOURNAL_BODIES_LIMIT is {settings.JOURNAL_BODIES_LIMIT}, JOURNAL_LIMIT is {settings.JOURNAL_LIMIT}.",
            hint="Both are bytes, and the first one must not be the larger one.",
            id="gateway.E005",
        )
    for name in ("LOG_ENTRIES_DAYS", "LOG_BODIES_DAYS", "MAX_REQUEST_BYTES"):
        if getattr(settings, name) < 0:
            yield Error(f"{name} is negative.", hint="Set it to 0 or more.", id="gateway.E006")
    if not settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS is empty, so that nobody can reach the gateway.",
            hint="Name the hosts that clients and browsers use, or leave the setting out.",
            id="gateway.E007",
        )
    if settings.REDIS_URL and not settings.REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
        yield Error("REDIS_URL is no address of a Redis.", hint="Begin it with redis://.", id="gateway.E008")
