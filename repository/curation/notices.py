"""What people are told of reviews."""

from collections.abc import Iterable

from babel.dates import format_date

from repository.accounts.models import User
from repository.accounts.notices import Kind, kind, notify
from repository.core.messages import N_
from repository.core.work import Work
from repository.curation.roles import MOST_TOLD
from repository.records.models import Draft, Version
from repository.records.reviews import Review
from repository.records.titles import title_of

SUBMITTED = kind("review.submitted", N_("“%(title)s” was submitted to %(collection)s"))
COMMENTED = kind("review.comment", N_("There is a new comment on “%(title)s”"))
CHANGES = kind("review.changes", N_("%(collection)s asks for changes to “%(title)s”"))
ACCEPTED = kind("review.accepted", N_("“%(title)s” was accepted by %(collection)s and published"))
DECLINED = kind("review.declined", N_("%(collection)s did not accept “%(title)s”"))
APPLIED = kind("review.applied", N_("A suggestion for “%(title)s” was taken over"))
UNDONE = kind("review.undone", N_("A suggestion for “%(title)s” was undone"))
PLANNED = kind(
    "review.planned", N_("“%(title)s” should be reviewed by %(day)s"), N_("%(collection)s set it.")
)
DUE = kind(
    "review.due",
    N_("The review of “%(title)s” is due on %(day)s"),
    N_("It is your turn: %(collection)s waits for you."),
)
ARRIVED = kind("collection.arrived", N_("“%(title)s” came into %(collection)s without a review"))
ARRIVALS = kind(
    "collection.arrivals",
    N_("Records that came into %(collection)s without a review: %(count)s"),
    N_("You look after this collection. Among them:"),
)
CANCELLED = kind("review.cancelled", N_("“%(title)s” was taken back from %(collection)s"))


def send(work: Work, told: Kind, review: Review, user_ids: Iterable[int], said: str = "") -> None:
    """To each of these users, on the site and by mail, which has what was `said`."""
    draft = work.session.get(Draft, review.version_id)
    version = work.session.get_one(Version, review.version_id)
    metadata = draft.metadata_json if draft else version.metadata_json
    for user_id in sorted(user_ids)[:MOST_TOLD]:
        user = work.session.get(User, user_id)
        if user is not None:
            locale = user.locale or work.settings.default_locale
            notify(
                work,
                user,
                told,
                url=f"/reviews/{review.id}",
                record_id=version.id,  # a draft is named to those who may see it
                title=title_of(metadata, locale),
                said=said,
                collection=review.collection.title(locale),
                day=format_date(review.due_on, locale=locale) if review.due_on else "",
            )
