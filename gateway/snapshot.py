"""The configuration as the hot path sees it: frozen values in memory, one reference swapped at a time.

Strategy: every change of a config model adds a `Revision` row. A process asks for the newest revision at most once a
second, and at once after a change that it made itself; when it differs, everything is read again. The revision is
read before the rows, so that a change in between leads to one rebuild too many and never to one too few. The database
is asked in a thread and for a bounded time: one that is down or slow leaves the old snapshot in force and costs no
request more than that bound.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError, close_old_connections, transaction

from gateway.models import ClientKey, Revision
from gateway.subagents.definitions import Definitions, pasted_definitions
from providers.adapters.base import ProviderConfig
from providers.config import config_changed
from providers.models import Provider
from requestlog.database import DatabaseUnavailable, file_identity
from routing.engine import Routes
from routing.models import ModelAlias, RoutingRule, SubagentMapping
from routing.tables import Offer, build_offers, build_routes

CHECK_SECONDS = 1.0
DATABASE_SECONDS = 0.5
_NEVER = float("-inf")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KnownClient:
    """A client key without the key. `expires_at` in Unix seconds, None for never."""

    name: str
    enabled: bool
    expires_at: float | None


@dataclass(frozen=True)
class Snapshot:
    """Only what is enabled is in `providers` and `offers`."""

    revision: int
    providers: Mapping[str, ProviderConfig] = field(default_factory=dict)
    routes: Routes = field(default_factory=Routes)
    offers: tuple[Offer, ...] = ()
    """What clients are told of: the aliases, then the models, each by name."""
    clients: Mapping[str, KnownClient] = field(default_factory=dict)
    """Digest of the key -> its client."""
    definitions: Definitions = ()
    """The agent definitions that were pasted in the admin."""

    @property
    def default_provider(self) -> str:
        return self.routes.default_provider

    @classmethod
    def load(cls) -> Snapshot:
        """Read the configuration. Raises `DatabaseError`."""
        revision = Revision.current()
        providers = list(Provider.objects.prefetch_related("models"))
        aliases = list(ModelAlias.objects.filter(enabled=True).select_related("provider"))
        return cls(
            revision=revision,
            providers={provider.name: provider.to_config() for provider in providers if provider.enabled},
            routes=build_routes(providers, aliases, SubagentMapping.in_force(), RoutingRule.in_force()),
            offers=build_offers(providers, aliases),
            clients={key.digest: _known_client(key) for key in ClientKey.objects.all()},
            definitions=pasted_definitions(),
        )


def _known_client(key: ClientKey) -> KnownClient:
    return KnownClient(key.name, key.enabled, _timestamp(key.expires_at))


def _timestamp(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


class SnapshotUnavailable(Exception):
    """The configuration was never read: the database cannot be reached."""


class SnapshotCache:
    """The snapshot of one process. `current()` is called once in every request."""

    def __init__(self, load: Callable[[], Snapshot] = Snapshot.load) -> None:
        self._load = load
        self._snapshot: Snapshot | None = None
        self._checked_at = _NEVER
        self._checking: asyncio.Future[None] | None = None
        self._patience_ends_at = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="snapshot")

    async def current(self) -> Snapshot:
        """The snapshot in force; not older than a second, unless the database is out of reach.

        Raises `SnapshotUnavailable`.
        """
        while self._snapshot is None or time.monotonic() - self._checked_at > CHECK_SECONDS:
            if not await self._check() or self._snapshot is None:
                break
        if self._snapshot is None:
            raise SnapshotUnavailable("The configuration cannot be read: the gateway's database is out of reach.")
        return self._snapshot

    def expire(self) -> None:
        """Ask the database again on the next request."""
        self._checked_at = _NEVER

    async def _check(self) -> bool:
        """Whether the check that is under way, or begins now, has ended in time."""
        if self._checking is None or self._checking.done():
            # Noted before the question is asked: a change that is committed in between expires it again.
            self._checked_at = time.monotonic()
            self._patience_ends_at = self._checked_at + DATABASE_SECONDS
            self._checking = asyncio.get_running_loop().run_in_executor(self._thread, self._reload_if_changed)
        if self._snapshot is None:
            await asyncio.wait({self._checking})
            return True
        # A database that hangs costs the requests of half a second some waiting, and later ones nothing.
        patience = max(self._patience_ends_at - time.monotonic(), 0)
        done, _ = await asyncio.wait({self._checking}, timeout=patience)
        return bool(done)

    def _reload_if_changed(self) -> None:
        try:
            close_old_connections()
            file_identity()
            if self._snapshot is None or Revision.current() != self._snapshot.revision:
                self._snapshot = self._load()
                for problem in self._snapshot.routes.problems:
                    logger.warning("Not in force: %s", problem)
        except (DatabaseError, DatabaseUnavailable) as error:
            logger.warning("The configuration in force stays, because the database cannot be read: %s", error)


snapshots = SnapshotCache()


def expire_when_committed(**_: Any) -> None:
    transaction.on_commit(snapshots.expire)


config_changed.connect(expire_when_committed, dispatch_uid="gateway.snapshot")
