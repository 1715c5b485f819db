"""Scores follow what changes, and time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from repository.core import feed
from repository.core.jobs import Lane, handler
from repository.core.runtime import Runtime
from repository.quality import contacts, links, means, pairs, services, subjects

MAX_SIGNS = 1000


@feed.follower("quality")
def follow(runtime: Runtime, record_ids: Sequence[str]) -> None:
    with runtime.read() as work:
        signs = subjects.read_signs(work, record_ids, MAX_SIGNS)
    with runtime.work() as work:
        subjects.keep_signs(work, signs)
        services.assess_records(work, record_ids)


@handler("quality.sweep", every=timedelta(minutes=30), lane=Lane.UPKEEP)
def sweep(runtime: Runtime, _payload: dict[str, Any]) -> None:
    with runtime.read() as work:
        signs = subjects.read_signs(work, None, MAX_SIGNS)
    with runtime.work() as work:
        subjects.keep_signs(work, signs)
        services.assess_old(work)


@handler("quality.links", every=timedelta(hours=1), lane=Lane.OUTSIDE)
def try_links(runtime: Runtime, _payload: dict[str, Any]) -> None:
    links.try_links(runtime)


@handler("quality.contacts", every=timedelta(days=1))
def ask_contacts(runtime: Runtime, _payload: dict[str, Any]) -> None:
    contacts.ask(runtime)


@handler("quality.means", every=timedelta(hours=6))
def keep_means(runtime: Runtime, _payload: dict[str, Any]) -> None:
    with runtime.work() as work:
        means.keep_means(work)


@handler("quality.doubles", every=timedelta(days=1))
def find_doubles(runtime: Runtime, _payload: dict[str, Any]) -> None:
    with runtime.work() as work:
        pairs.find_pairs(work)
