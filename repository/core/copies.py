"""Where the bytes of each content lie: the list that reading, fixity and moving go by."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from repository.core.db import Base, Database
from repository.core.settings import Settings
from storage.base import ObjectStore
from storage.registry import open_store
from storage.several import SeveralStores

STORE = "store"


class Copy(Base):
    """Where the bytes of a content lie: in a store, or under `path` in a backup target.

    `place` is `store` (that of the settings' first rows), `store:` and the name of a further one,
    or `backup:` and the target's own id: disks may take turns. A copy with `drop_at` has been
    moved and goes then. With one store alone, a row comes with the first look at fixity.
    """

    __tablename__ = "content_copies"
    __table_args__ = (
        Index("ix_content_copies_checked_at", "checked_at", "sha256"),
        Index("ix_content_copies_drop_at", "drop_at"),
    )

    sha256: Mapped[str] = mapped_column(
        ForeignKey("contents.sha256", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[str] = mapped_column(String(20), primary_key=True)
    path: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[str | None] = mapped_column(String(10), index=True)
    checked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    drop_at: Mapped[datetime | None]


def place_named(name: str) -> str:
    """What rows call the store that settings call so; the first one has no name."""
    return f"{STORE}:{name}" if name else STORE


def open_stores(settings: Settings, database: Database) -> ObjectStore:
    """The store that the settings name; where they name several, all of them as one."""
    first = open_store(
        settings.storage,
        folder=settings.data_dir / "files",
        endpoint=settings.s3_endpoint,
        bucket=settings.s3_bucket,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
        region=settings.s3_region,
        secure=settings.s3_secure,
        browser_url=settings.s3_browser_url,
    )
    if not settings.stores:
        return first
    found = {STORE: first}
    for name, each in settings.stores.items():
        found[place_named(name)] = open_store(
            each.kind,
            folder=each.folder,
            endpoint=each.endpoint,
            bucket=each.bucket,
            access_key=each.access_key,
            secret_key=each.secret_key.get_secret_value(),
            region=each.region,
            secure=each.secure,
            browser_url=each.browser_url,
            make=False,
        )
    return SeveralStores(found, lambda sha256: _places(database, sha256))


def _places(database: Database, sha256: str) -> Sequence[str]:
    """The places of a content, what stays before what goes."""
    order = (Copy.drop_at.is_not(None), Copy.place)
    query = select(Copy.place).where(Copy.sha256 == sha256).order_by(*order)
    with database.session(write=False) as session:
        return session.scalars(query).all()


def each_store(store: ObjectStore) -> Mapping[str, ObjectStore]:
    """The stores by place, the one of the settings' first rows first."""
    return store.stores if isinstance(store, SeveralStores) else {STORE: store}
