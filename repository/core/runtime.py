"""The parts a running repository is made of, made once by a composition root and passed down."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from repository.core.clock import Clock, SystemClock
from repository.core.db import Database
from repository.core.settings import Settings
from repository.core.work import Work
from storage.base import ObjectStore
from storage.registry import open_store


@dataclass(frozen=True)
class Runtime:
    settings: Settings
    database: Database
    store: ObjectStore
    clock: Clock

    @classmethod
    def from_settings(cls, settings: Settings, clock: Clock | None = None) -> "Runtime":
        """Open the database and the store that the settings name; makes an empty data folder."""
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        return cls(
            settings=settings,
            database=Database(
                settings.resolved_database_url, pool_size=settings.database_pool_size
            ),
            store=open_store(
                settings.storage,
                folder=settings.data_dir / "files",
                endpoint=settings.s3_endpoint,
                bucket=settings.s3_bucket,
                access_key=settings.s3_access_key,
                secret_key=settings.s3_secret_key.get_secret_value(),
                region=settings.s3_region,
                secure=settings.s3_secure,
                browser_url=settings.s3_browser_url,
            ),
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

    def close(self) -> None:
        self.database.dispose()
