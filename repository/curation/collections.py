"""Collections: found, listed, made, changed, removed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, or_, select

from repository.accounts.models import Actor
from repository.audit.services import log
from repository.core.errors import Conflict, FieldError, Forbidden, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.curation import rules
from repository.curation.roles import may_create, require_role
from repository.records.collections import (
    Collection,
    CollectionMember,
    CollectionRecord,
    CollectionRole,
    Kind,
)
from repository.records.contents import ensure_content
from storage.base import Stored

MAX_DEPTH = 5
MAX_AT_ONCE = 10_000
MAX_CHILDREN = 200
SHOWN_ELSEWHERE = ("title_vi", "title_en", "parent_id")  # beside the collection's own page


def find(work: Work, slug: str) -> Collection:
    """By its slug, or its number. Raises NotFound."""
    by_number = slug.isascii() and slug.isdigit() and len(slug) < 10
    query = select(Collection).where(Collection.slug == slug)
    found = work.session.scalar(query)
    if found is None and by_number:
        found = work.session.get(Collection, int(slug))
    if found is None:
        raise NotFound
    return found


def listed(
    work: Work, *, text: str = "", kind: str = "", offset: int = 0, limit: int = 20
) -> tuple[list[Collection], int]:
    """Collections by title, institutions first; and how many there are of what was asked."""
    query = _asked(text, kind)
    total = work.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    institutions_first = (Collection.kind == Kind.INSTITUTION.value).desc()
    ordered = query.order_by(institutions_first, Collection.title_vi, Collection.id)
    return list(work.session.scalars(ordered.offset(offset).limit(limit))), total


def _asked(text: str, kind: str) -> Select[tuple[Collection]]:
    query = select(Collection)
    if kind in list(Kind):
        query = query.where(Collection.kind == kind)
    if text.strip():
        like = f"%{text.strip()[:100].translate(_ESCAPES)}%"
        columns = (Collection.title_vi, Collection.title_en, Collection.slug)
        query = query.where(or_(*(column.ilike(like, escape="\\") for column in columns)))
    return query


_ESCAPES = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


def children(work: Work, collection: Collection) -> list[Collection]:
    query = select(Collection).where(Collection.parent_id == collection.id)
    return list(work.session.scalars(query.order_by(Collection.title_vi).limit(MAX_CHILDREN)))


def of_member(work: Work, actor: Actor, least: CollectionRole) -> list[Collection]:
    """Those in which `actor` has at least this role as a member, by title."""
    query = (
        select(Collection)
        .join(CollectionMember, CollectionMember.collection_id == Collection.id)
        .where(
            CollectionMember.user_id == actor.user_id, CollectionMember.role.in_(least.and_above)
        )
    )
    return list(work.session.scalars(query.order_by(Collection.title_vi).limit(MAX_CHILDREN)))


def create(work: Work, actor: Actor, values: Mapping[str, Any]) -> Collection:
    """A new collection of `values` (columns, and `parent` as a slug).

    Raises Forbidden, ValidationFailed naming every wrong value, also a slug that is taken.
    """
    if not may_create(actor):
        raise Forbidden(N_("Curators of this repository make new collections; ask one of them."))
    errors: rules.Errors = []
    defaults = {"title_vi": "", "kind": Kind.COLLECTION.value, "submission": "review"}
    columns = rules.checked({**defaults, **values}, errors)
    slug = rules.slug(str(values.get("slug") or ""), columns["title_vi"], errors)
    if work.session.scalar(select(Collection.id).where(Collection.slug == slug)) is not None:
        errors.append(FieldError("/slug", N_("There is a collection with this short name.")))
    now = work.clock.now()
    made = Collection(slug=slug, created_at=now, updated_at=now, **columns)
    made.parent_id = _parent(work, None, values.get("parent"), errors)
    if errors:
        raise ValidationFailed(errors=errors)
    work.session.add(made)
    work.session.flush()
    log(work, actor.user_id, "collection.create", "collection", slug, kind=made.kind)
    return made


def update(work: Work, actor: Actor, slug: str, values: Mapping[str, Any]) -> Collection:
    """Change the columns that `values` names; its slug stays, for addresses and harvesters.

    Raises NotFound, Forbidden, ValidationFailed.
    """
    collection = find(work, slug)
    require_role(work, actor, collection, CollectionRole.MANAGER)
    errors: rules.Errors = []
    columns = rules.checked(values, errors)
    if "parent" in values:
        columns["parent_id"] = _parent(work, collection, values["parent"], errors)
    if errors:
        raise ValidationFailed(errors=errors)
    shown = any(
        getattr(collection, name) != columns.get(name, getattr(collection, name))
        for name in SHOWN_ELSEWHERE
    )
    for name, value in columns.items():
        setattr(collection, name, value)
    _touched(work, actor, collection, "collection.update", sorted(columns))
    if shown:
        work.enqueue(
            "curation.tell", f"curation.tell:{collection.id}", {"collection": collection.id}
        )
    return collection


def _touched(
    work: Work, actor: Actor, collection: Collection, action: str, fields: Sequence[str]
) -> None:
    collection.revision += 1
    collection.updated_at = work.clock.now()
    log(work, actor.user_id, action, "collection", collection.slug, fields=list(fields))
    work.session.flush()


def _parent(
    work: Work, collection: Collection | None, slug: Any, errors: rules.Errors
) -> int | None:
    """The id of the collection above. A circle, or more than MAX_DEPTH levels, is refused."""
    if not slug:
        return None
    parent = work.session.scalar(select(Collection).where(Collection.slug == str(slug)))
    if parent is None:
        errors.append(FieldError("/parent", N_("There is no such collection.")))
        return None
    levels, above = 1, parent
    while above is not None:
        levels += 1
        if above is collection or levels > MAX_DEPTH:
            message = N_(
                "A collection may not lie within itself, nor deeper than %(count)s levels."
            )
            errors.append(FieldError("/parent", message, {"count": MAX_DEPTH}))
            return None
        if above.parent is None:
            break
        above = above.parent
    return parent.id


def set_logo(work: Work, actor: Actor, slug: str, stored: Stored | None, media_type: str) -> None:
    """Point the collection at a picture in the store, or at none. Raises NotFound, Forbidden."""
    collection = find(work, slug)
    require_role(work, actor, collection, CollectionRole.MANAGER)
    if stored is not None:
        ensure_content(work, stored)
        collection = find(work, slug)
    collection.logo_sha256 = stored.sha256 if stored else None
    collection.logo_type = media_type if stored else ""
    _touched(work, actor, collection, "collection.logo", [])


def delete(work: Work, actor: Actor, slug: str) -> None:
    """Remove a collection; its records stay, and those below it move to the top.

    Raises NotFound, Forbidden, Conflict when more records are in it than one transaction holds.
    """
    collection = find(work, slug)
    if not may_create(actor):
        raise Forbidden(N_("Curators of this repository remove collections; ask one of them."))
    query = select(CollectionRecord.record_id).where(
        CollectionRecord.collection_id == collection.id
    )
    records = list(work.session.scalars(query.limit(MAX_AT_ONCE + 1)))
    if len(records) > MAX_AT_ONCE:
        message = N_("More than %(count)s records are in it; take them out first.")
        raise Conflict(message, count=MAX_AT_ONCE)
    for child in children(work, collection):
        child.parent_id = None
    for record in records:
        work.changed(record)
    log(work, actor.user_id, "collection.delete", "collection", collection.slug)
    work.session.delete(collection)
    work.session.flush()
