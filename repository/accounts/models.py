"""Users and their API tokens."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from repository.core.db import Base


class Role(StrEnum):
    RESEARCHER = "researcher"
    CURATOR = "curator"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a token may do on behalf of its user; names as InvenioRDM has them."""

    READ = "user:read"
    WRITE = "deposit:write"
    PUBLISH = "deposit:actions"


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    affiliation: Mapped[str] = mapped_column(String(300), default="")
    orcid: Mapped[str] = mapped_column(String(19), default="")
    password_hash: Mapped[str] = mapped_column(String(200))  # empty: they sign in elsewhere
    role: Mapped[str] = mapped_column(String(20), default=Role.RESEARCHER.value)
    locale: Mapped[str | None] = mapped_column(String(5))
    active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]  # since when it is known that the address is theirs

    @property
    def verified_domain(self) -> str:
        """What stands behind the @ of an address known to be theirs; else empty."""
        return self.email.rpartition("@")[2] if self.verified_at else ""


class SecondFactor(Base):
    """A user's authenticator app. `secret` is sealed; `last_step` is the half minute (since 1970)
    of the newest code used; `recovery` holds SHA-256 digests. NULL `confirmed_at`: not on yet.
    """

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    recovery: Mapped[list[Any]]
    confirmed_at: Mapped[datetime | None]


class Identity(Base):
    """By which a user signs in at an identity provider: its `issuer` and their `subject` there are
    for good, `email` and `claims` (values by name) as it told them last, at `used_at`.
    """

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    email: Mapped[str] = mapped_column(String(254), default="")
    claims: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]


class ApiToken(Base):
    """A bearer token; only its SHA-256 is kept (it is random, so no slow hash is needed)."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class Notice(Base):
    """Something a user should know. `kind` and `params` make its text in the reader's language.

    `record_id` is the record or version it is about: its title is looked up when it is shown,
    and only for those who may see it then. `url` is a path on this site.
    """

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_user_id_read_at", "user_id", "read_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, Any]]
    record_id: Mapped[str | None] = mapped_column(String(16))
    url: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


@dataclass(frozen=True)
class HeldLink:
    """A share link that a reader has opened, and what it gives of which record until when."""

    id: int
    record_id: str
    permission: str
    expires_at: datetime | None = None

    def lasts(self, now: datetime) -> bool:
        return self.expires_at is None or self.expires_at > now


@dataclass(frozen=True)
class Affiliation:
    """That a reader signed in at an identity provider, and what it said of them, by claim; it
    counts until a moment, for who has left an institution no longer signs in there.
    """

    issuer: str
    claims: frozenset[tuple[str, str]]
    until: datetime

    def lasts(self, now: datetime) -> bool:
        return self.until > now


@dataclass(frozen=True)
class Actor:
    """Who asks, as the access rule sees it: nobody signed in, or a user with a role and scopes,
    the domain of a verified address and what identity providers say of them; either may hold share
    links, and be known again as `guest`, the SHA-256 of a secret that their session or program has.
    """

    user_id: int | None = None
    role: str | None = None
    scopes: frozenset[str] = frozenset(scope.value for scope in Scope)
    links: tuple[HeldLink, ...] = ()
    domain: str = ""
    guest: str = ""
    affiliations: tuple[Affiliation, ...] = ()

    @property
    def is_curator(self) -> bool:
        return self.role in (Role.CURATOR, Role.ADMIN)

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN

    @classmethod
    def of(cls, user: User, scopes: frozenset[str] | None = None) -> "Actor":
        actor = cls(user.id, user.role, domain=user.verified_domain)
        return actor if scopes is None else replace(actor, scopes=scopes)


ANONYMOUS = Actor()


def as_guest(actor: Actor, secret: str) -> Actor:
    """`actor`, known again by a secret of which only the hash goes further."""
    return replace(actor, guest=sha256(secret.encode()).hexdigest())
