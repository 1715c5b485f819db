"""What was seen, until it is counted; and the counts by day."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from repository.core.db import Base


class UsageEvent(Base):
    """One look or one download. `visitor` is a keyed hash whose key is thrown away with its day.

    `target` tells files of one version apart, for double clicks; `machine` is a program that
    someone runs, as COUNTER calls it, and not a robot, which is never written down.
    """

    __tablename__ = "usage_events"
    __table_args__ = (Index("ix_usage_events_day", "day", "visitor", "record_id", "at"),)

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    day: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime]
    is_download: Mapped[bool]
    machine: Mapped[bool]
    visitor: Mapped[str] = mapped_column(String(32))
    record_id: Mapped[str] = mapped_column(String(16))
    version_id: Mapped[str] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(String(16))
    bytes: Mapped[int] = mapped_column(BigInteger)


class UsageDay(Base):
    """Counts of one UTC day, of a version or, under the record's id, of all its versions.

    Views are investigations that are no requests. `unique_any` counts sessions that did either.
    """

    __tablename__ = "usage_days"
    __table_args__ = (Index("ix_usage_days_day", "day"),)

    item_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    machine: Mapped[bool] = mapped_column(primary_key=True)
    views: Mapped[int]
    unique_views: Mapped[int]
    downloads: Mapped[int]
    unique_downloads: Mapped[int]
    unique_any: Mapped[int]
    bytes: Mapped[int] = mapped_column(BigInteger)


class UsageSalt(Base):
    """The key of one day's hashes. Gone when the day is counted: then nobody can be found again."""

    __tablename__ = "usage_salts"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))
