"""The one access rule of versions, in Python (`can`) and in SQL (`visible_to`, `downloadable_by`).

The two say the same and are tested against each other. An embargo is judged at the moment of
reading, by the UTC date: it lifts at 00:00 UTC of its day whether or not any job has run. So is
the day from which a version's files are gone. What holds for one file is in `access.file_rules`,
what is to be accepted before bytes are given in `access.terms`.

The class of the data goes before all settings: of core data only those who manage the record know,
and files of important data are for no one but those entitled to them.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import ParamSpec, Protocol, TypeVar, cast

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true, tuple_

from repository.access import domains
from repository.access.membership import has_by_membership, member_records, reviewed_versions
from repository.accounts.models import Actor, Affiliation, Scope
from repository.records.data_class import DataClass
from repository.records.models import Grant, Permission, Record, State, Version

P = ParamSpec("P")
T = TypeVar("T")


class Action(StrEnum):
    VIEW = "view"  # the landing page and metadata
    DOWNLOAD = "download"  # its files, but those with access of their own, and their names
    EDIT = "edit"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    MANAGE = "manage"  # say who else may do what
    HAND_OVER = "hand-over"  # make it another's


NEEDED_SCOPE = {
    Action.VIEW: None,
    Action.DOWNLOAD: None,
    Action.EDIT: Scope.WRITE,
    Action.PUBLISH: Scope.PUBLISH,
    Action.WITHDRAW: Scope.PUBLISH,
    Action.MANAGE: Scope.WRITE,
    Action.HAND_OVER: Scope.WRITE,
}


def remembered(make: Callable[P, T]) -> Callable[P, T]:
    """For conditions of one reader at one moment. A request asks for the same again and again, and
    building them took a third of the time of a page for someone signed in.
    """
    return cast("Callable[P, T]", lru_cache(maxsize=128)(make))


class Dated(Protocol):
    """What the rules that depend on the day alone read of a version: its columns are enough."""

    @property
    def record_access(self) -> str: ...
    @property
    def files_access(self) -> str: ...
    @property
    def embargo_until(self) -> date | None: ...
    @property
    def files_enabled(self) -> bool: ...
    @property
    def delete_files_at(self) -> date | None: ...
    @property
    def data_class(self) -> str: ...


def can(actor: Actor, action: Action, version: Version, now: datetime) -> bool:
    """May `actor` do `action` to `version` at `now` (aware UTC)?"""
    scope = NEEDED_SCOPE[action]
    if scope is not None and scope not in actor.scopes:
        return False
    if action in (Action.EDIT, Action.PUBLISH):
        least = Permission.EDIT if action is Action.EDIT else Permission.MANAGE
        return version.state != State.WITHDRAWN and has_permission(actor, least, version, now)
    if action is Action.WITHDRAW:
        managed = has_permission(actor, Permission.MANAGE, version, now)
        return managed and version.state == State.PUBLISHED
    if action is Action.MANAGE:
        return has_permission(actor, Permission.MANAGE, version, now)
    if action is Action.HAND_OVER:
        return actor.is_curator or _owns(actor, version)
    if action is Action.DOWNLOAD:
        if files_are_gone(version, now.date()):
            return False
        return _files_are_public(version, now.date()) or is_entitled(actor, version, now)
    return _metadata_is_public(version, now.date()) or _may_read(
        actor, Permission.VIEW, version, now
    )


def is_entitled(actor: Actor, version: Version, now: datetime) -> bool:
    """May `actor` have a version's files though they are not public?"""
    if version.state == State.WITHDRAWN:
        return actor.is_admin and Scope.READ in actor.scopes
    return _may_read(actor, Permission.DOWNLOAD, version, now)


def _owns(actor: Actor, version: Version) -> bool:
    return actor.user_id is not None and actor.user_id == version.record.owner_id


def has_permission(actor: Actor, least: Permission, version: Version, now: datetime) -> bool:
    """Whether `actor` may do as much with a record as `least` or more, whatever its state.

    Owners may do everything with what is theirs, curators and administrators with everything;
    others what they or their institution were granted, as long as it lasts, or have as members of
    a collection, or by a link that they opened. With core data only those who manage them do
    anything.
    """
    if is_core(version):
        least = Permission.MANAGE
    if version.record_id in linked_records(actor, least, now):
        return True
    if actor.user_id is None or not actor.scopes:
        return False
    if actor.is_curator or _owns(actor, version):
        return True
    granted = any(_grants_to(actor, least, version, now))
    return granted or has_by_membership(actor.user_id, least, version)


def _grants_to(actor: Actor, least: Permission, version: Version, now: datetime) -> Iterator[Grant]:
    """Grants of at least `least` that last: to `actor`, to the domain of their address, or to whom
    an identity provider says that they are.
    """
    above = domains.above(actor.domain)
    said = {each.issuer: each.claims for each in actor.affiliations if each.lasts(now)}
    for grant in version.record.grants:
        lasts = grant.expires_at is None or grant.expires_at > now
        if grant.domain is not None:
            below = grant.subdomains and grant.domain in above
            theirs = grant.domain == actor.domain or below
        elif grant.issuer is not None:
            told = (grant.claim, grant.claim_value)
            theirs = grant.issuer in said and (not grant.claim or told in said[grant.issuer])
        else:
            theirs = grant.user_id == actor.user_id
        if theirs and lasts and grant.permission in _at_least(least):
            yield grant


def reason_for(actor: Actor, least: Permission, version: Version, now: datetime) -> str:
    """By what right `actor` has what is not for everyone, as the access log keeps it."""
    if _owns(actor, version):
        return "owner"
    plain = replace(actor, links=())
    if has_permission(plain, least, version, now):
        if actor.is_curator:
            return str(actor.role)
        given = {_kind(grant) for grant in _grants_to(plain, least, version, now)}
        return next(
            (kind for kind in ("grant", "domain", "provider") if kind in given), "membership"
        )
    return "link" if actor.links else "public"


def _kind(grant: Grant) -> str:
    return "grant" if grant.user_id else "domain" if grant.domain else "provider"


def linked_records(actor: Actor, least: Permission, now: datetime) -> list[str]:
    """Ids of the records that the links which `actor` opened give at least `least` of.

    Changing needs an account, so that it is known who changed what.
    """
    if not actor.scopes or (least is Permission.EDIT and actor.user_id is None):
        return []
    allowed = _at_least(least)
    return [
        link.record_id for link in actor.links if link.permission in allowed and link.lasts(now)
    ]


def _may_read(actor: Actor, least: Permission, version: Version, now: datetime) -> bool:
    """Those who may edit read drafts too."""
    if version.state == State.DRAFT:
        least = Permission.EDIT
    return has_permission(actor, least, version, now)


def _at_least(least: Permission) -> list[str]:
    order = list(Permission)
    return [permission.value for permission in order[order.index(least) :]]


def embargo_is_over(version: Dated, today: date) -> bool:
    return version.embargo_until is not None and version.embargo_until <= today


def files_are_gone(version: Dated, today: date) -> bool:
    """From the day on which all files of a version are deleted, nobody has them."""
    return version.delete_files_at is not None and version.delete_files_at <= today


def is_core(version: Dated) -> bool:
    return version.data_class == DataClass.CORE


def is_ordinary(version: Dated) -> bool:
    """Whether a version's files may be for everyone; of one not stored yet the class is unset."""
    return version.data_class in (None, DataClass.ORDINARY)


def _metadata_is_public(version: Version, today: date) -> bool:
    return (
        version.state != State.DRAFT
        and not is_core(version)
        and (version.record_access == "public" or embargo_is_over(version, today))
    )


def public_from(version: Dated) -> date | None:
    """The first UTC day on which anyone may see a published version's metadata; None is never.

    For whoever has to keep the answer: an index asks it once and compares with each day's date.
    """
    if is_core(version):
        return None
    return date.min if version.record_access == "public" else version.embargo_until


def _files_are_public(version: Version, today: date) -> bool:
    return (
        version.state == State.PUBLISHED
        and is_ordinary(version)
        and _metadata_is_public(version, today)
        and (version.files_access == "public" or embargo_is_over(version, today))
    )


@remembered
def visible_to(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """SQL twin of `can(actor, VIEW, …)`, as a condition on `Version`."""
    over = Version.embargo_until.is_not(None) & (Version.embargo_until <= now.date())
    public = and_(
        Version.state != State.DRAFT.value,
        Version.data_class != DataClass.CORE.value,
        or_(Version.record_access == "public", over),
    )
    return or_(public, permitted(actor, Permission.VIEW, now))


@remembered
def downloadable_by(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """SQL twin of `can(actor, DOWNLOAD, …)`, as a condition on `Version`."""
    kept = or_(Version.delete_files_at.is_(None), Version.delete_files_at > now.date())
    return and_(kept, or_(with_public_files(now), entitled(actor, now)))


def with_public_files(now: datetime) -> ColumnElement[bool]:
    over = Version.embargo_until.is_not(None) & (Version.embargo_until <= now.date())
    return and_(
        Version.data_class == DataClass.ORDINARY.value,
        or_(Version.record_access == "public", over),
        or_(Version.files_access == "public", over),
        Version.state == State.PUBLISHED.value,
    )


@remembered
def entitled(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """SQL twin of `is_entitled`."""
    standing = Version.state != State.WITHDRAWN.value
    allowed = and_(standing, permitted(actor, Permission.DOWNLOAD, now))
    if actor.is_admin and Scope.READ in actor.scopes:
        return or_(allowed, Version.state == State.WITHDRAWN.value)
    return allowed


@remembered
def permitted(actor: Actor, least: Permission, now: datetime) -> ColumnElement[bool]:
    """SQL twin of `has_permission`, where drafts ask for no less than that of editing."""
    if actor.user_id is not None and actor.scopes and actor.is_curator:
        return true()
    if not actor.scopes or (actor.user_id is None and not actor.links):
        return false()
    managed = or_(false(), *_own(actor), *_held(actor, Permission.MANAGE, now))
    if least is Permission.MANAGE:
        return managed
    of_draft = max(least, Permission.EDIT, key=list(Permission).index)
    any_state = _held(actor, of_draft, now)
    if actor.user_id is not None:
        any_state.append(Version.id.in_(reviewed_versions(actor.user_id, least)))
    if least is not of_draft:
        standing = Version.state != State.DRAFT.value
        any_state.append(and_(standing, or_(false(), *_held(actor, least, now))))
    is_core = Version.data_class == DataClass.CORE.value
    return or_(managed, and_(~is_core, or_(false(), *any_state)))


def _own(actor: Actor) -> list[ColumnElement[bool]]:
    if actor.user_id is None:
        return []
    own = select(Record.id).where(Record.owner_id == actor.user_id)
    return [Version.record_id.in_(own)]


def _held(actor: Actor, least: Permission, now: datetime) -> list[ColumnElement[bool]]:
    """Each way in which `actor` may have at least `least` of a record that is not theirs."""
    ways: list[ColumnElement[bool]] = []
    if linked := linked_records(actor, least, now):
        ways.append(Version.record_id.in_(linked))
    if actor.user_id is not None:
        ways.append(Version.record_id.in_(granted_records(actor, least, now)))
        if least is not Permission.MANAGE:
            ways.append(Version.record_id.in_(member_records(actor.user_id, least)))
    return ways


def granted_records(actor: Actor, least: Permission, now: datetime) -> Select[tuple[str]]:
    """SQL twin of `_grants_to`: ids of the records."""
    theirs: ColumnElement[bool] = Grant.user_id == actor.user_id
    if actor.domain:
        below = and_(Grant.subdomains, Grant.domain.in_(domains.above(actor.domain)))
        theirs = or_(theirs, Grant.domain == actor.domain, below)
    for said in actor.affiliations:
        if said.lasts(now):
            theirs = or_(theirs, and_(Grant.issuer == said.issuer, _said(said)))
    return select(Grant.record_id).where(
        theirs,
        Grant.permission.in_(_at_least(least)),
        or_(Grant.expires_at.is_(None), Grant.expires_at > now),
    )


def _said(affiliation: Affiliation) -> ColumnElement[bool]:
    told = tuple_(Grant.claim, Grant.claim_value).in_(sorted(affiliation.claims))
    return or_(Grant.claim == "", told) if affiliation.claims else Grant.claim == ""


def status(version: Dated, today: date) -> str:
    """`open`, `embargoed`, `restricted` or `metadata-only`: the words of InvenioRDM's API."""
    restricted = version.record_access != "public" or version.files_access != "public"
    if version.record_access == "public" and files_are_gone(version, today):
        return "metadata-only"
    if not is_ordinary(version) and version.files_enabled:
        return "restricted"
    if restricted and not embargo_is_over(version, today):
        return "embargoed" if version.embargo_until else "restricted"
    return "open" if version.files_enabled else "metadata-only"
