"""Searches that a reader keeps, and is told of what is new in them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Select, and_, func, or_, select
from werkzeug.datastructures import MultiDict

from repository.accounts.identities import actor_of
from repository.accounts.models import User
from repository.accounts.notices import kind, notify
from repository.core.errors import FieldError, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.discovery import arguments
from repository.discovery.engines.base import FACETS, Sort
from repository.discovery.models import Frequency, SavedSearch
from repository.discovery.search import search

MAX_SAVED = 100
MAX_ARGUMENTS = 2000
TOLD_TITLES = 10
CHECKED_AT_ONCE = 200
KEPT = ("q", "from", "to", "bbox", *FACETS)
PERIODS = {Frequency.DAILY: timedelta(days=1), Frequency.WEEKLY: timedelta(days=7)}
NEWS = kind(
    "saved-search",
    N_("New in your search “%(name)s”: %(count)s"),
    N_("%(titles)s\n\nYou can change how often you are told, or delete the search, on its page."),
)


def save(work: Work, user: User, name: str, query_string: str, frequency: str) -> SavedSearch:
    """Keep a search. Raises ValidationFailed where it cannot be searched for, or has no name."""
    asked = MultiDict(parse_qsl(query_string)[:100])
    arguments.read(asked, offset=0, limit=1)
    kept = urlencode([(key, value) for key, value in asked.items(multi=True) if key in KEPT])
    errors = []
    if not name.strip():
        errors.append(FieldError("/name", N_("Give the search a name.")))
    if frequency not in set(Frequency):
        errors.append(FieldError("/frequency", N_("Choose how often.")))
    if len(kept) > MAX_ARGUMENTS:
        errors.append(FieldError("/name", N_("This search is too long to keep.")))
    mine = select(func.count()).where(SavedSearch.user_id == user.id)
    if (work.session.scalar(mine) or 0) >= MAX_SAVED:
        message = N_("You keep %(count)s searches already; delete one first.")
        errors.append(FieldError("/name", message, {"count": MAX_SAVED}))
    if errors:
        raise ValidationFailed(errors=errors)
    now = work.clock.now()
    saved = SavedSearch(
        user_id=user.id,
        name=" ".join(name.split())[:200],
        arguments=kept,
        frequency=frequency,
        created_at=now,
        told_until=now,
        checked_at=now,
    )
    work.session.add(saved)
    return saved


def saved_by(work: Work, user: User) -> Sequence[SavedSearch]:
    """At most MAX_SAVED, the newest first."""
    mine = select(SavedSearch).where(SavedSearch.user_id == user.id)
    return work.session.scalars(mine.order_by(SavedSearch.id.desc()).limit(MAX_SAVED)).all()


def change_frequency(work: Work, user: User, saved_id: int, frequency: str) -> None:
    """Raises NotFound, for another's as well, and ValidationFailed."""
    if frequency not in set(Frequency):
        raise ValidationFailed(errors=[FieldError("/frequency", N_("Choose how often."))])
    _find(work, user, saved_id).frequency = frequency


def delete(work: Work, user: User, saved_id: int) -> None:
    """Raises NotFound, for another's as well."""
    work.session.delete(_find(work, user, saved_id))


def _find(work: Work, user: User, saved_id: int) -> SavedSearch:
    saved = work.session.get(SavedSearch, saved_id)
    if saved is None or saved.user_id != user.id:
        raise NotFound
    return saved


def tell_of_news(runtime: Runtime) -> int:
    """Look again at the searches that are due, those longest waiting first; how many were.

    One transaction a search: its notice and how far it was told are one fact.
    """
    with runtime.read() as work:
        due = list(work.session.scalars(_due(work.clock.now())))
    for saved_id in due:
        with runtime.work() as work:
            saved = work.session.get(SavedSearch, saved_id, with_for_update=True)
            if saved is not None:
                _tell(work, saved)
    return len(due)


def _due(now: datetime) -> Select[tuple[int]]:
    owed = or_(
        *(
            and_(SavedSearch.frequency == each.value, SavedSearch.checked_at <= now - period)
            for each, period in PERIODS.items()
        )
    )
    query = select(SavedSearch.id).join(User, User.id == SavedSearch.user_id)
    query = query.where(owed, User.active).order_by(SavedSearch.checked_at, SavedSearch.id)
    return query.limit(CHECKED_AT_ONCE)


def _tell(work: Work, saved: SavedSearch) -> None:
    """As its owner sees it now: what is hidden from them is neither counted nor named."""
    user = work.session.get_one(User, saved.user_id)
    asked = MultiDict(parse_qsl(saved.arguments))
    request = arguments.read(asked, offset=0, limit=TOLD_TITLES, sort=Sort.NEWEST)
    found = search(work, actor_of(work, user), replace(request, published_after=saved.told_until))
    saved.checked_at = work.clock.now()
    if not found.versions:
        return
    saved.told_until = max(each.published_at or each.created_at for each in found.versions)
    titles = [each.metadata_json["titles"][0]["title"] for each in found.versions]
    notify(
        work,
        user,
        NEWS,
        url=f"/search?{saved.arguments}&sort=newest",
        name=saved.name,
        count=found.total,
        titles="\n".join(f"- {title}" for title in titles),
    )
