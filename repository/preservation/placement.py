"""Which store files belong in: ordered rules, the first that fits; else the first store.

The same expression decides where an upload goes and what is to be moved, so that the two agree.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from repository.accounts.models import Actor
from repository.audit.services import log as audit
from repository.core.copies import STORE, Copy, each_store
from repository.core.errors import FieldError, Forbidden, NotFound, Unavailable, ValidationFailed
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.core.work import Work
from repository.preservation.abroad import is_abroad
from repository.preservation.models import PlacementRule
from repository.records.collections import Collection, CollectionRecord
from repository.records.data_class import DataClass
from repository.records.models import Content, Draft, File, Version
from repository.records.placement import below
from repository.records.reviews import STANDING, Review

APPLY = "stores.place"
MAX_RULES = 50
NO_STORE = N_("The settings name no such store.")
NO_COLLECTION = N_("There is no such collection.")
ELSEWHERE = N_("This store does not stand in that country; see REPOSITORY_STORES in the settings.")
CORE_ABROAD = N_(
    "This store stands in %(country)s, and core data must not leave the country: choose another."
)
SIZES = N_("The smallest size is above the largest.")
TOO_MANY = N_("There may be at most %(count)s rules.")
UNKNOWN_CLASS = N_("Choose one of: %(known)s.")
# What a rule may ask for, each with the classes above it: data that are classed higher later must
# not fall out of the rule. All data are at least ordinary.
CLASSES = {
    DataClass.IMPORTANT: N_("important and core data"),
    DataClass.CORE: N_("core data"),
}
AWAY = N_("The store that these files belong in is not in the settings; tell the operator.")


@dataclass(frozen=True)
class Wish:
    """A rule to be: sizes in bytes, `collection` by its short name."""

    place: str
    collection: str = ""
    min_bytes: int | None = None
    max_bytes: int | None = None
    country: str = ""
    data_class: str = ""


def rules(work: Work) -> Sequence[PlacementRule]:
    order = (PlacementRule.position, PlacementRule.id)
    return work.session.scalars(select(PlacementRule).order_by(*order)).all()


def country_of(settings: Settings, place: str) -> str:
    """Where a store stands, as two letters; empty where nobody said."""
    name = place.removeprefix(STORE).removeprefix(":")
    if not name:
        return settings.storage_country
    return settings.stores[name].country if name in settings.stores else ""


def place_for(runtime: Runtime, version_id: str, size: int) -> str:
    """Where a file of so many bytes in this version goes. Raises Unavailable."""
    if len(runtime.stores) == 1:
        return STORE
    with runtime.read() as work:
        told = (literal(version_id), literal(size), Version.id == version_id)
        fits = [(_fits_here(work, rule, *told), rule.place) for rule in rules(work)]
        place = work.session.scalar(select(case(*fits, else_=STORE))) if fits else STORE
    if place not in runtime.stores:
        raise Unavailable(AWAY)
    return str(place)


def _fits(
    work: Work,
    rule: PlacementRule,
    version_id: ColumnElement[str] | InstrumentedAttribute[str],
    size: ColumnElement[int] | InstrumentedAttribute[int],
    using: ColumnElement[bool],
) -> ColumnElement[bool]:
    """Whether a rule is for a file of this size in this version: one in the collection or below
    it, or on its way there. The class is the strictest of the versions that are `using` the bytes.
    """
    told: list[ColumnElement[bool]] = []
    if rule.data_class:
        told.append(_is_classed(rule.data_class, using))
    if rule.min_bytes is not None:
        told.append(size >= rule.min_bytes)
    if rule.max_bytes is not None:
        told.append(size <= rule.max_bytes)
    if rule.collection_id is not None:
        ids = below(work.session, work.session.get_one(Collection, rule.collection_id))
        inside = (
            select(CollectionRecord.record_id)
            .join(Version, Version.record_id == CollectionRecord.record_id)
            .where(Version.id == version_id, CollectionRecord.collection_id.in_(ids))
        )
        coming = select(Review.id).where(
            Review.version_id == version_id,
            Review.collection_id.in_(ids),
            Review.status.in_(STANDING),
        )
        told.append(or_(exists(inside.correlate(File)), exists(coming.correlate(File))))
    return and_(true(), *told)


def _fits_here(
    work: Work,
    rule: PlacementRule,
    version_id: ColumnElement[str] | InstrumentedAttribute[str],
    size: ColumnElement[int] | InstrumentedAttribute[int],
    using: ColumnElement[bool],
) -> ColumnElement[bool]:
    """The same, but that no rule brings core data abroad."""
    fits = _fits(work, rule, version_id, size, using)
    if is_abroad(work.settings, country_of(work.settings, rule.place)):
        return and_(fits, ~_is_classed(DataClass.CORE, using))
    return fits


def _is_classed(least: str, using: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether one of these versions, or the draft of one, has this class or one above it."""
    strict = [each.value for each in DataClass if not each.is_below(least)]
    drafted = Draft.access["data_class"].as_string()
    query = select(Version.id).outerjoin(Draft, Draft.version_id == Version.id)
    classed = or_(Version.data_class.in_(strict), drafted.in_(strict))
    return exists(query.where(using, classed).correlate(Content))


def misplaced(work: Work) -> Select[tuple[str, int, str, str]]:
    """Digest, size and right place of each content that a file points at and that is not (or not
    only) where its files belong; and the country, if any, outside of which no copy may lie: that of
    the rule, and of core data always this one.
    """
    other = aliased(File)
    theirs = select(other.version_id).where(other.sha256 == Content.sha256).correlate(Content)
    told = (File.version_id, File.size, Version.id.in_(theirs))
    same = File.sha256 == Content.sha256
    ruled = rules(work)
    fits = [
        (
            exists(select(File.id).where(same, _fits_here(work, rule, *told)).correlate(Content)),
            rule.id,
        )
        for rule in ruled
    ]
    number = case(*fits, else_=0) if fits else literal(0)
    core = _is_classed(DataClass.CORE, Version.id.in_(theirs))
    used = exists(select(File.id).where(File.sha256 == Content.sha256).correlate(Content))
    columns = (Content.sha256, Content.size, number.label("rule"), core.label("core"))
    wanted = select(*columns).where(used).subquery()
    home = work.settings.storage_country
    places = [(wanted.c.rule == rule.id, literal(rule.place)) for rule in ruled]
    countries = [(wanted.c.rule == rule.id, literal(rule.country)) for rule in ruled]
    place = case(*places, else_=literal(STORE)) if places else literal(STORE)
    country = case((wanted.c.core, literal(home)), *countries, else_=literal(""))
    mine = (Copy.sha256 == wanted.c.sha256, Copy.place.startswith(STORE))
    standing = select(Copy.place).where(*mine, Copy.drop_at.is_(None))
    there = standing.where(Copy.place == place)
    elsewhere = standing.where(Copy.place != place)
    abroad = select(Copy.place).where(*mine, Copy.drop_at > work.clock.now())
    abroad = abroad.where(or_(*_outside(work, country)))
    wrong = [exists(each.correlate(wanted)) for each in (elsewhere, abroad)]
    query = select(wanted.c.sha256, wanted.c.size, place.label("place"), country.label("country"))
    return query.where(or_(~exists(there.correlate(wanted)), *wrong))


def _outside(work: Work, country: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
    """Of a copy: that it lies outside this country."""
    stands = {place: country_of(work.settings, place) for place in each_store(work.store)}
    yield false()
    for bound in {*stands.values()} - {""}:
        outside = [place for place, where in stands.items() if where != bound]
        yield and_(country == bound, Copy.place.in_(outside))


@dataclass(frozen=True)
class Standing:
    """What lies in a store, what of it goes, in contents and bytes."""

    count: int
    size: int
    going: int
    going_size: int


def standing(work: Work) -> Mapping[str, Standing]:
    """By place, for each store that holds something or is in the settings."""
    going = Copy.drop_at.is_not(None)
    query = (
        select(
            Copy.place,
            func.count(),
            func.coalesce(func.sum(Content.size), 0),
            func.count().filter(going),
            func.coalesce(func.sum(Content.size).filter(going), 0),
        )
        .join(Content, Content.sha256 == Copy.sha256)
        .where(Copy.place.startswith(STORE))
        .group_by(Copy.place)
    )
    held = {row[0]: Standing(*map(int, row[1:])) for row in work.session.execute(query)}
    return {place: Standing(0, 0, 0, 0) for place in each_store(work.store)} | held


def left_to_move(work: Work) -> tuple[int, int]:
    """How many contents, and their bytes."""
    if len(each_store(work.store)) == 1:
        return 0, 0
    left = misplaced(work).subquery()
    query = select(func.count(), func.coalesce(func.sum(left.c.size), 0))
    count, size = work.session.execute(query.select_from(left)).one()
    return int(count), int(size)


def add(work: Work, actor: Actor, wish: Wish) -> PlacementRule:
    """A further rule, behind the others; what it moves is moved by a job.

    Raises Forbidden, ValidationFailed.
    """
    _administrators_alone(actor)
    collection = _checked(work, wish)
    there = rules(work)
    if len(there) >= MAX_RULES:
        raise ValidationFailed(TOO_MANY, count=MAX_RULES)
    rule = PlacementRule(
        position=there[-1].position + 1 if there else 1,
        place=wish.place,
        collection_id=collection.id if collection is not None else None,
        min_bytes=wish.min_bytes,
        max_bytes=wish.max_bytes,
        country=wish.country,
        data_class=wish.data_class,
        created_at=work.clock.now(),
    )
    work.session.add(rule)
    work.session.flush()
    audit(work, actor.user_id, "placement.add", "placement_rule", str(rule.id), place=rule.place)
    apply(work)
    return rule


def _checked(work: Work, wish: Wish) -> Collection | None:
    wrong = []
    if wish.place not in each_store(work.store):
        wrong.append(FieldError("/place", NO_STORE))
    elif wish.country and country_of(work.settings, wish.place) != wish.country:
        wrong.append(FieldError("/country", ELSEWHERE))
    elif wish.data_class == DataClass.CORE:
        country = country_of(work.settings, wish.place)
        if is_abroad(work.settings, country):
            wrong.append(FieldError("/place", CORE_ABROAD, {"country": country}))
    if None not in (wish.min_bytes, wish.max_bytes) and wish.min_bytes > wish.max_bytes:  # type: ignore[operator]  # mypy does not see that neither is None
        wrong.append(FieldError("/min_bytes", SIZES))
    named = select(Collection).where(Collection.slug == wish.collection)
    found = work.session.scalar(named) if wish.collection else None
    if wish.collection and found is None:
        wrong.append(FieldError("/collection", NO_COLLECTION))
    if wish.data_class and wish.data_class not in list(CLASSES):
        known = {"known": ", ".join(CLASSES)}
        wrong.append(FieldError("/data_class", UNKNOWN_CLASS, known))
    if wrong:
        raise ValidationFailed(errors=wrong)
    return found


def remove(work: Work, actor: Actor, rule_id: int) -> None:
    """What it had placed goes where the others say, or back. Raises Forbidden, NotFound."""
    rule = _rule(work, actor, rule_id)
    work.session.delete(rule)
    audit(work, actor.user_id, "placement.remove", "placement_rule", str(rule.id), place=rule.place)
    apply(work)


def raise_rule(work: Work, actor: Actor, rule_id: int) -> None:
    """One place further to the front. Raises Forbidden, NotFound."""
    rule = _rule(work, actor, rule_id)
    before = [each for each in rules(work) if each.position < rule.position]
    if before:
        rule.position, before[-1].position = before[-1].position, rule.position
        audit(work, actor.user_id, "placement.raise", "placement_rule", str(rule.id))
        apply(work)


def _rule(work: Work, actor: Actor, rule_id: int) -> PlacementRule:
    _administrators_alone(actor)
    rule = work.session.get(PlacementRule, rule_id)
    if rule is None:
        raise NotFound
    return rule


def apply(work: Work) -> None:
    """Ask for the job that moves what lies wrong; it also comes by itself, every hour."""
    if len(each_store(work.store)) > 1:
        work.enqueue(APPLY, f"periodic:{APPLY}", {})


def _administrators_alone(actor: Actor) -> None:
    if not actor.is_admin:
        raise Forbidden
