"""The means of each day, of the whole repository and of every collection: how quality moves."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from repository.accounts.models import ANONYMOUS
from repository.core.work import Work
from repository.quality import services
from repository.quality.models import QualityMean
from repository.records.collections import Collection
from repository.records.placement import below

WHOLE = 0
MAX_COLLECTIONS = 5000
DAYS = 3 * 366


def keep_means(work: Work) -> None:
    """Write today's; again on the same day in their place."""
    _keep(work, WHOLE, None)
    for collection in work.session.scalars(select(Collection).limit(MAX_COLLECTIONS)).all():
        _keep(work, collection.id, below(work.session, collection))


def _keep(work: Work, scope: int, collections: Sequence[int] | None) -> None:
    found: dict[str, Any] = services.means(work, ANONYMOUS, collections)
    if found["records"]:
        work.session.merge(QualityMean(scope=scope, day=work.clock.now().date(), **found))


def over_time(work: Work, scope: int) -> list[QualityMean]:
    """Of up to three years, oldest first."""
    query = select(QualityMean).where(QualityMean.scope == scope)
    return list(work.session.scalars(query.order_by(QualityMean.day.desc()).limit(DAYS)))[::-1]


def by_collection(work: Work, order: str, limit: int) -> list[tuple[Collection, QualityMean]]:
    """Collections with their last means, those that need most first by `order`."""
    newest = select(QualityMean.day).order_by(QualityMean.day.desc()).limit(1).scalar_subquery()
    query = (
        select(Collection, QualityMean)
        .join(QualityMean, QualityMean.scope == Collection.id)
        .where(QualityMean.day == newest)
        .order_by(getattr(QualityMean, order), Collection.id)
        .limit(limit)
    )
    return [(collection, mean) for collection, mean in work.session.execute(query)]
