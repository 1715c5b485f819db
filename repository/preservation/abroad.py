"""What may not leave the country: core data, by whatever way (see ADR 61).

Home is where the first store stands (REPOSITORY_STORAGE_COUNTRY). A place of which nobody said
where it stands is the operator's own, and at home.
"""

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.settings import Settings
from repository.preservation.rules import Terms
from repository.preservation.sites import Site
from repository.records.data_class import DataClass
from repository.records.models import Draft, File, Version

DATABASE_ABROAD = N_(
    "The site %(site)s stands in %(country)s. Core data must not leave the country, nor the "
    "database that tells of them: keep files alone there, without the database, the configuration "
    "and the audit log. Core data are then left out by themselves."
)


def is_abroad(settings: Settings, country: str) -> bool:
    return bool(settings.storage_country and country and country != settings.storage_country)


def refuse_database(settings: Settings, terms: Terms, site: Site, pointer: str) -> None:
    """Raises ValidationFailed where a policy would keep more than files at a site abroad."""
    if is_abroad(settings, site.country) and not terms.is_partial:
        where = {"site": site.name, "country": site.country}
        wrong = FieldError(pointer, DATABASE_ABROAD, where)
        raise ValidationFailed(
            DATABASE_ABROAD, errors=[wrong], site=site.name, country=site.country
        )


def core_contents() -> Select[tuple[str | None]]:
    """The digests of all bytes that some version, or the draft of one, holds as core data."""
    theirs = aliased(File)
    core = theirs.version_id.in_(_core_versions())
    return select(theirs.sha256).where(core, theirs.sha256.is_not(None))


def holds_no_core() -> ColumnElement[bool]:
    """Of a `Version`: it is not core, and none of its bytes are in one that is."""
    theirs = aliased(File)
    holding = select(theirs.version_id).where(theirs.sha256.in_(core_contents()))
    return Version.id.not_in(_core_versions()) & Version.id.not_in(holding)


def _core_versions() -> Select[tuple[str]]:
    version, draft, core = aliased(Version), aliased(Draft), DataClass.CORE.value
    query = select(version.id).outerjoin(draft, draft.version_id == version.id)
    drafted = draft.access["data_class"].as_string() == core
    return query.where((version.data_class == core) | drafted)
