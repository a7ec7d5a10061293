"""The first step of every request: the configuration in force, and who calls."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.access import identify_caller
from gateway.errors import NotReady
from gateway.flow import Flow
from gateway.snapshot import Snapshot, SnapshotUnavailable, snapshots
from providers.adapters.base import HeaderList


@dataclass(frozen=True, slots=True)
class Admission:
    """`headers` are the request's without the gateway's own key."""

    snapshot: Snapshot
    headers: HeaderList


async def admit(flow: Flow) -> Admission:
    """Raises `NotReady` and `ClientUnknown`."""
    try:
        snapshot = await snapshots.current()
    except SnapshotUnavailable as error:
        raise NotReady(str(error)) from error
    server = flow.scope.get("server")
    caller = identify_caller(flow.headers, snapshot, server[0] if server else "")
    flow.admitted = True
    flow.exchange.client_key = caller.name
    flow.exchange.config_revision = snapshot.revision
    return Admission(snapshot, caller.headers)
