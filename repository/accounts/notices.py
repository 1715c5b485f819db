"""Telling users what happened: a notice on the site, and the same by mail.

Each capability defines its kinds of notice once, at import, in English msgids; a notice is read
in the reader's language of the day, a mail is written in the user's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from repository.accounts.models import Notice, User
from repository.core import mail
from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.i18n.catalog import translations

KEPT_FOR = timedelta(days=365)
UNTITLED = N_("a record")
MOST_SAID = 2000  # characters of what somebody wrote, in a mail


@dataclass(frozen=True)
class Kind:
    """`subject` is the notice, and the mail's subject; `text` is what a mail says beyond it.

    Both may hold `%(title)s`, the record's title, beside the params of `notify`.
    """

    name: str
    subject: str
    text: str = ""


_kinds: dict[str, Kind] = {}


def kind(name: str, subject: str, text: str = "") -> Kind:
    """Define a kind of notice. `name` is stored: it never changes."""
    made = Kind(name, subject, text)
    if _kinds.setdefault(name, made) != made:
        raise ValueError(f"two kinds of notice are called {name}")
    return made


def notify(
    work: Work,
    user: User,
    kind: Kind,
    *,
    url: str,
    record_id: str | None = None,
    title: str = "",
    said: str = "",
    mailed: str = "",
    **params: Any,
) -> Notice:
    """Tell a user, on the site and by mail. `url` is the path of the page to go to; `mailed` the
    one for the mail, where that holds a secret: a notice would keep it in plain.

    `title` and `said`, what somebody wrote, go into the mail alone: what the notice shows of a
    record is asked again each time.
    """
    notice = Notice(
        user_id=user.id,
        kind=kind.name,
        params=params,
        record_id=record_id,
        url=url,
        created_at=work.clock.now(),
    )
    work.session.add(notice)
    if user.active:
        locale = user.locale or work.settings.default_locale
        told = {"url": mailed or url, "title": title, "said": said, **params}
        write(work, user.email, locale, kind, reader=user.name, **told)
    work.session.flush()
    return notice


def write(
    work: Work,
    email: str,
    locale: str,
    kind: Kind,
    *,
    url: str = "",
    title: str = "",
    reader: str = "",
    said: str = "",
    **params: Any,
) -> None:
    """A mail alone, to somebody who need not have an account."""
    speak = translations(locale).gettext
    settings = work.settings
    site = settings.site_name if locale == "vi" else settings.site_name_en
    told = {**params, "title": title or speak(UNTITLED)}
    subject = speak(kind.subject) % told
    dear = speak(N_("Dear %(name)s,")) % {"name": reader}
    greeting = dear if reader else speak(N_("Hello,"))
    parts = [greeting, subject, speak(kind.text) % told if kind.text else ""]
    parts += ["\n".join(f"> {line}" for line in said[:MOST_SAID].splitlines())]
    parts += [f"{settings.base_url}{url}" if url else "", f"-- \n{site}\n{settings.base_url}"]
    text = "\n\n".join(filter(None, parts)) + "\n"
    mail.post(work, to=email, locale=locale, subject=f"[{site}] {subject}", text=text)


def text_of(notice: Notice, locale: str, title: str | None) -> str:
    """The notice in one line. `title` is that of its record, None where it may not be told."""
    known = _kinds.get(notice.kind)
    speak = translations(locale).gettext
    if known is None:  # of a capability that was taken out
        return notice.kind
    params: Mapping[str, Any] = {**notice.params, "title": title or speak(UNTITLED)}
    try:
        return speak(known.subject) % params
    except KeyError:  # of a release that told less
        return notice.kind


def unread_count(work: Work, user_id: int) -> int:
    unread = select(func.count()).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    return work.session.scalar(unread) or 0


def count(work: Work, user_id: int) -> int:
    return work.session.scalar(select(func.count()).where(Notice.user_id == user_id)) or 0


def page(work: Work, user_id: int, offset: int, limit: int) -> Sequence[Notice]:
    """A user's notices, newest first."""
    mine = select(Notice).where(Notice.user_id == user_id).order_by(Notice.id.desc())
    return work.session.scalars(mine.offset(offset).limit(limit)).all()


def find(work: Work, user_id: int, notice_id: int) -> Notice:
    """Raises NotFound, for another's as well."""
    notice = work.session.get(Notice, notice_id)
    if notice is None or notice.user_id != user_id:
        raise NotFound
    return notice


def mark_read(work: Work, user_id: int, notice_id: int) -> Notice:
    """Raises NotFound."""
    notice = find(work, user_id, notice_id)
    notice.read_at = notice.read_at or work.clock.now()
    return notice


def mark_all_read(work: Work, user_id: int, until: datetime) -> None:
    """Those that were there at `until`: one that arrives meanwhile stays unread."""
    work.session.execute(
        update(Notice)
        .where(Notice.user_id == user_id, Notice.read_at.is_(None), Notice.created_at <= until)
        .values(read_at=work.clock.now())
    )


def forget_old(runtime: Runtime) -> None:
    """Drop notices of more than a year ago."""
    with runtime.work() as work:
        work.session.execute(delete(Notice).where(Notice.created_at < work.clock.now() - KEPT_FOR))
