"""Waiting for something to become true, where no event tells of it."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_INTERVAL = 0.02


def eventually(condition: Callable[[], T], timeout: float = 20.0) -> T:
    """Poll `condition` until what it returns is true, and return that.

    An exception it raises counts as "not yet". Raises AssertionError after `timeout` seconds, from
    the last exception if there was one: a deadline for broken things, never a measure of speed.
    """
    deadline = time.monotonic() + timeout
    while True:
        problem: Exception | None = None
        try:
            if result := condition():
                return result
        except Exception as error:  # noqa: BLE001 - whatever it is, it may pass
            problem = error
        if time.monotonic() >= deadline:
            raise AssertionError(f"not so within {timeout} s") from problem
        time.sleep(_INTERVAL)
