"""What people are told of requests for access."""

from repository.accounts.models import User
from repository.accounts.notices import Kind, kind, notify, write
from repository.core.messages import N_
from repository.core.work import Work
from repository.records.models import Record, Version
from repository.records.titles import title_of
from repository.sharing.models import AccessRequest

VERIFY = kind(
    "access.verify",
    N_("Confirm your request for access to “%(title)s”"),
    N_(
        "Somebody asked for access with this address. If it was you, open the address below and "
        "confirm; only then is the owner told. If it was not, do nothing."
    ),
)
REQUESTED = kind("access.requested", N_("%(who)s asks for access to “%(title)s”"))
REMINDER = kind("access.reminder", N_("%(who)s is waiting for access to “%(title)s”"))
GRANTED = kind(
    "access.granted",
    N_("You have been given access to “%(title)s”"),
    N_("%(reason)s\n\nLast day: %(until)s (UTC). Open this address; please do not pass it on:"),
)
DECLINED = kind(
    "access.declined", N_("Your request for access to “%(title)s” was declined"), "%(reason)s"
)
LAPSED = kind(
    "access.lapsed",
    N_("Nobody has decided on your request for access to “%(title)s”"),
    N_("It has lapsed. You may ask again."),
)
ENDING = kind("access.ending", N_("Your access to “%(title)s” ends on %(until)s"))


def title_for(work: Work, request: AccessRequest, locale: str) -> str:
    version = work.session.get(Version, request.version_id)
    return title_of(version.metadata_json, locale) if version is not None else ""


def tell_owner(work: Work, told: Kind, request: AccessRequest) -> None:
    record = work.session.get_one(Record, request.record_id)
    owner = work.session.get_one(User, record.owner_id)
    locale = owner.locale or work.settings.default_locale
    notify(
        work,
        owner,
        told,
        url=f"/access-requests/{request.id}",
        record_id=request.version_id,
        title=title_for(work, request, locale),
        who=request.name,
    )


def tell_asker(
    work: Work, told: Kind, request: AccessRequest, *, url: str = "", **params: str
) -> None:
    """A user on the site and by mail; a guest by mail, in the language they asked in."""
    user = work.session.get(User, request.user_id) if request.user_id else None
    locale = (user.locale if user else None) or request.locale
    title = title_for(work, request, locale)
    if user is not None:
        to = url or f"/access-requests/{request.id}"
        notify(work, user, told, url=to, record_id=request.version_id, title=title, **params)
    else:
        named = {"reader": request.name, "title": title, "url": url}
        write(work, request.email, request.locale, told, **named, **params)
