"""Whether those behind published data still answer: asked only where the site says so.

Metadata name people and hold no addresses, so that a record's owner is asked, who gets what is
written about it. A new version is an answer by itself.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, insert, literal, select, update
from sqlalchemy.orm import aliased

from repository.accounts import signed_links
from repository.accounts.models import User
from repository.accounts.notices import kind, notify
from repository.core.db import UTCDateTime
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.quality.models import ContactCheck
from repository.records.models import Record, State, Version
from repository.records.titles import title_of

AGAIN = timedelta(days=365)  # each record
PAUSE = timedelta(days=90)  # each person: what falls due meanwhile waits for the same message
ANSWER_WITHIN = timedelta(days=60)
Before = aliased(ContactCheck)
PEOPLE, TITLES = 200, 20
PURPOSE = "contact answers"
PAGE = "/account/contact"
ASKED = kind(
    "quality.contact",
    N_("Are you still the contact for your data here? Records asked about: %(count)s"),
    N_(
        "Once a year this site asks whether somebody still answers for the data. Open the address "
        "below and press “Yes, still me”; you need not sign in. Where nobody answers within 60 "
        "days, the quality page of the records says so."
    ),
)


def ask(runtime: Runtime) -> int:
    """Ask the owners of what was neither renewed nor asked about for a year, each by one message;
    how many. A transaction each holds both the question and its mail.
    """
    settings = runtime.settings
    if not settings.contact_checks or not settings.smtp_host:
        return 0
    with runtime.read() as work:
        now = work.clock.now()
        asked_lately = aliased(ContactCheck)
        lately = exists().where(
            asked_lately.user_id == Record.owner_id, asked_lately.asked_at > now - PAUSE
        )
        owners = _due(now).with_only_columns(Record.owner_id).where(~lately).distinct()
        chosen = work.session.scalars(owners.order_by(Record.owner_id).limit(PEOPLE)).all()
    asked = 0
    for user_id in chosen:
        with runtime.work() as work:
            asked += _ask(work, user_id)
    return asked


def _due(now: datetime) -> Select[tuple[str]]:
    return (
        select(Record.id)
        .join(Version, Version.id == Record.latest_id)
        .outerjoin(Before, Before.record_id == Record.id)
        .where(
            Version.state == State.PUBLISHED.value,
            Version.published_at < now - AGAIN,
            Before.asked_at.is_(None) | (Before.asked_at < now - AGAIN),
        )
    )


def _ask(work: Work, user_id: int) -> bool:
    """Nothing where another run has asked meanwhile."""
    now = work.clock.now()
    due = _due(now).where(Record.owner_id == user_id)
    again = (
        update(ContactCheck)
        .where(ContactCheck.record_id.in_(due), ContactCheck.asked_at < now - AGAIN)
        .values(
            user_id=user_id,
            asked_at=now,
            waiting_since=func.coalesce(ContactCheck.waiting_since, now),
        )
    )
    work.session.execute(again.execution_options(synchronize_session=False))
    new = due.where(Before.record_id.is_(None)).with_only_columns(
        Record.id, literal(user_id), literal(now, UTCDateTime()), literal(now, UTCDateTime())
    )
    columns = ["record_id", "user_id", "asked_at", "waiting_since"]
    work.session.execute(insert(ContactCheck).from_select(columns, new))
    mine = ContactCheck.user_id == user_id, ContactCheck.asked_at == now
    count = work.session.scalar(select(func.count()).where(*mine)) or 0
    if not count:
        return False
    user = work.session.get_one(User, user_id)
    locale = user.locale or work.settings.default_locale
    titles = [title_of(each.metadata_json, locale) for each in waiting(work, user_id)]
    link = f"{PAGE}?lang={locale}&link={link_for(work, user)}"
    said = "\n".join(titles + ["…"] * (count > len(titles)))
    notify(work, user, ASKED, url=PAGE, mailed=link, said=said, count=count)
    return True


def link_for(work: Work, user: User) -> str:
    """The signed part of the address that is mailed; worn by a new address of the user's."""
    return signed_links.sign(work, PURPOSE, user, AGAIN, user.email)


def opened(work: Work, link: str) -> User:
    """Who was asked by a link. Raises LinkWorn."""
    user, signed = signed_links.opened(work, PURPOSE, link)
    signed_links.check(signed, user.email)
    return user


def waiting(work: Work, user_id: int) -> Sequence[Version]:
    """Newest versions of the first records about which a user did not answer yet."""
    query = (
        select(Version)
        .join(Record, Record.latest_id == Version.id)
        .join(ContactCheck, ContactCheck.record_id == Record.id)
        .where(*_unanswered(user_id))
        .order_by(Record.id)
        .limit(TITLES)
    )
    return work.session.scalars(query).all()


def count_waiting(work: Work, user_id: int) -> int:
    return work.session.scalar(select(func.count()).where(*_unanswered(user_id))) or 0


def answer(work: Work, user_id: int) -> Sequence[str]:
    """Yes, still me: for all that was asked. Returns the ids of the records."""
    return work.session.scalars(
        update(ContactCheck)
        .where(*_unanswered(user_id))
        .values(answered_at=work.clock.now(), waiting_since=None)
        .returning(ContactCheck.record_id)
    ).all()


def _unanswered(user_id: int) -> tuple[ColumnElement[bool], ...]:
    return ContactCheck.user_id == user_id, ContactCheck.waiting_since.is_not(None)


def answers(work: Work, record_ids: Collection[str]) -> dict[str, bool]:
    """Of records about which somebody was asked, and answered, or had the time to."""
    if not work.settings.contact_checks:
        return {}
    late = work.clock.now() - ANSWER_WITHIN
    query = select(ContactCheck).where(ContactCheck.record_id.in_(record_ids))
    return {
        row.record_id: row.waiting_since is None or row.waiting_since >= late
        for row in work.session.scalars(query)
        if row.waiting_since is None or row.waiting_since < late or row.answered_at
    }
