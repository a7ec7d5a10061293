"""Waiting for a condition instead of for time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def wait_until(condition: Callable[[], Result], timeout: float = 10, what: str = "") -> Result:
    """The first truthy value of `condition`, asked every 20 ms. Raises `TimeoutError` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout} s: {what or condition}")
        time.sleep(0.02)
    return result
