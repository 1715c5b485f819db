"""The unit of work: one database transaction and everything that follows from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from repository.core import feed, jobs
from repository.core.clock import Clock
from repository.core.db import Database
from repository.core.settings import Settings
from storage.base import ObjectStore


class Work:
    """What a service gets: the session, the clock, the store, and ways to say what must follow.

    Services change rows and call `changed` and `enqueue`; they never commit, never call out.
    """

    def __init__(
        self,
        database: Database,
        session: Session,
        clock: Clock,
        settings: Settings,
        store: ObjectStore,
    ) -> None:
        self._database = database
        self._changed: dict[str, None] = {}
        self._jobs: dict[str, tuple[str, dict[str, Any], timedelta]] = {}
        self._last_acts: dict[str, Callable[[Work], None]] = {}
        self.session = session
        self.clock = clock
        self.settings = settings
        self.store = store

    def changed(self, record_id: str) -> None:
        """Tell the change feed, at commit, that what the world may see of a record changed."""
        self._changed[record_id] = None

    def enqueue(
        self, kind: str, key: str, payload: dict[str, Any], *, delay: timedelta = timedelta(0)
    ) -> None:
        """Ask, with this transaction, for a job; see `core.jobs` for what `key` means."""
        self._jobs[key] = (kind, payload, delay)

    def lock(self, name: str) -> None:
        """Wait for, and hold until the end, the named lock between transactions."""
        self._database.lock_until_commit(self.session, name)

    def before_commit(self, name: str, act: Callable[[Work], None]) -> None:
        """Have `act` done once as the transaction ends: what needs a lock that must not be held
        for longer. Such acts come in the order of their names; they change nothing but their own
        rows.
        """
        self._last_acts[name] = act

    def commit(self) -> None:
        """Write the jobs, the last acts and the feed, then commit. In that order, and jobs by key:
        two transactions that ask for the same then never wait for each other in a circle.
        """
        now = self.clock.now()
        self.session.flush()
        for key, (kind, payload, delay) in sorted(self._jobs.items()):
            jobs.enqueue(self.session, now, kind, key, payload, delay=delay)
        for _name, act in sorted(self._last_acts.items()):
            act(self)
        if self._changed:
            feed.append(self._database, self.session, self._changed, now)
        self.session.commit()
        self._jobs.clear()
        self._last_acts.clear()
        self._changed.clear()
