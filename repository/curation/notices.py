"""What people are told of reviews."""

from collections.abc import Iterable

from repository.accounts.models import User
from repository.accounts.notices import Kind, kind, notify
from repository.core.messages import N_
from repository.core.work import Work
from repository.records.models import Draft, Version
from repository.records.reviews import Review
from repository.records.titles import title_of

MOST = 100  # people told of one step
SUBMITTED = kind("review.submitted", N_("“%(title)s” was submitted to %(collection)s"))
COMMENTED = kind("review.comment", N_("There is a new comment on “%(title)s”"))
CHANGES = kind("review.changes", N_("%(collection)s asks for changes to “%(title)s”"))
ACCEPTED = kind("review.accepted", N_("“%(title)s” was accepted by %(collection)s and published"))
DECLINED = kind("review.declined", N_("%(collection)s did not accept “%(title)s”"))
CANCELLED = kind("review.cancelled", N_("“%(title)s” was taken back from %(collection)s"))


def send(work: Work, told: Kind, review: Review, user_ids: Iterable[int]) -> None:
    """To each of these users, on the site and by mail."""
    draft = work.session.get(Draft, review.version_id)
    version = work.session.get_one(Version, review.version_id)
    metadata = draft.metadata_json if draft else version.metadata_json
    for user_id in sorted(user_ids)[:MOST]:
        user = work.session.get(User, user_id)
        if user is not None:
            notify(
                work,
                user,
                told,
                url=f"/reviews/{review.id}",
                record_id=version.record_id,
                title=title_of(metadata, user.locale or work.settings.default_locale),
                collection=review.collection.title(user.locale or "vi"),
            )
