"""The access rule of one file: its version's, but where the file has access of its own.

In Python (`can_download`, `can_list`) and in SQL (`files_downloadable_by`, `files_listed_for`, for
queries that join `Version`); a test compares the two. `default` is as the version says. `public` is
for everyone who may read the description, `restricted` and `hidden` are for those entitled to the
version's files, until the file's own embargo ends; of a restricted file everyone who may read the
description learns that it exists. Of important data no file is for everyone.

Who may have a file may still have terms to accept before its bytes are given: `files_given_to`.
"""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_

from repository.access.rules import (
    Action,
    can,
    entitled,
    files_are_gone,
    is_entitled,
    is_ordinary,
    remembered,
    visible_to,
    with_public_files,
)
from repository.access.terms import accepted_by, must_accept
from repository.accounts.models import ANONYMOUS, Actor
from repository.records.data_class import DataClass
from repository.records.models import File, State, Version

CLOSED = ("restricted", "hidden")


def can_download(actor: Actor, version: Version, file: File, now: datetime) -> bool:
    """May `actor` have the bytes of a file of `version` at `now` (aware UTC)?"""
    if is_gone(version, file, now.date()):
        return False
    if is_entitled(actor, version, now):
        return True
    if version.state != State.PUBLISHED:
        return False
    if file.access == "default":
        return can(actor, Action.DOWNLOAD, version, now)
    opened = is_ordinary(version) and _is_open(file, now.date())
    return opened and can(actor, Action.VIEW, version, now)


def can_list(actor: Actor, version: Version, file: File, now: datetime) -> bool:
    """May `actor` know that a file is there: its name, type, size and digest?"""
    told = (
        version.state == State.PUBLISHED
        and file.access == "restricted"
        and not is_gone(version, file, now.date())
        and can(actor, Action.VIEW, version, now)
    )
    return told or can_download(actor, version, file, now)


def is_for_everyone(version: Version, file: File, now: datetime) -> bool:
    """Whether anybody is given a file, so that shared caches may keep what is shown of it."""
    return not must_accept(ANONYMOUS, version, now) and can_download(ANONYMOUS, version, file, now)


def is_gone(version: Version, file: File, today: date) -> bool:
    """From the day on which a file is deleted nobody has it, whether or not the job has run; and
    nobody has one in which malware was found.
    """
    due = file.delete_at is not None and file.delete_at <= today
    kept_back = file.quarantined or file.deleted_at is not None
    return due or kept_back or files_are_gone(version, today)


def _is_open(file: File, today: date) -> bool:
    over = file.embargo_until is not None and file.embargo_until <= today
    return file.access == "public" or (file.access in CLOSED and over)


@remembered
def files_downloadable_by(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """SQL twin of `can_download`."""
    today = now.date()
    over = File.embargo_until.is_not(None) & (File.embargo_until <= today)
    opened = or_(File.access == "public", and_(File.access.in_(CLOSED), over))
    published = Version.state == State.PUBLISHED.value
    ordinary = Version.data_class == DataClass.ORDINARY.value
    return and_(
        is_kept(today),
        or_(
            entitled(actor, now),
            and_(File.access == "default", with_public_files(now)),
            and_(opened, published, ordinary, visible_to(actor, now)),
        ),
    )


def files_given_to(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Those whose bytes `actor` is given now: who may have them has accepted their terms too."""
    return and_(files_downloadable_by(actor, now), accepted_by(actor, now))


@remembered
def files_listed_for(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """SQL twin of `can_list`."""
    told = and_(
        is_kept(now.date()),
        File.access == "restricted",
        Version.state == State.PUBLISHED.value,
        visible_to(actor, now),
    )
    return or_(told, files_downloadable_by(actor, now))


def is_kept(today: date) -> ColumnElement[bool]:
    """SQL twin of `not is_gone`."""
    return and_(
        or_(Version.delete_files_at.is_(None), Version.delete_files_at > today),
        or_(File.delete_at.is_(None), File.delete_at > today),
        File.deleted_at.is_(None),
        ~File.quarantined,
    )
