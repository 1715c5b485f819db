"""How many bytes and files a user, a collection or a record may hold, and how many it holds.

Each is a row that is counted up and down as files come and go. Room is taken by one conditional
UPDATE in the transaction that makes a file's row, so that of two uploads for which there is room
but once, one is refused. A file carried over into a new version takes room only where it first
came; a file that arrives in parts takes it when the upload begins (`File.reserved`).
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, delete, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from repository.accounts import services as accounts
from repository.accounts.models import User
from repository.audit.services import log
from repository.core.errors import FieldError, RepositoryError, ValidationFailed
from repository.core.messages import N_
from repository.core.settings import Settings
from repository.core.work import Work
from repository.records.collections import Collection, CollectionRecord
from repository.records.models import File, Quota, Record, Scope, Version
from repository.records.placement import below, placements

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


@dataclass(frozen=True)
class Holder:
    scope: Scope
    key: str


@dataclass(frozen=True)
class Standing:
    """How a holder stands; a limit of 0 is none."""

    holder: Holder
    used_bytes: int
    used_files: int
    max_bytes: int
    max_files: int

    @property
    def bytes_left(self) -> int | None:
        return max(self.max_bytes - self.used_bytes, 0) if self.max_bytes else None

    @property
    def files_left(self) -> int | None:
        return max(self.max_files - self.used_files, 0) if self.max_files else None


class QuotaExceeded(RepositoryError):
    """Nothing was taken. The message says whose room it is, how much is left, whom to ask."""

    status = 413
    code = "quota-exceeded"
    title = N_("Not enough room")
    message = N_("There is not enough room for this.")


NO_BYTES = {
    Scope.RECORD: N_(
        "This record may hold %(limit)s and holds %(used)s; this needs %(more)s more. "
        "Remove files that are not needed, or ask %(contact)s for more room."
    ),
    Scope.USER: N_(
        "The owner of this record may keep %(limit)s here and keeps %(used)s; this needs %(more)s "
        "more. Remove files from drafts, or ask %(contact)s for more room."
    ),
    Scope.COLLECTION: N_(
        "A collection of this record may hold %(limit)s and holds %(used)s; this needs %(more)s "
        "more. Ask %(contact)s for more room."
    ),
}
NO_FILES = {
    Scope.RECORD: N_(
        "This record may hold %(limit)s files and holds %(used)s; this needs %(more)s more. "
        "Pack small files into an archive, or ask %(contact)s for more room."
    ),
    Scope.USER: N_(
        "The owner of this record may keep %(limit)s files here and keeps %(used)s; this needs "
        "%(more)s more. Pack small files into an archive, or ask %(contact)s for more room."
    ),
    Scope.COLLECTION: N_(
        "A collection of this record may hold %(limit)s files and holds %(used)s; this needs "
        "%(more)s more. Ask %(contact)s for more room."
    ),
}


NOBODY = {
    Scope.USER: N_("Nobody with this address has an account here."),
    Scope.COLLECTION: N_("There is no such collection."),
    Scope.RECORD: N_("There is no such record."),
}


def in_units(size: int) -> str:
    """Two or three digits and an SI unit: for messages, which know of no language yet."""
    value, unit = size, 0
    while value >= 10_000 and unit < len(UNITS) - 1:
        value, unit = value // 1000, unit + 1
    return f"{value} {UNITS[unit]}"


def of_settings(settings: Settings, scope: Scope) -> tuple[int, int]:
    """Bytes and files that a holder has without a word about it; 0 is no limit."""
    if scope is Scope.USER:
        return settings.quota_user_bytes, settings.quota_user_files
    if scope is Scope.RECORD:
        return settings.quota_record_bytes, settings.quota_record_files
    return 0, 0


def holders_of(work: Work, record: Record) -> list[Holder]:
    """Whose room the files of a record take, in the order in which the rows are locked."""
    limited = select(Quota.key).where(Quota.scope == Scope.COLLECTION.value)
    known = set(work.session.scalars(limited))
    found: list[Holder] = []
    if known:
        placed = placements(work.session, [record.id])[record.id]
        keys = sorted({str(each.id) for each, _direct in placed} & known)
        found = [Holder(Scope.COLLECTION, key) for key in keys]
    return [*found, Holder(Scope.RECORD, record.id), Holder(Scope.USER, str(record.owner_id))]


def take(work: Work, record: Record, *, size: int = 0, files: int = 0) -> None:
    """Take room for `size` bytes and `files` more files of a record, or, negative, give it back.

    Called before the rows are changed. Raises QuotaExceeded; then nothing was taken.
    """
    for holder in holders_of(work, record):
        take_from(work, holder, size=size, files=files)


def move(work: Work, record: Record, owner_id: int) -> None:
    """Take the room of a record's files from the one who is to own it, and give it back to the one
    who does; called before the owner is changed. Raises QuotaExceeded; then nothing was moved.
    """
    size, files = counted(work, Holder(Scope.RECORD, record.id))
    take_from(work, Holder(Scope.USER, str(owner_id)), size=size, files=files)
    take_from(work, Holder(Scope.USER, str(record.owner_id)), size=-size, files=-files)


def take_from(work: Work, holder: Holder, *, size: int, files: int) -> None:
    """One conditional UPDATE. Raises QuotaExceeded."""
    if _add(work, holder, size, files):
        return
    open_row(work, holder)
    if not _add(work, holder, size, files):
        raise _exceeded(work, holder, size, files)


def _add(work: Work, holder: Holder, size: int, files: int) -> bool:
    bytes_limit, files_limit = of_settings(work.settings, holder.scope)
    bytes_now, files_now = Quota.used_bytes + size, Quota.used_files + files
    added = work.session.execute(
        update(Quota)
        .where(
            _is(holder),
            _fits(Quota.max_bytes, bytes_limit, bytes_now) if size > 0 else true(),
            _fits(Quota.max_files, files_limit, files_now) if files > 0 else true(),
        )
        .values(used_bytes=_not_below(bytes_now), used_files=_not_below(files_now))
        .returning(Quota.key)
        .execution_options(synchronize_session=False)
    )
    return added.one_or_none() is not None


def _is(holder: Holder) -> ColumnElement[bool]:
    return (Quota.scope == holder.scope.value) & (Quota.key == holder.key)


def _fits(own: Any, default: int, wanted: ColumnElement[int]) -> ColumnElement[bool]:
    limit = func.coalesce(own, default)
    return or_(limit == 0, wanted <= limit)


def _not_below(value: ColumnElement[int]) -> ColumnElement[int]:
    return case((value < 0, 0), else_=value)


def open_row(work: Work, holder: Holder) -> None:
    """The holder's row, with what it holds already; there may be one."""
    if work.session.scalar(select(Quota.key).where(_is(holder))) is not None:
        return
    size, files = counted(work, holder)
    insert = (
        sqlite_insert if work.session.get_bind().dialect.name == "sqlite" else postgresql_insert
    )
    values = {"scope": holder.scope.value, "key": holder.key}
    work.session.execute(
        insert(Quota).values(**values, used_bytes=size, used_files=files).on_conflict_do_nothing()
    )


def _exceeded(work: Work, holder: Holder, size: int, files: int) -> QuotaExceeded:
    found = standing(work, holder)
    contact = work.settings.admin_email
    if found.bytes_left is not None and size > 0 and found.bytes_left < size:
        return QuotaExceeded(
            NO_BYTES[holder.scope],
            limit=in_units(found.max_bytes),
            used=in_units(found.used_bytes),
            more=in_units(size),
            contact=contact,
        )
    return QuotaExceeded(
        NO_FILES[holder.scope],
        limit=found.max_files,
        used=found.used_files,
        more=files,
        contact=contact,
    )


def standing(work: Work, holder: Holder) -> Standing:
    """How a holder stands, by its row or, where there is none yet, by counting."""
    row = work.session.scalar(
        select(Quota).where(_is(holder)).execution_options(populate_existing=True)
    )
    size, files = (row.used_bytes, row.used_files) if row else counted(work, holder)
    bytes_limit, files_limit = of_settings(work.settings, holder.scope)
    if row is not None and row.max_bytes is not None:
        bytes_limit = row.max_bytes
    if row is not None and row.max_files is not None:
        files_limit = row.max_files
    return Standing(holder, size, files, bytes_limit, files_limit)


def standings(work: Work, record: Record) -> list[Standing]:
    return [standing(work, holder) for holder in holders_of(work, record)]


def check_fits(work: Work, record: Record, size: int) -> None:
    """Ask before the bytes come; taking the room is another matter. Raises QuotaExceeded."""
    for found in standings(work, record):
        if found.bytes_left is not None and found.bytes_left < size:
            raise _exceeded(work, found.holder, size, 0)


def counted(work: Work, holder: Holder) -> tuple[int, int]:
    """Bytes and files that a holder holds, by counting the rows of files."""
    size, files = work.session.execute(_of_files(work, holder)).one()
    return int(size), int(files)


def _of_files(work: Work, holder: Holder) -> Select[tuple[int, int]]:
    own = case((File.carried, 0), else_=1)
    query = (
        select(
            func.coalesce(func.sum(own * File.size + File.reserved), 0),
            func.coalesce(func.sum(own), 0),
        )
        .join(Version, Version.id == File.version_id)
        .where(File.deleted_at.is_(None))
    )
    if holder.scope is Scope.RECORD:
        return query.where(Version.record_id == holder.key)
    if holder.scope is Scope.USER:
        mine = select(Record.id).where(Record.owner_id == int(holder.key))
        return query.where(Version.record_id.in_(mine))
    collection = work.session.get(Collection, int(holder.key))
    ids = below(work.session, collection) if collection is not None else []
    inside = select(CollectionRecord.record_id).where(CollectionRecord.collection_id.in_(ids))
    return query.where(Version.record_id.in_(inside))


def forget_record(work: Work, record: Record) -> None:
    """With the record goes the row of what it may hold."""
    holder = Holder(Scope.RECORD, record.id)
    work.session.execute(delete(Quota).where(_is(holder)))


def recount(work: Work, holder: Holder) -> bool:
    """Put a holder's row right by counting; whether it was wrong."""
    row = work.session.scalar(select(Quota).where(_is(holder)).with_for_update())
    if row is None:
        return False
    size, files = counted(work, holder)
    wrong = (row.used_bytes, row.used_files) != (size, files)
    row.used_bytes, row.used_files = size, files
    return wrong


def holder_named(work: Work, scope: Scope, name: str) -> Holder:
    """The holder that a person means: a user by e-mail, a collection by slug, a record by its id
    or a version's. Raises ValidationFailed.
    """
    key: str | None = None
    if scope is Scope.USER:
        user = accounts.find(work, name)
        key = str(user.id) if user is not None else None
    elif scope is Scope.COLLECTION:
        found = work.session.scalar(select(Collection.id).where(Collection.slug == name))
        key = str(found) if found is not None else None
    else:
        version = work.session.get(Version, name)
        wanted = version.record_id if version is not None else name
        key = work.session.scalar(select(Record.id).where(Record.id == wanted))
    if key is None:
        raise ValidationFailed(errors=[FieldError("/name", NOBODY[scope])])
    return Holder(scope, key)


def name_of(work: Work, holder: Holder) -> str:
    """What `holder_named` knows a holder by."""
    if holder.scope is Scope.USER:
        user = work.session.get(User, int(holder.key))
        return user.email if user is not None else holder.key
    if holder.scope is Scope.COLLECTION:
        collection = work.session.get(Collection, int(holder.key))
        return collection.slug if collection is not None else holder.key
    return holder.key


def set_limits(
    work: Work, user_id: int | None, holder: Holder, *, max_bytes: int | None, max_files: int | None
) -> Standing:
    """Give a holder limits of its own; None is what the settings say, 0 is none.

    `user_id` is who does so; the caller asked whether they may.
    """
    open_row(work, holder)
    row = work.session.scalars(select(Quota).where(_is(holder)).with_for_update()).one()
    row.max_bytes, row.max_files = max_bytes, max_files
    work.session.flush()
    detail = {"bytes": max_bytes, "files": max_files}
    log(work, user_id, "quota.set", holder.scope.value, holder.key, **detail)
    return standing(work, holder)


def largest(work: Work, limit: int = 50) -> list[Standing]:
    """Holders with limits of their own, then those that hold most."""
    own = case((Quota.max_bytes.is_(None) & Quota.max_files.is_(None), 1), else_=0)
    query = select(Quota.scope, Quota.key).order_by(own, Quota.used_bytes.desc(), Quota.key)
    rows = work.session.execute(query.limit(limit)).tuples().all()
    return [standing(work, Holder(Scope(scope), key)) for scope, key in rows]


def move_between(work: Work, record: Record, before: list[Holder], after: list[Holder]) -> None:
    """A record went into collections or out of them. Raises QuotaExceeded."""
    if set(before) == set(after):
        return
    size, files = counted(work, Holder(Scope.RECORD, record.id))
    for holder in after:
        if holder not in before:
            take_from(work, holder, size=size, files=files)
    for holder in before:
        if holder not in after:
            take_from(work, holder, size=-size, files=-files)
