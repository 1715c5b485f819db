"""Whether the links of published descriptions answer: tried only where the site says so.

An address counts as dead after `DEAD` failures, each a day after the one before: servers have bad
days. A few addresses an hour, one of each host, are asked, and little is read of what they answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from sqlalchemy import select

from repository.core.errors import RepositoryError
from repository.core.fetch import Limits, Unsuitable, fetch
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.quality.models import LinkCheck
from repository.quality.subject import Subject

DEAD = 3
AGAIN, SOON = timedelta(days=30), timedelta(days=1)
AT_ONCE, LOOKED_THROUGH = 30, 500
SECONDS, SIZE = 8.0, 64 << 10
# The server is there, and says that a program may not look.
CLOSED = (401, 403, 405, 406, 429)


def digest_of(url: str) -> str:
    return sha256(url.encode()).hexdigest()


def with_links(work: Work, subjects: Mapping[str, Subject]) -> dict[str, Subject]:
    """With how many of each one's links are dead, where any was tried."""
    digests = {digest_of(url) for each in subjects.values() for url in each.links()}
    if work.settings.link_checks == "off" or not digests:
        return dict(subjects)
    tried = select(LinkCheck.digest, LinkCheck.failures).where(
        LinkCheck.digest.in_(digests), LinkCheck.at.is_not(None)
    )
    failures = dict(work.session.execute(tried).tuples().all())

    def told(subject: Subject) -> Subject:
        known = [failures[d] for d in map(digest_of, subject.links()) if d in failures]
        if subject.standing is None or not known:
            return subject
        dead = sum(count >= DEAD for count in known)
        return replace(subject, standing=replace(subject.standing, dead_links=dead))

    return {identifier: told(subject) for identifier, subject in subjects.items()}


def note_links(work: Work, subjects: Iterable[Subject]) -> None:
    """Put addresses that were not known yet where `try_links` finds them."""
    schemes = ("https://", "http://") if work.settings.link_checks == "any" else ("https://",)
    if work.settings.link_checks == "off":
        return
    urls = {digest_of(u): u for each in subjects for u in each.links() if u.startswith(schemes)}
    query = select(LinkCheck.digest).where(LinkCheck.digest.in_(urls))
    known = set(work.session.scalars(query))
    for digest in sorted(urls.keys() - known):
        work.session.merge(LinkCheck(digest=digest, url=urls[digest], failures=0))


def try_links(runtime: Runtime) -> int:
    """Ask the next addresses whether they answer, with no transaction open; how many."""
    if runtime.settings.link_checks == "off":
        return 0
    with runtime.read() as work:
        chosen = _next(work)
    answers = {digest: _answers(runtime, url) for digest, url in chosen.items()}
    with runtime.work() as work:
        for digest, is_alive in answers.items():
            row = work.session.get(LinkCheck, digest)
            if row is not None:
                row.failures = 0 if is_alive else row.failures + 1
                row.at = work.clock.now()
    return len(answers)


def _next(work: Work) -> dict[str, str]:
    """Those not tried yet, those that failed a day ago, and at last all others; one a host."""
    now = work.clock.now()
    failing = (LinkCheck.failures > 0) & (LinkCheck.at < now - SOON)
    query = (
        select(LinkCheck.digest, LinkCheck.url)
        .where(LinkCheck.at.is_(None) | failing | (LinkCheck.at < now - AGAIN))
        .order_by(LinkCheck.at.asc().nulls_first(), LinkCheck.digest)
        .limit(LOOKED_THROUGH)
    )
    by_host: dict[str, tuple[str, str]] = {}
    for digest, url in work.session.execute(query):
        by_host.setdefault(urlsplit(url).netloc.lower(), (digest, url))
    return dict(list(by_host.values())[:AT_ONCE])


def _answers(runtime: Runtime, url: str) -> bool:
    settings = runtime.settings
    limits = Limits(SECONDS, SIZE, private=settings.link_checks == "any")
    agent = f"{settings.site_name_en} link check (+{settings.base_url})"
    try:
        status = fetch(url, accept="*/*", user_agent=agent, limits=limits).status
    except Unsuitable:
        return True
    except (RepositoryError, ValueError):
        return False
    return status < 400 or status in CLOSED
