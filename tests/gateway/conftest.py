from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.gateway import RunningGateway
from tests.support.http_client import HttpClient


@pytest.fixture
def client(gateway: RunningGateway) -> Iterator[HttpClient]:
    """A connection to the gateway that all tests share."""
    with HttpClient(gateway.port) as client:
        yield client
