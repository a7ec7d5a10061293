"""How fast the log's pages answer with a million entries on SQLite.

    python -m tests.bench.log_list [--entries 1000000] [--rounds 200]

Fills a new database below a temporary folder, then asks for each page through Django's test client: the whole stack,
from the session to the rendered HTML, without a network. Prints p50 and p99 in ms; ends with status 1 past 100 ms.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client

GOAL_MS = 100.0
_BATCH = 10_000
_MODELS = ("claude-opus-5", "claude-sonnet-5", "claude-haiku-4-5-20251001")
_START = datetime(2026, 1, 1, tzinfo=UTC)
_FAILED = {
    "outcome": "upstream_failed",
    "status": 529,
    "error_type": "overloaded_error",
    "error_message": "The provider has too much to do. " * 20,
}


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="log-list-") as folder:
        _set_up(folder)
        started = time.perf_counter()
        _fill(options.entries)
        print(f"{options.entries:,} entries written in {time.perf_counter() - started:.0f} s")
        slowest = max(_measure(name, ask, options.rounds) for name, ask in _pages(options.entries).items())
    print(f"goal: p99 under {GOAL_MS:.0f} ms: {'reached' if slowest < GOAL_MS else 'MISSED'}")
    return int(slowest >= GOAL_MS)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=200)
    return parser.parse_args()


def _set_up(folder: str) -> None:
    os.environ.update(VAR_DIR=folder, ENV_FILE=os.devnull, DJANGO_SETTINGS_MODULE="settings.base")
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)


def _fill(count: int) -> None:
    """Plain SQL: through the ORM a million rows take six minutes."""
    from django.db import connection, transaction

    from requestlog.models import Entry
    from tests.support.log_entries import entry_at

    usual = entry_at()
    columns = Entry._meta.concrete_fields
    row = {column.column: column.get_db_prep_save(getattr(usual, column.attname), connection) for column in columns}
    sql = f"INSERT INTO {Entry._meta.db_table} ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})"
    rows = (tuple((row | changes).values()) for changes in _changes(count))
    while batch := list(islice(rows, _BATCH)):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(sql, batch)


def _changes(count: int) -> Iterator[dict[str, Any]]:
    """The columns in which exchanges differ: thousands of sessions, seconds apart, one in twenty a long failure."""
    from tests.support.log_entries import id_at

    chance = random.Random(1)
    sessions = [f"{chance.getrandbits(128):032x}" for _ in range(max(1, count // 200))]
    moment = _START
    for number in range(count):
        moment += timedelta(seconds=chance.random() * 10)
        model = chance.choice(_MODELS)
        yield {
            "id": id_at(moment).hex,
            "received_at": f"{moment:%Y-%m-%d %H:%M:%S.%f}",
            "finished_at": f"{moment + timedelta(seconds=chance.random() * 30):%Y-%m-%d %H:%M:%S.%f}",
            "session_id": chance.choice(sessions),
            "agent_id": f"{chance.getrandbits(32):08x}" if number % 4 == 0 else "",
            "requested_model": model,
            "routed_model": model,
            **(_FAILED if number % 20 == 0 else {}),
        }


def _pages(count: int) -> dict[str, Callable[[], Any]]:
    from django.contrib.auth.models import User
    from django.test import Client

    from requestlog.models import Entry

    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    middle = Entry.objects.order_by("id").values_list("id", flat=True)[count // 2]
    entry = Entry.objects.get(pk=middle)
    return {
        "first page": _get(client, "/log/"),
        "middle, older": _get(client, f"/log/?before={middle}"),
        "middle, newer": _get(client, f"/log/?after={middle}"),
        "one entry": _get(client, entry.get_absolute_url()),
        "admin list": _get(client, "/admin/requestlog/entry/"),
        "admin, last page": _get(client, "/admin/requestlog/entry/?p=100"),
        "admin, a session": _get(client, f"/admin/requestlog/entry/?q={entry.session_id}"),
    }


def _get(client: Client, url: str) -> Callable[[], Any]:
    def ask() -> None:
        response = client.get(url)
        if response.status_code != 200:
            raise SystemExit(f"{url} answered {response.status_code}")

    return ask


def _measure(name: str, ask: Callable[[], Any], rounds: int) -> float:
    """Print a page's percentiles and return the 99th, in ms. The first call, which loads the templates, is apart."""
    first, _ = _milliseconds(ask)
    walls, cpus = zip(*(_milliseconds(ask) for _ in range(rounds)), strict=True)
    figures = [_percentile(walls, 50), _percentile(walls, 99), _percentile(cpus, 50), _percentile(cpus, 99), first]
    print(
        "{:18} p50 {:6.1f}   p99 {:6.1f}   CPU p50 {:6.1f}   CPU p99 {:6.1f}   first call {:6.1f}".format(
            name, *figures
        )
    )
    return figures[1]


def _percentile(values: tuple[float, ...], percent: int) -> float:
    """The nearest rank: the smallest value that `percent` of the values do not exceed."""
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def _milliseconds(ask: Callable[[], Any]) -> tuple[float, float]:
    """The time on the clock, and the processor time: the difference is the machine's other work."""
    started, cpu_started = time.perf_counter(), time.process_time()
    ask()
    return (time.perf_counter() - started) * 1000, (time.process_time() - cpu_started) * 1000


if __name__ == "__main__":
    sys.exit(main())
