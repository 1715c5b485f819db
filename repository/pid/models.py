"""Identifiers and what their registry is known to hold; the shared rate of calls to a registry."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from repository.core.db import Base


class Role(StrEnum):
    """What an identifier names: a record through time, or one version of it."""

    CONCEPT = "concept"
    VERSION = "version"


class PidState(StrEnum):
    """What the registry holds. `withdrawn` is DataCite's Registered state after a withdrawal:
    the DOI still leads to the tombstone and is no longer found by searching.
    """

    RESERVED = "reserved"
    REGISTERED = "registered"
    FINDABLE = "findable"
    WITHDRAWN = "withdrawn"


class Identifier(Base):
    """A DOI and how far its registration has come.

    `state` is what the registry last acknowledged, `wanted` what was last asked for. `revision`
    counts the askings and `sent` is the newest one acknowledged. `due_at` is when there is
    something to send, and NULL when there is not: the queue is the rows that have one, in that
    order. `prefix` names the account it is registered through; NULL for a DOI that another
    registry keeps, which is never sent. `digest` is the SHA-256 of what was last acknowledged,
    NULL while that is uncertain. Until `in_flight_until` a request may still be at work at the
    registry, and no other is sent that it could overtake. `answer` is the registry's last word,
    `failure` the reason why a person should look, `differences` what the last audit found.
    """

    __tablename__ = "identifiers"
    __table_args__ = (Index("ix_identifiers_prefix_due_at", "prefix", "due_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    value: Mapped[str] = mapped_column(String(255), unique=True)
    role: Mapped[str] = mapped_column(String(10))
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[str | None] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), index=True
    )
    prefix: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), default=PidState.RESERVED.value, index=True)
    wanted: Mapped[str] = mapped_column(String(10), default=PidState.RESERVED.value)
    revision: Mapped[int] = mapped_column(default=0)
    sent: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    attempted_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    failure: Mapped[str | None] = mapped_column(Text)
    in_flight_until: Mapped[datetime | None]
    digest: Mapped[str | None] = mapped_column(String(64))
    checked_at: Mapped[datetime | None] = mapped_column(index=True)
    differences: Mapped[list[Any] | None]
    created_at: Mapped[datetime]

    @property
    def is_pending(self) -> bool:
        return self.due_at is not None


class RegistryCall(Base):
    """One request to a registry: the log from which the shared rate is kept; pruned as it ages."""

    __tablename__ = "registry_calls"
    __table_args__ = (Index("ix_registry_calls_registry_at", "registry", "at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    registry_url: Mapped[str] = mapped_column("registry", String(200))
    at: Mapped[datetime]


class RegistryPause(Base):
    """Why and until when nothing is sent through an account; `failures` in a row so far."""

    __tablename__ = "registry_pauses"

    prefix: Mapped[str] = mapped_column(String(40), primary_key=True)
    until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(Text, default="")


class InstitutionAccount(Base):
    """An institution's own prefix and credentials; `password` is sealed with the site's secret."""

    __tablename__ = "institution_accounts"

    prefix: Mapped[str] = mapped_column(String(40), primary_key=True)
    institution: Mapped[str] = mapped_column(String(300))
    username: Mapped[str] = mapped_column(String(100))
    password: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class InstitutionDepositor(Base):
    """A user whose new records get their DOIs through an institution's account."""

    __tablename__ = "institution_depositors"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    prefix: Mapped[str] = mapped_column(
        ForeignKey("institution_accounts.prefix", ondelete="CASCADE"), index=True
    )
