"""What a backup policy and a site may say."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, ValidationError

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_

NUMBER = N_("Enter a whole number from %(least)s to %(most)s.")
UNKNOWN = N_("Choose one of those that are offered.")
NAME = N_("Use 1 to 40 small letters without accents, digits and hyphens.")
ADDRESS = N_("Give a folder that begins with /, or s3:https://host/bucket/prefix.")
NO_SITE = N_("Choose at least as many sites as copies are promised.")
FILES_ONLY = N_(
    "A policy for some of the files keeps the files alone: leave out the database, the "
    "configuration and the audit log."
)
NOTHING = N_("Only the database makes a whole backup; keep it, or choose some of the files.")
SHORT_LOCK = N_(
    "Lock for at least %(days)s days: a lock is renewed when the copy is checked, and that "
    "happens within so many days."
)
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


class Terms(BaseModel, frozen=True):
    """What is kept, where, how often, how long, and what is promised.

    Hours, days, and how many to keep. RPO is the most work, in hours, that a loss may cost; RTO
    how long, in hours, a restore may take. Both are measured by the drill. `copies` are those
    promised beside the original; without `sites` the default policy takes the one of the settings.
    Without `collections` and `classes` all files are kept, those of drafts too; `public` are files
    that everyone may have, `protected` all others. A policy for some files keeps no database. A
    `grace_days` old backup is never deleted, whatever else is said. A lock is S3's object lock.
    """

    sites: tuple[str, ...] = Field(default=(), max_length=10)
    collections: tuple[str, ...] = Field(default=(), max_length=100)
    classes: tuple[Literal["public", "protected"], ...] = ()
    database: bool = True
    configuration: bool = True
    audit_log: bool = False
    copies: int = Field(default=1, ge=1, le=10)
    every_hours: int = Field(default=24, ge=1, le=8760)
    keep_daily: int = Field(default=7, ge=0, le=366)
    keep_weekly: int = Field(default=5, ge=0, le=520)
    keep_monthly: int = Field(default=12, ge=0, le=1200)
    keep_yearly: int = Field(default=10, ge=0, le=100)
    grace_days: int = Field(default=7, ge=0, le=3650)
    lock_mode: Literal["", "GOVERNANCE", "COMPLIANCE"] = ""
    lock_days: int = Field(default=0, ge=0, le=36500)
    fixity_days: int = Field(default=90, ge=1, le=3650)
    rpo_hours: int = Field(default=26, ge=1, le=8760)
    rto_hours: int = Field(default=8, ge=1, le=8760)
    drill_days: int = Field(default=30, ge=1, le=3650)

    @property
    def is_partial(self) -> bool:
        """Whether some files are left out."""
        return bool(self.collections or self.classes)


NUMBERS = tuple(name for name, field in Terms.model_fields.items() if field.annotation is int)
SWITCHES = tuple(name for name, field in Terms.model_fields.items() if field.annotation is bool)
LISTS = ("sites", "collections", "classes")


def limits(name: str) -> tuple[int, int]:
    """The least and the most that a number among the terms may be."""
    told = Terms.model_json_schema()["properties"][name]
    return told["minimum"], told["maximum"]


def parse_terms(given: Mapping[str, Any]) -> Terms:
    """Terms from a form or a command. Raises ValidationFailed with a pointer for each wrong one."""
    try:
        terms = Terms.model_validate({name: given.get(name, "") for name in Terms.model_fields})
    except ValidationError as error:
        raise ValidationFailed(errors=list(_field_errors(error))) from error
    if errors := list(_contradictions(terms)):
        raise ValidationFailed(errors=errors)
    return terms


def _field_errors(error: ValidationError) -> Iterator[FieldError]:
    for wrong in error.errors():
        name = str(wrong["loc"][0])
        if name in NUMBERS:
            least, most = limits(name)
            yield FieldError(f"/{name}", NUMBER, {"least": least, "most": most})
        else:
            yield FieldError(f"/{name}", UNKNOWN)


def _contradictions(terms: Terms) -> Iterator[FieldError]:
    if terms.sites and len(set(terms.sites)) < terms.copies:
        yield FieldError("/copies", NO_SITE)
    if terms.is_partial and (terms.database or terms.configuration or terms.audit_log):
        yield FieldError("/database", FILES_ONLY)
    if not terms.is_partial and not terms.database:
        yield FieldError("/database", NOTHING)
    if terms.lock_mode and terms.lock_days < terms.fixity_days:
        yield FieldError("/lock_days", SHORT_LOCK, {"days": terms.fixity_days})


def checked_name(name: str, pointer: str = "/name") -> str:
    """The name of a policy or site. Raises ValidationFailed."""
    if not _NAME.fullmatch(name):
        raise ValidationFailed(errors=[FieldError(pointer, NAME)])
    return name


@dataclass(frozen=True)
class Bucket:
    """Where in an S3 store."""

    endpoint: str
    bucket: str
    prefix: str
    secure: bool


def bucket_of(address: str) -> Bucket | None:
    """The parts of `s3:https://host[:port]/bucket[/prefix]`; None for a folder.

    Raises ValidationFailed where it is neither.
    """
    if address.startswith("/"):
        return None
    told = urlsplit(address.removeprefix("s3:"))
    bucket, _slash, prefix = told.path.strip("/").partition("/")
    well_formed = address.startswith("s3:") and told.scheme in ("http", "https")
    if not (well_formed and told.hostname and bucket) or told.username or told.query:
        raise ValidationFailed(errors=[FieldError("/address", ADDRESS)])
    return Bucket(told.netloc, bucket, prefix, told.scheme == "https")
