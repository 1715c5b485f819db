"""The parts a running repository is made of, made once by a composition root and passed down."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from repository.core.clock import Clock, SystemClock
from repository.core.copies import each_store, open_stores
from repository.core.db import Database
from repository.core.settings import Settings
from repository.core.work import Work
from storage.base import ObjectStore


@dataclass(frozen=True)
class Runtime:
    settings: Settings
    database: Database
    store: ObjectStore
    clock: Clock

    @classmethod
    def from_settings(cls, settings: Settings, clock: Clock | None = None) -> "Runtime":
        """Open the database and the stores that the settings name; makes an empty data folder."""
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        database = Database(settings.resolved_database_url, pool_size=settings.database_pool_size)
        return cls(
            settings=settings,
            database=database,
            store=open_stores(settings, database),
            clock=clock or SystemClock(),
        )

    @contextmanager
    def work(self) -> Iterator[Work]:
        """A transaction that commits at the end of the block and rolls back on any exception."""
        with self._work(write=True) as work:
            yield work
            work.commit()

    @contextmanager
    def read(self) -> Iterator[Work]:
        """A snapshot to read from; nothing done in it is kept."""
        with self._work(write=False) as work:
            yield work

    @contextmanager
    def _work(self, *, write: bool) -> Iterator[Work]:
        with self.database.session(write=write) as session:
            yield Work(self.database, session, self.clock, self.settings, self.store)

    @property
    def stores(self) -> Mapping[str, ObjectStore]:
        """Each store by its place in `content_copies`; `store` is all of them as one."""
        return each_store(self.store)

    def close(self) -> None:
        self.database.dispose()
