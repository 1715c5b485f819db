"""The change feed: which records changed, in an order in which nothing can hide.

Followers (search index, OAI-PMH, replicas) each keep the last `seq` they have dealt with. A
sequence alone is not enough for that: on PostgreSQL a transaction may take number 7, another
take and commit 8, a follower pass 8, and only then 7 appear. So rows are written as the last
act of a transaction, under a lock that is held until its commit: numbers become visible in order.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from repository.core import jobs
from repository.core.db import Base, Database

if TYPE_CHECKING:
    from repository.core.runtime import Runtime

BATCH = 100
TURN_SECONDS = 2.0
FEED_LOCK = "change-feed"


class Change(Base):
    """One record changed. Holds no content: a follower reads the record as it is now."""

    __tablename__ = "changes"

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    record_id: Mapped[str] = mapped_column(String(32), index=True)
    at: Mapped[datetime]

    __table_args__ = ({"sqlite_autoincrement": True},)


class FeedCursor(Base):
    """How far a named follower has come."""

    __tablename__ = "feed_cursors"

    follower: Mapped[str] = mapped_column(String(100), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)


def append(database: Database, session: Session, record_ids: Iterable[str], at: datetime) -> None:
    """Write the changes; must be the transaction's last statements before its commit."""
    session.flush()
    database.lock_until_commit(session, FEED_LOCK)
    session.add_all(Change(record_id=record_id, at=at) for record_id in record_ids)
    session.flush()
    jobs.enqueue(session, at, "feed.follow", "feed.follow", {})


def since(session: Session, seq: int, limit: int) -> list[Change]:
    """The next changes after `seq`, oldest first, at most `limit`."""
    query = select(Change).where(Change.seq > seq).order_by(Change.seq).limit(limit)
    return list(session.scalars(query))


def last_seq(session: Session) -> int:
    return session.scalar(select(func.max(Change.seq))) or 0


def position(session: Session, follower: str) -> int:
    cursor = session.get(FeedCursor, follower)
    return cursor.seq if cursor else 0


def advance(session: Session, follower: str, seq: int) -> None:
    """Remember that `follower` has dealt with everything up to `seq`."""
    session.merge(FeedCursor(follower=follower, seq=seq))


Follower = Callable[["Runtime", Sequence[str]], None]
_followers: dict[str, Follower] = {}


def follower(name: str) -> Callable[[Follower], Follower]:
    """Register `function(runtime, record_ids)`: called with each batch of records that changed.

    Soon after each commit, in order, by one worker at a time; a batch may come twice, and what
    comes twice must do no harm. A record is in a batch once, however often it changed.
    """

    def register(function: Follower) -> Follower:
        if _followers.setdefault(name, function) is not function:
            raise ValueError(f"two followers are called {name}")
        return function

    return register


@jobs.handler("feed.follow")
def _wake_followers(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """One job per follower, so that one that fails does not hold up the others."""
    with runtime.work() as work:
        for name in _followers:
            work.enqueue("feed.follower", f"feed.follower:{name}", {"follower": name})


@jobs.handler("feed.follower")
def _run_follower(runtime: Runtime, payload: dict[str, Any]) -> None:
    """In turns: of an import of thousands the search is not told last, after every format was
    rendered for harvesters.
    """
    name, end = payload["follower"], time.monotonic() + TURN_SECONDS
    while True:
        with runtime.read() as work:
            changes = since(work.session, position(work.session, name), BATCH)
        if not changes:
            return
        _followers[name](runtime, list(dict.fromkeys(change.record_id for change in changes)))
        with runtime.work() as work:
            advance(work.session, name, changes[-1].seq)
            if over := time.monotonic() >= end:
                work.enqueue("feed.follower", f"feed.follower:{name}", payload)
        if over:
            return
