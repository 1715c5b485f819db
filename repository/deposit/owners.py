"""A record goes to another owner: people leave, and somebody has to answer for their data."""

from sqlalchemy import delete, select, update

from repository.access.grants import another_user, grant_access, managed_record
from repository.access.rules import Action, can
from repository.accounts.models import Actor, User
from repository.accounts.notices import kind, notify
from repository.audit.services import log
from repository.core.errors import FieldError, Forbidden, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.records import quotas
from repository.records.models import Grant, Record, Version
from repository.records.reviews import Review
from repository.records.titles import title_of

NOT_YOURS = N_("Only its owner and curators hand a record over.")
GIVEN = kind(
    "record.given",
    N_("“%(title)s” is yours from now on"),
    N_("It was handed over to you: you answer for it, and say who has access. It is here:"),
)
GIVEN_ALL = kind(
    "records.given",
    N_("%(count)s records of %(who)s are yours from now on"),
    N_("They were handed over to you: you answer for them. They are here:"),
)
TAKEN = kind("record.taken", N_("“%(title)s” belongs to somebody else from now on"))


def hand_over(work: Work, actor: Actor, identifier: str, email: str, keeps: str = "") -> Record:
    """Make the record with this id, or of the version with it, that of another user, at once; with
    it go its drafts and reviews, the requests for access to it, and the room that its files take.

    `keeps` is the permission that its owner until now has from now on, or empty for none.
    Raises NotFound, Forbidden, ValidationFailed, QuotaExceeded.
    """
    record = managed_record(work, actor, identifier)
    work.session.refresh(record, with_for_update=True)
    version = newest_of(work, record)
    if not can(actor, Action.HAND_OVER, version, work.clock.now()):
        raise Forbidden(NOT_YOURS)
    before, after = give(work, actor, record, email, keeps)
    _tell(work, actor, record, before, after)
    return record


def give(
    work: Work, actor: Actor, record: Record, email: str, keeps: str = ""
) -> tuple[User, User]:
    """As `hand_over`, without telling anybody; that `actor` may do so is known. Both owners."""
    before = work.session.get_one(User, record.owner_id)
    after = another_user(work, record, email, "")
    if keeps and not before.active:
        message = N_("The account of the owner until now is closed: let them keep nothing.")
        raise ValidationFailed(errors=[FieldError("/keeps", message)])
    quotas.move(work, record, after.id)
    mine = (Grant.record_id == record.id) & (Grant.user_id == after.id)
    work.session.execute(delete(Grant).where(mine))
    theirs = select(Version.id).where(Version.record_id == record.id)
    asked = (Review.version_id.in_(theirs)) & (Review.submitted_by == before.id)
    work.session.execute(update(Review).where(asked).values(submitted_by=after.id))
    record.owner_id = after.id
    work.session.flush()
    work.session.expire(record, ["grants"])
    if keeps:
        grant_access(work, actor, record, email=before.email, permission=keeps)
    told = {"before": before.id, "after": after.id, "keeps": keeps or None}
    log(work, actor.user_id, "record.hand-over", "record", record.id, **told)
    work.changed(record.id)
    return before, after


def tell_of_all(work: Work, before: User, after: User, count: int) -> None:
    """One message for all that somebody had: a message for each would be hundreds."""
    notify(work, after, GIVEN_ALL, url="/deposit?show=records", count=count, who=before.name)


def records_of(work: Work, user: User) -> list[str]:
    """The ids of all that somebody owns, the oldest first."""
    owned = select(Record.id).where(Record.owner_id == user.id)
    return list(work.session.scalars(owned.order_by(Record.created_at, Record.id)))


def _tell(work: Work, actor: Actor, record: Record, before: User, after: User) -> None:
    version = newest_of(work, record)
    told = ((after, GIVEN, f"/deposit/{version.id}/access"), (before, TAKEN, "/deposit"))
    for user, what, url in told:
        if user.id != actor.user_id:
            title = title_of(version.metadata_json, user.locale or work.settings.default_locale)
            notify(work, user, what, url=url, record_id=version.id, title=title)


def newest_of(work: Work, record: Record) -> Version:
    found = select(Version).where(Version.record_id == record.id)
    return work.session.scalars(found.order_by(Version.number.desc()).limit(1)).one()
