"""What happened to copies of content, backup policies, and what backups and drills did."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from repository.core.db import Base


class Outcome(StrEnum):
    """PREMIS eventOutcome, as the record page and the operator read it."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"


class EventType(StrEnum):
    """Terms of the PREMIS eventType vocabulary (id.loc.gov/vocabulary/preservation/eventType)."""

    FIXITY_CHECK = "fixity check"
    REPLICATION = "replication"
    DELETION = "deletion"


class PlacementRule(Base):
    """Which store files belong in; of several rules the first one that fits holds.

    Sizes are bytes, both ends within. `data_class` takes in the classes above it. `country` says
    that no copy in a store may lie elsewhere.
    """

    __tablename__ = "placement_rules"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    position: Mapped[int]
    place: Mapped[str] = mapped_column(String(20))
    collection_id: Mapped[int | None] = mapped_column(
        ForeignKey("collections.id", ondelete="CASCADE")
    )
    min_bytes: Mapped[int | None] = mapped_column(BigInteger)
    max_bytes: Mapped[int | None] = mapped_column(BigInteger)
    country: Mapped[str] = mapped_column(String(2), default="")
    data_class: Mapped[str] = mapped_column(String(10), default="")
    created_at: Mapped[datetime]


class FixitySum(Base):
    """How the stored copies of a version of many files were found, all together, at `counted_at`;
    None when that is no longer so.
    """

    __tablename__ = "fixity_sums"

    version_id: Mapped[str] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True
    )
    good: Mapped[int]
    bad: Mapped[int]
    unchecked: Mapped[int]
    checked_at: Mapped[datetime | None]
    counted_at: Mapped[datetime | None] = mapped_column(index=True)


class BackupObject(Base):
    """Which revision of a version a backup target holds, and when its lock was last renewed."""

    __tablename__ = "backup_objects"

    version_id: Mapped[str] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[str] = mapped_column(String(20), primary_key=True)
    revision: Mapped[int]
    renewed_at: Mapped[datetime | None]


class PreservationEvent(Base):
    """One check or repair of one copy. Only ever added; outlives the content it tells of."""

    __tablename__ = "preservation_events"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[datetime] = mapped_column(index=True)
    event_type: Mapped[str] = mapped_column(String(30))
    outcome: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    place: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(Text, default="")


class BackupSite(Base):
    """Where backups go: a folder, or `s3:https://host/bucket/prefix`. `secret` is sealed."""

    __tablename__ = "backup_sites"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    address: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(String(40), default="us-east-1")
    access_key: Mapped[str] = mapped_column(String(200), default="")
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    encrypted: Mapped[bool] = mapped_column(default=False)
    country: Mapped[str] = mapped_column(String(2), default="", server_default="")
    updated_at: Mapped[datetime]


class BackupPlace(Base):
    """A medium that was written to at a site: disks may take turns.

    `locked` says whether it was seen to refuse to delete what is locked; None where no policy asks.
    """

    __tablename__ = "backup_places"

    place: Mapped[str] = mapped_column(String(20), primary_key=True)
    site: Mapped[str] = mapped_column(String(40), index=True)
    locked: Mapped[bool | None]
    seen_at: Mapped[datetime]


class BackupPolicy(Base):
    """What was promised, from when on. A change is a new version; old ones stay to be read."""

    __tablename__ = "backup_policies"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    terms: Mapped[dict[str, Any]]
    user_id: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime]


class BackupRun(Base):
    """A backup or a drill: `state` is `running`, `complete` or `failed`; `figures` what it found.

    A run that was killed stays `running` here; the target says what is whole.
    """

    __tablename__ = "backup_runs"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), index=True)
    state: Mapped[str] = mapped_column(String(10))
    policy: Mapped[str] = mapped_column(String(80))
    site: Mapped[str] = mapped_column(String(40), default="")
    backup_id: Mapped[str] = mapped_column(String(40), default="")
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
