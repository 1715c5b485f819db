"""What OAI-PMH serves, kept ready: who is in which set, since when, and the bytes to send.

All of it can be rebuilt from the records except `oai_id` and the memory of deletions, which the
protocol (section 2.5.1, `persistent`) wants kept for ever. Rows are written by the stamper alone.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from repository.core.db import Base

_KEY = BigInteger().with_variant(Integer, "sqlite")


class OaiItem(Base):
    """A version that was public at some time. `seq` orders all items by their last change.

    `datestamp` never falls as `seq` grows, so that a range of one is a range of the other.
    `header` is the `<header>` element as sent. `basis` is the number of the change (of the
    feed) that the rendering has surely seen: a later look at the record is never overwritten
    by an earlier one that was slow.
    """

    __tablename__ = "oai_items"
    __table_args__ = (Index("ix_oai_items_datestamp_seq", "datestamp", "seq"),)

    id: Mapped[int] = mapped_column(_KEY, primary_key=True, autoincrement=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id"), unique=True)
    oai_id: Mapped[str] = mapped_column(String(255), unique=True)
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    datestamp: Mapped[datetime]
    deleted: Mapped[bool] = mapped_column(default=False)
    header: Mapped[bytes] = mapped_column(LargeBinary)
    basis: Mapped[int] = mapped_column(BigInteger)


class OaiFragment(Base):
    """An item's `<metadata>` element in one format, and its `<about>` where it has one, as sent.
    `digest` is the SHA-256 of both.
    """

    __tablename__ = "oai_fragments"

    prefix: Mapped[str] = mapped_column(String(40), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("oai_items.id"), primary_key=True, index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    body: Mapped[bytes] = mapped_column(LargeBinary)


class OaiFailure(Base):
    """A format that could not render an item; the item is served in the other formats."""

    __tablename__ = "oai_failures"

    prefix: Mapped[str] = mapped_column(String(40), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("oai_items.id"), primary_key=True, index=True)
    error: Mapped[str] = mapped_column(Text)


class OaiSet(Base):
    """A set that has or had items: never removed, so that a harvester's configuration holds."""

    __tablename__ = "oai_sets"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    spec: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")


class OaiMembership(Base):
    """An item in a set, with the item's `seq` beside it: set pages are ranges of this key."""

    __tablename__ = "oai_memberships"

    set_id: Mapped[int] = mapped_column(ForeignKey("oai_sets.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("oai_items.id"), index=True)


class OaiFormat(Base):
    """How far the items have been rendered by a format's present code.

    `fingerprint` is of that code, `done_to` the last version's id that the rebuild has passed;
    `finished_at` is set when all have been.
    """

    __tablename__ = "oai_formats"

    prefix: Mapped[str] = mapped_column(String(40), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    done_to: Mapped[str] = mapped_column(String(16), default="")
    done: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class OaiHarvester(Base):
    """What one harvester asked for lately: a client, in one format and set."""

    __tablename__ = "oai_harvesters"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    agent: Mapped[str] = mapped_column(String(300))
    network: Mapped[str] = mapped_column(String(60))
    prefix: Mapped[str] = mapped_column(String(40))
    set_spec: Mapped[str] = mapped_column(String(255))
    requests: Mapped[int] = mapped_column(BigInteger)
    records: Mapped[int] = mapped_column(BigInteger)
    errors: Mapped[int] = mapped_column(BigInteger)
    last_error: Mapped[str] = mapped_column(String(500))
    position: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)


class OaiCheck(Base):
    """What the conformance checks found when they were last run against the live endpoint."""

    __tablename__ = "oai_checks"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    passed: Mapped[int]
    failures: Mapped[list[Any]]


class OaiSearchSet(Base):
    """A search that curators offer as the set `spec`. `arguments` is a page of results' query;
    `count` what it found when it was last looked at.
    """

    __tablename__ = "oai_search_sets"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    spec: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(1000), default="")
    arguments: Mapped[str] = mapped_column(String(2000))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    count: Mapped[int] = mapped_column(default=0)


class OaiSearchMember(Base):
    """A version that a search found."""

    __tablename__ = "oai_search_members"

    set_id: Mapped[int] = mapped_column(ForeignKey("oai_search_sets.id"), primary_key=True)
    version_id: Mapped[str] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True, index=True
    )
