"""Notices as their reader may see them today."""

from collections.abc import Sequence
from dataclasses import dataclass

from repository.access.documents import title_for
from repository.accounts import notices
from repository.accounts.models import Actor, Notice
from repository.core.work import Work


@dataclass(frozen=True)
class Shown:
    notice: Notice
    text: str


def page(
    work: Work, actor: Actor, locale: str, *, offset: int, limit: int
) -> tuple[Sequence[Shown], int]:
    """Some of the reader's notices, newest first, and how many there are.

    A record that the reader may not see any more is not named.
    """
    if actor.user_id is None:
        return (), 0
    rows = notices.page(work, actor.user_id, offset, limit)
    return [shown(work, actor, row, locale) for row in rows], notices.count(work, actor.user_id)


def shown(work: Work, actor: Actor, notice: Notice, locale: str) -> Shown:
    title = title_for(work, actor, notice.record_id, locale) if notice.record_id else None
    return Shown(notice, notices.text_of(notice, locale, title))
