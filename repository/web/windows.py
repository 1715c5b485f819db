"""How often each address asked within its window, in this process's memory.

The `memory://` of `limits` forgets in a thread that it starts anew at nearly every request: a
twelfth of the time that a page took. This one forgets as it counts.
"""

import threading
import time

from limits.storage import Storage

SWEEP_SECONDS = 10.0


class Windows(Storage):
    """A storage of `limits` for fixed windows, `windows://` as its address."""

    STORAGE_SCHEME = ["windows"]  # noqa: RUF012 declared so by `limits`
    base_exceptions = ()

    def __init__(
        self, uri: str | None = None, wrap_exceptions: bool = False, **options: float | str | bool
    ) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._counts: dict[str, tuple[int, float]] = {}  # and until when (POSIX time)
        self._lock = threading.Lock()
        self._sweep_at = 0.0

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = time.time()
        with self._lock:
            if now >= self._sweep_at:
                self._counts = {k: kept for k, kept in self._counts.items() if kept[1] > now}
                self._sweep_at = now + SWEEP_SECONDS
            count, until = self._counts.get(key, (0, 0.0))
            if until <= now:
                count, until = 0, now + expiry
            self._counts[key] = count + amount, until
        return count + amount

    def get(self, key: str) -> int:
        count, until = self._counts.get(key, (0, 0.0))
        return count if until > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends (POSIX time); now, where there is none."""
        _count, until = self._counts.get(key, (0, 0.0))
        return max(until, time.time())

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with self._lock:
            forgotten = len(self._counts)
            self._counts.clear()
        return forgotten

    def clear(self, key: str) -> None:
        with self._lock:
            self._counts.pop(key, None)
