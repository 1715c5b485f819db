"""The jobs that keep the search index true."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from repository.core import feed
from repository.core.jobs import Lane, RetryLater, handler
from repository.core.runtime import Runtime
from repository.discovery import following, indexing, saved
from repository.discovery.dumps import writing
from repository.discovery.indexes import IndexBusyError

BUILD_SECONDS = 20.0  # at a time, so that other jobs have their turn


@feed.follower("search")
def follow_changes(runtime: Runtime, _record_ids: Sequence[str]) -> None:
    """Woken by a change. How far the index has come it knows by itself."""
    keep_true(runtime, {})


@feed.follower("follows")
def tell_followers(runtime: Runtime, record_ids: Sequence[str]) -> None:
    following.tell_followers(runtime, record_ids)


@handler("search.news", every=timedelta(minutes=15))
def tell_of_news(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Until none is due; a large number of readers is served in several rounds."""
    if saved.tell_of_news(runtime) == saved.CHECKED_AT_ONCE:
        raise RetryLater(1, "there are more saved searches to look at")


@handler("search.follow", every=timedelta(hours=6))
def keep_true(runtime: Runtime, _payload: dict[str, Any]) -> None:
    if not indexing.follow(runtime):
        with runtime.work() as work:
            work.enqueue("search.rebuild", "search.rebuild", {})


@handler("search.rebuild")
def rebuild(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Build a little and ask to be run again, until the index is whole."""
    end = time.monotonic() + BUILD_SECONDS
    try:
        whole = indexing.rebuild(runtime, keep_on=lambda: time.monotonic() < end)
    except IndexBusyError as error:
        raise RetryLater(30, str(error)) from error
    with runtime.work() as work:
        kind = "search.follow" if whole else "search.rebuild"
        work.enqueue(kind, kind, {})


@handler("discovery.dump", every=timedelta(days=1), lane=Lane.UPKEEP)
def dump(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Write all public metadata anew, then clear the shelf of what should not stay on it."""
    writing.write_dump(runtime)
    writing.prune(runtime)
