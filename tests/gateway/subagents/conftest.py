from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest

from gateway.subagents.service import Subagents


def _process() -> Iterator[Subagents]:
    made = Subagents()
    made._started = True  # without its writer's thread: `clients.write_down` does its work
    yield made
    made._definitions.close()
    made._lookups.close()
    made._lookups._thread.shutdown()  # its connection is closed


@pytest.fixture
def process(transactional_db: None) -> Iterator[Subagents]:
    """What a gateway process has for subagents."""
    yield from _process()


@pytest.fixture
def other_process(transactional_db: None) -> Iterator[Subagents]:
    """Another one on the same database."""
    yield from _process()


@pytest.fixture
def no_patience() -> Iterator[None]:
    """No request waits for a launch in vain."""
    with mock.patch("gateway.subagents.identifier.PATIENCE_SECONDS", 0.0):
        yield
