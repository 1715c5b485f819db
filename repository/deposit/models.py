"""What the deposit capability remembers beside the records themselves."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from repository.core.db import Base


class ImportedItem(Base):
    """What an import made of one source item, so that importing it again makes nothing twice.

    `fingerprint` is the SHA-256 of the item as it was read: metadata, paths and file digests.
    """

    __tablename__ = "imported_items"

    source_key: Mapped[str] = mapped_column(String(500), primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id"), index=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    files_fingerprint: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime]


class UploadState(StrEnum):
    """From `open` to `finalising` and on to an end, each step by compare-and-set."""

    OPEN = "open"
    FINALISING = "finalising"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"


UNDER_WAY = (UploadState.OPEN.value, UploadState.FINALISING.value)


class Upload(Base):
    """A file that arrives in parts. Which parts have arrived only the store knows (`handle`).

    The row outlives its draft: until `discarded`, the store may hold parts of it. `fingerprint`
    is the SHA-256 of the first part as the sender sees it, to know the file again that a person
    picks to go on with. `problem` is an English msgid.
    """

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_state", "state", "updated_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    version_id: Mapped[str] = mapped_column(String(16), index=True)
    path: Mapped[str] = mapped_column(String(1024))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    handle: Mapped[str] = mapped_column(String(1100))
    size: Mapped[int] = mapped_column(BigInteger)
    part_size: Mapped[int] = mapped_column(BigInteger)
    parts: Mapped[int]
    sha256: Mapped[str | None] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    replace: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(12), default=UploadState.OPEN.value)
    problem: Mapped[str | None] = mapped_column(Text)
    discarded: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    def part_length(self, number: int) -> int:
        """How many bytes part `number` has: all the same, the last one what is left."""
        if number < self.parts:
            return self.part_size
        return self.size - self.part_size * (self.parts - 1)


class IntakeState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"


class Intake(Base):
    """Files that the server brings into a draft itself: from an address, or out of an archive.

    `source` is the address or the archive's path, `path` the file to be or the folder to unpack
    into. `result` counts the files `made`, those `left` as they were and of how many (`total`),
    names the first `skipped`, and keeps the archive `removed` at the end as path, digest and size.
    `problem` is an English msgid.
    """

    __tablename__ = "intakes"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    version_id: Mapped[str] = mapped_column(String(16), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(String(1024), default="")
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    replace: Mapped[bool] = mapped_column(default=False)
    keep: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str] = mapped_column(String(10), default=IntakeState.WAITING.value)
    done_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    total_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(Text, default="")
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class IntakeEntry(Base):
    """One file out of an archive, so that unpacking can go on after a crash, and be undone.

    `sha256` and `size` are what was made of it: none where what was there was left as it is; `was`
    and `was_size` what it replaced.
    """

    __tablename__ = "intake_entries"

    intake_id: Mapped[str] = mapped_column(
        ForeignKey("intakes.id", ondelete="CASCADE"), primary_key=True
    )
    path: Mapped[str] = mapped_column(String(1024), primary_key=True)
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    was: Mapped[str | None] = mapped_column(String(64))
    was_size: Mapped[int] = mapped_column(BigInteger, default=0)
